"""One destination's settings, bound to its type and to what carries calls: what makes pieces of an event, and
outcomes of pieces.

*A refused batch* is asked again in halves when the destination refuses it whole (400, 413, 422), or when no
request could be made of it: in the end the item at fault stands alone, and harms only itself. It costs at most two
requests per item, in the place of the batch, and keeps the order.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Hashable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from headwater.config.secrets import hidden, values
from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination
from headwater.delivery import metrics
from headwater.delivery.access import Tokens
from headwater.delivery.conversation import UNBUILT, Spoken, converse
from headwater.delivery.masking import Mask
from headwater.delivery.pacer import Pacer
from headwater.delivery.parcel import Group, Parcel, Piece, Result
from headwater.delivery.queue import SINGLE, Bounds
from headwater.delivery.routing.mapping import Routed
from headwater.delivery.routing.route import NO_MATCHING_MAPPING, Route
from headwater.delivery.transports.carrier import Carrier
from headwater.destinations import registry
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Call,
    Delivered,
    Exchange,
    Failure,
    Filtered,
    Item,
    Outcome,
    Rejected,
    Response,
)
from headwater.destinations.kit.outcome import MESSAGE_CHARS_MAX, failed
from headwater.errors import ConfigError, Problem
from headwater.event import OutboundEvent

logger = structlog.get_logger()

HELD_FOR_PRIVACY: Final = {"suppressed": "SUPPRESSED", "deleted": "DELETED"}

NOBODYS_FAULT: Final = frozenset({"401", "403", "404", "INVALID_SETTINGS"})
"""Reasons that no item is the cause of."""

REFUSED_WHOLE: Final = (400, 413, 422)
"""Statuses of which one item may be the cause."""


class Sender:
    def __init__(
        self,
        destination: Destination,
        carrier: Carrier,
        transformations: tuple[Transformation, ...] = (),
        *,
        why_not: Callable[[OutboundEvent], str] = lambda _: "",
    ) -> None:
        """`transformations`: the destination's own, in order. `why_not`: a reason for which an event must go to
        nobody, else empty; asked at every attempt. ConfigError when the settings are not those of a
        known type, or what is configured cannot be compiled (another version stored it).
        """
        type_ = registry.get(destination.type)
        problems = registry.validate_settings(destination.type, destination.settings)
        if type_ is None or problems:
            raise ConfigError(problems or [Problem("unknown type", "type")])
        settings = msgspec.convert(destination.settings, type_.settings)
        self.pacer = Pacer(destination.pace.per_s or type_.pace.per_s)
        self.metrics = metrics.DestinationMetrics(destination.name)
        self.places_max = destination.pace.concurrency or type_.pace.concurrency
        self.is_strict = type_.strict_order if destination.strict_order is None else destination.strict_order
        self.mask = Mask(values(hidden(destination.settings, registry.secret_names(destination.type))))
        self._name = destination.name
        self._loop = asyncio.get_running_loop()
        self._route = Route(destination, type_, settings, transformations)
        self._performs = {action.name: action.perform(settings) for action in type_.actions}
        self._bounds: dict[str, Bounds] = {}
        """By mapping."""
        self._groups: dict[tuple[str, str], Group] = {}
        self._deletions = type_.deletions(settings) if type_.deletions else None
        self._tokens = Tokens(type_.access, settings, self._send) if type_.access else None
        self._why_not = why_not
        self._carrier = carrier

    # --- pieces -------------------------------------------------------------------------------------------

    def pack(self, parcel: Parcel, only: Collection[str] = ()) -> list[Piece]:
        """The pieces of an event, of these mappings (none: of all it matches). What will not be sent is a result
        of the parcel.
        """
        routed: Filtered | Rejected | list[Routed]
        try:
            routed = self._route.of(parcel.event)
        except Exception as error:  # one event that no step expected must not hold up all that come behind it
            logger.error("event_not_routed", destination=self._name, error=type(error).__name__)
            routed = UNBUILT
        if not isinstance(routed, list):
            parcel.results.append(Result("", routed))
            return []
        pieces = []
        for each in routed:
            mapping, item = each.mapping, each.item
            if only and mapping not in only:
                continue
            if isinstance(item, Rejected):
                parcel.results.append(Result(mapping, item))
                continue
            try:
                pieces.append(self._piece(parcel, mapping, each.action, item))
            except Exception as error:  # a batch key of a type that did not expect this payload
                logger.error("event_not_packed", destination=self._name, error=type(error).__name__)
                parcel.results.append(Result(mapping, UNBUILT))
        parcel.unfinished += len(pieces)
        if not parcel.unfinished and not parcel.results:
            parcel.results.append(Result("", NO_MATCHING_MAPPING))
        return pieces

    def _piece(self, parcel: Parcel, mapping: str, action: Action[Any], item: Item) -> Piece:
        batch = self._route.batches[mapping]
        if batch is None:
            return Piece(parcel, mapping, action, item, self._group(parcel, mapping, None), 0)
        size_bytes = len(item.event.body) if action.whole_event else len(_encode(item.payload))
        group = self._group(parcel, mapping, batch.key(item.payload))
        return Piece(parcel, mapping, action, item, group, size_bytes)

    def _group(self, parcel: Parcel, mapping: str, key: Hashable) -> Group:
        """Made once, but for keys of batches, of which there may be any number."""
        if key is not None:
            return Group(parcel.event.source, mapping, key)
        known = parcel.event.source, mapping
        group = self._groups.get(known)
        if group is None:
            group = self._groups[known] = Group(*known, None)
        return group

    def bounds(self, piece: Piece) -> Bounds:
        """How much a request of its mapping may carry."""
        found = self._bounds.get(piece.mapping)
        if found is None:
            batch = self._route.batches[piece.mapping]
            found = Bounds(batch.items_max, batch.bytes_max, batch.wait_s, batch.person_order) if batch else SINGLE
            self._bounds[piece.mapping] = found
        return found

    # --- attempts -----------------------------------------------------------------------------------------

    async def attempt(self, pieces: Sequence[Piece], number: int = 1) -> list[Result]:
        """One attempt of pieces of one group, and what each has come to. Raises nothing but cancellation. Whoever
        begins it has told the pacer of one request.
        """
        held_back = [self._why_not(piece.parcel.event) for piece in pieces]
        if not any(held_back):
            return await self._perform(pieces, number)
        left = iter(await self._perform([p for p, why in zip(pieces, held_back, strict=True) if not why], number))
        return [
            Result(piece.mapping, Filtered(HELD_FOR_PRIVACY[why], f"its user was {why}")) if why else next(left)
            for piece, why in zip(pieces, held_back, strict=True)
        ]

    async def delete(self, deletion: Deletion) -> Outcome:
        """Ask every address the destination has to forget a user."""
        deletions = self._deletions
        if deletions is None:
            return Rejected("NOT_SUPPORTED", "destinations of this type cannot be asked to delete", sent=False)
        spoken = await self._authorised(lambda attempt: deletions(deletion, attempt), 1, 1)
        return spoken.outcomes[0]

    async def _perform(self, pieces: Sequence[Piece], number: int, *, paid: int = 1) -> list[Result]:
        """`paid`: requests that whoever began this attempt has told the pacer of."""
        if not pieces:
            return []
        perform = self._performs[pieces[0].action.name]
        items = [piece.item for piece in pieces]
        spoken = await self._authorised(lambda attempt: perform(items, attempt), len(items), number)
        self.pacer.made(self._loop.time(), len(spoken.talk) - paid)
        if len(pieces) > 1 and _is_refused_whole(spoken):
            self.metrics.bisected.inc()
            middle = len(pieces) // 2
            first = await self._perform(pieces[:middle], number, paid=0)
            return first + await self._perform(pieces[middle:], number, paid=0)
        results: list[Result] = []
        last: Outcome | None = None
        for outcome in spoken.outcomes:  # mostly the same one for all
            if outcome is not last:
                last, result = outcome, Result(pieces[0].mapping, self._masked(outcome), spoken.talk)
            results.append(result)
        return results

    def _masked(self, outcome: Outcome) -> Outcome:
        """An endpoint may quote what it was sent; its words are stored and shown."""
        if isinstance(outcome, Delivered) or not outcome.message:
            return outcome
        is_cut = len(outcome.message) >= MESSAGE_CHARS_MAX
        return outcome._replace(message=self.mask.text(outcome.message, is_cut=is_cut))

    async def _authorised(self, exchange: Callable[[Attempt], Exchange], items: int, number: int) -> Spoken:
        """With a token, if the type needs one; once more with a new one when that is refused."""
        if self._tokens is None:
            return await self._converse(lambda: exchange(Attempt(time.time(), number)), items)
        for attempt in range(2):
            token = await self._tokens.token()
            if isinstance(token, Failure):
                return Spoken([failed(token)] * items, ())
            self.mask.learn(token)
            given = Attempt(time.time(), number, token)
            spoken = await self._converse(partial(exchange, given), items)
            if attempt or not spoken.was_answered(401) or any(isinstance(o, Delivered) for o in spoken.outcomes):
                break
            self._tokens.refused(token)
        return spoken

    async def _converse(self, begin: Callable[[], Exchange], items: int) -> Spoken:
        return await converse(begin, items, self._send, name=self._name)

    async def _send(self, call: Call) -> Answer:
        answer = await self._carrier.send(call)
        if isinstance(answer, Response) and self.pacer.heard(answer, self._loop.time()):
            self.metrics.pauses.inc()
        return answer


_encode = msgspec.json.Encoder().encode


def _is_refused_whole(spoken: Spoken) -> bool:
    # By what the type made of it, too: some say with a 400 that a key is wrong or a place is not there.
    if not all(isinstance(of, Rejected) and of.reason not in NOBODYS_FAULT for of in spoken.outcomes):
        return False
    return not spoken.talk or any(map(spoken.was_answered, REFUSED_WHOLE))
