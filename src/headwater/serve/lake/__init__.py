"""The lake asked over HTTP."""
