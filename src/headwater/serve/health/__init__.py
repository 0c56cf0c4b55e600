"""How the platform is doing: status, overview, what needs attention."""
