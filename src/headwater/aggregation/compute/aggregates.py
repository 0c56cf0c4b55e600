"""Which unit computes an aggregate or a sequence."""

from headwater.aggregation.compute.predicates import Predicates
from headwater.aggregation.compute.reducers import reducer_of
from headwater.aggregation.compute.rescanned import RescannedAggregate, RescannedSequence
from headwater.aggregation.compute.units import Unit
from headwater.definitions import ast


def aggregate_unit(id_: str, node: ast.Aggregate, predicates: Predicates) -> Unit:
    events = predicates.events(node.events)
    return RescannedAggregate(id_, events, predicates.needs, reducer_of(node), node.window)


def sequence_unit(id_: str, node: ast.Sequence, predicates: Predicates) -> Unit:
    steps = [predicates.events(step) for step in node.steps]
    return RescannedSequence(id_, steps, predicates.needs, node.within_ms)
