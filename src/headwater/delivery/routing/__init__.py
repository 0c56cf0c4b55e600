"""Whether an event is for a destination, and as what: steps 4 to 10 of spec 2.1, a module each, in this order:

    consent ─▶ integrations ─▶ filters ─▶ transformations ─▶ triggers ─▶ mapping, validation

`route.Route` strings them together. Everything here is pure and compiled once for a destination of a workspace
version. Each attempt goes this way anew: what is stored is the event as it left the pipeline, and a rule that is
tightened holds for what waits as well. So every decision, that of a sample too, must be the same each time.
"""
