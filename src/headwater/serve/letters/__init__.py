"""Dead letters over HTTP: what waits for a decision, why, and the decisions."""
