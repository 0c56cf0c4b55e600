"""Versioned rules that change events: compiled once per workspace version, applied to an event opened as a draft.

The pipeline applies those of a source before the lake, delivery those of a destination to what it is to send.
"""
