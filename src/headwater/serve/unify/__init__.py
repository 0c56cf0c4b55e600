"""Profiles, identities and privacy requests over HTTP."""
