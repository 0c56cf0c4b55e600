"""The Profile API of Segment (spec 4.4): traits, external ids, events, metadata and links of one profile."""
