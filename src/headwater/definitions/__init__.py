"""Definitions: what a trait or an audience is, as a value. Two notations are read into one syntax tree (`ast`):
the YAML tree of the workspace file and Segment's query language; either can be printed from it. What a definition
is of a person is computed live (aggregation/compute) and in SQL (`sql`), from the same tree.
"""
