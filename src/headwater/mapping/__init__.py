"""Mappings: what a destination's action is given of an event, written as data (spec 2.9)."""
