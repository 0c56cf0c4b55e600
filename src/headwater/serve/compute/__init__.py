"""Traits and audiences over HTTP: what they are, who is in them, what a new one would be."""
