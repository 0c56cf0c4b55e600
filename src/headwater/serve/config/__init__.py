"""The workspace over HTTP: whole, by version, and each of its parts."""
