"""Sync planning: what destinations are told about computed traits and audiences.

    paths         the decision table: which external ids of a profile a destination is told about a change
    facts         what the table asks about a change
    ids           the external ids of a profile, and choices among them
    connections   who wants to hear of a definition, and which flags are on
    groups        destinations with the same ids and the same message share it
    messages      the calls themselves
    planner       all of that for one change after the other
    fan_out       what is too much for one commit, and goes on in later ones
    first_sync    destinations that are connected later
    shadow        the other way to decide, compared with the one that counts

Everything here is a function of changes and state. The page for people: docs/reference/sync.md.
"""
