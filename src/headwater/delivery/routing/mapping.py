"""Step 10: an event as one mapping makes it, for one action: the payload, resolved and checked."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from headwater.config.destinations import BatchBounds
from headwater.destinations import mappings
from headwater.destinations.kit.model import Action, Batch, Item, Rejected
from headwater.event import OutboundEvent
from headwater.mapping.errors import MappingError, PayloadError
from headwater.mapping.kit import compile_mapping
from headwater.mapping.payload import checker

logger = structlog.get_logger()

REASON: Final = "PAYLOAD_VALIDATION_FAILED"
BROKEN: Final = Rejected("INTERNAL", "the mapping broke off inside Headwater", sent=False)

_NOTHING: Final[dict[str, Any]] = {}

_decode = msgspec.json.Decoder().decode


class Routed(msgspec.Struct, frozen=True, gc=False):
    """What one mapping makes of an event."""

    mapping: str
    action: Action[Any]
    item: Item | Rejected


class Definition(NamedTuple):
    """A mapping of the workspace, or a preset."""

    name: str
    action: Action[Any]
    trigger: str
    mapping: dict[str, Any]
    batch: BatchBounds


class Mapped:
    """One mapping, compiled."""

    __slots__ = ("_check", "_resolve", "_suffix", "action", "name", "needs_payload", "trigger")

    def __init__(self, definition: Definition, *, is_alone: bool) -> None:
        """`is_alone`: whether its destination has no other, so that message ids tell all items apart. MappingError
        when the mapping is none.
        """
        self.name = definition.name
        self.action = definition.action
        self.trigger = definition.trigger
        self.needs_payload = not definition.action.whole_event
        self._suffix = "" if is_alone else "-" + blake2b(definition.name.encode(), digest_size=4).hexdigest()
        self._resolve: Callable[[dict[str, Any]], Any] = lambda _: {}
        self._check: Callable[[dict[str, Any]], dict[str, Any]] = lambda payload: payload
        if self.needs_payload:
            meant = mappings.laid_over(definition.action.fields, definition.mapping)
            self._resolve = compile_mapping(meant).resolve
            self._check = checker(definition.action.fields)

    def of(self, event: OutboundEvent, payload: dict[str, Any]) -> Routed:
        """`payload`: the whole event; empty if it is not needed. Raises nothing: a mapping that fails harms only
        itself.
        """
        key = event.message_id + self._suffix
        if not self.needs_payload:
            return Routed(self.name, self.action, Item(event, _NOTHING, key))
        item: Item | Rejected
        try:
            item = Item(event, self._check(self._resolve(payload)), key)
        except (MappingError, PayloadError) as error:
            item = Rejected(REASON, str(error), sent=False)
        except Exception as error:
            logger.error("mapping_broke", mapping=self.name, error=type(error).__name__)
            item = BROKEN
        return Routed(self.name, self.action, item)


def narrowed(batch: Batch | None, bounds: BatchBounds) -> Batch | None:
    """The batch of an action within a mapping's own bounds, which never widen it, except for waiting.

    >>> narrowed(Batch(items_max=100, bytes_max=1_000), BatchBounds(items_max=500, wait_s=2.0))
    ... # doctest: +ELLIPSIS
    Batch(items_max=100, bytes_max=1000, wait_s=2.0, key=<function _one_group at 0x...>, person_order=True)
    """
    if batch is None or bounds == BatchBounds():
        return batch
    return replace(
        batch,
        items_max=min(batch.items_max, bounds.items_max or batch.items_max),
        bytes_max=min(batch.bytes_max, bounds.bytes_max or batch.bytes_max),
        wait_s=batch.wait_s if bounds.wait_s is None else bounds.wait_s,
    )


def payload_of(event: OutboundEvent) -> dict[str, Any]:
    """msgspec.MsgspecError or RecursionError when it cannot be read."""
    payload: dict[str, Any] = _decode(event.body)
    return payload
