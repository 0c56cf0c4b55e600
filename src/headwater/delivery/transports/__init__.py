"""How calls travel: a module per kind of place, none of them imported before something is sent there."""
