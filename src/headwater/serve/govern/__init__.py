"""Tracking plans and transformations over HTTP, and what they would do with what really came."""
