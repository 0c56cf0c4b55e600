"""decide: what people have decided about identities, carried out in the order of the log."""

from collections.abc import Sequence
from typing import Final

import structlog

from headwater.aggregation import decisions, tables
from headwater.aggregation.changes import Change
from headwater.aggregation.tables import ExternalId
from headwater.aggregation.unmerge import RefusedError, unmerge
from headwater.flow import Context, Effects, Stage, bury_request
from headwater.flowing import Arrival

logger = structlog.get_logger()


def decide(arrivals: Sequence[Arrival], context: Context, effects: Effects) -> list[Change]:
    changes: list[Change] = []
    for arrival in arrivals:
        request = arrival.request
        if request.call == decisions.RELEASE:
            _release(decisions.decode_release(request.body), effects)
            continue
        decision = decisions.decode_unmerge(request.body)
        try:
            found = unmerge(decision, arrival, context, effects)
        except RefusedError as error:
            effects.identity["unmerge_refused"] += 1
            logger.warning("unmerge_refused", profile=decision.profile, other=decision.other, why=str(error))
            continue
        for change in found:
            change.offset = arrival.offset
        changes += found
    return changes


def _release(decision: decisions.Release, effects: Effects) -> None:
    """An id that was quarantined counts again; the conflicts that it had are forgotten."""
    key = tables.identity_key(decision.collection, ExternalId(decision.type, decision.value))
    (row,) = effects.read(tables.CONFLICTS, [key])
    if row is not None and tables.decode_conflict(row).quarantined_ms:
        effects.change(tables.CONFLICTS)[key] = None
        effects.identity["released"] += 1


STAGE: Final = Stage("decide", decide, bury_request("decide"))
