"""Who may use the private port, who they are, and what they have done."""
