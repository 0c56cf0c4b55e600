"""Events over HTTP: as they arrive, the newest, how many, what became of one, and what their sources send."""
