"""Which unit computes an aggregate or a sequence."""

from headwater.aggregation.compute.funnels import Funnel
from headwater.aggregation.compute.predicates import Events, Needs, Predicates
from headwater.aggregation.compute.reducers import Count, Extreme, Outermost, Tally, Total, reducer_of
from headwater.aggregation.compute.rescanned import RescannedAggregate, RescannedSequence
from headwater.aggregation.compute.running import Running, RunningTally, RunningTotal
from headwater.aggregation.compute.sequences import BoundedSequence, UnboundedSequence
from headwater.aggregation.compute.sessions import SessionAggregate
from headwater.aggregation.compute.units import Unit
from headwater.aggregation.compute.windowed import (
    WindowedCount,
    WindowedExtreme,
    WindowedFirst,
    WindowedLast,
    WindowedTally,
    WindowedTotal,
)
from headwater.definitions import ast


def aggregate_unit(id_: str, node: ast.Aggregate, predicates: Predicates) -> Unit:
    events = predicates.events(node.events)
    needs, window = predicates.needs, node.window
    reducer = reducer_of(node)
    if needs.is_timed:
        return RescannedAggregate(id_, events, needs, reducer, window)
    if needs.followers:
        if isinstance(reducer, Count | Total) and not isinstance(window, ast.Session):
            return Funnel(events, needs, _total(id_, events, needs, reducer, window))
        return RescannedAggregate(id_, events, needs, reducer, window)
    if isinstance(window, ast.Session):
        if isinstance(reducer, Tally):
            return RescannedAggregate(id_, events, needs, reducer, window)
        return SessionAggregate(id_, events, needs, window.gap_ms, reducer)
    if isinstance(reducer, Count | Total):
        return _total(id_, events, needs, reducer, window)
    if window is not None:
        return _windowed(id_, events, needs, reducer, window)
    if isinstance(reducer, Tally):
        return RunningTally(id_, events, needs, reducer)
    return Running(id_, events, needs, reducer)


def _total(
    id_: str, events: Events, needs: Needs, reducer: Count | Total, window: ast.Window | None
) -> RunningTotal | WindowedTotal:
    if window is None:
        return RunningTotal(id_, events, needs, reducer)
    kind = WindowedCount if isinstance(reducer, Count) else WindowedTotal
    return kind(id_, events, needs, window, reducer)


def _windowed(
    id_: str, events: Events, needs: Needs, reducer: Extreme | Outermost | Tally, window: ast.Window
) -> Unit:
    match reducer:
        case Extreme():
            return WindowedExtreme(id_, events, needs, window, reducer)
        case Tally():
            return WindowedTally(id_, events, needs, window, reducer)
        case Outermost(is_last=True):
            return WindowedLast(id_, events, needs, window, reducer)
        case Outermost():
            return WindowedFirst(id_, events, needs, window, reducer)


def sequence_unit(id_: str, node: ast.Sequence, predicates: Predicates) -> Unit:
    steps = [predicates.events(step) for step in node.steps]
    needs = predicates.needs
    if not needs.is_local:
        return RescannedSequence(id_, steps, needs, node.within_ms)
    if node.within_ms is None:
        return UnboundedSequence(id_, steps, needs)
    return BoundedSequence(id_, steps, needs, node.within_ms)
