"""Destinations over HTTP: their types, what they get, receipts, replays."""
