"""A dead letter of either kind, of a stage or of delivery, as one: its id, its time, and what it is about."""

from typing import Final

import msgspec

from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.flow import DeadLetter
from headwater.processing import dead_letters

DELIVERY: Final = "delivery"
"""The stage of letters that delivery has set aside, and how their ids begin."""

Letter = DeadLetter | Undelivered


def letter_id(letter: Letter) -> str:
    """`<offset>.<index>` in the collected log, or `delivery-<number>`."""
    if isinstance(letter, Undelivered):
        return f"{DELIVERY}-{letter.id}"
    return f"{letter.offset}.{letter.index}"


def place_of(letter_id: str) -> tuple[int, int] | int | None:
    """The other way round; None: no id of ours."""
    kind, _, number = letter_id.rpartition(f"{DELIVERY}-")
    offset, _, index = letter_id.partition(".")
    try:
        if number != letter_id and not kind:
            return int(number) if 0 <= int(number) < 1 << 63 else None
        place = int(offset), int(index)
    except ValueError:
        return None
    return place if 0 <= place[0] < 1 << 63 and -1 <= place[1] < 1 << 31 else None


def at_ms(letter: Letter) -> int:
    """When it died; for a letter of a stage, when it was received, which is a moment before."""
    return letter.died_at_ms if isinstance(letter, Undelivered) else letter.received_at_ms


class About(msgspec.Struct, gc=False):
    """What an event is, as far as it can be read."""

    type: str = ""
    event: str = ""
    name: str = ""

    @property
    def called(self) -> str:
        return self.event or self.name


NOBODY: Final = About()

_decode_about = msgspec.json.Decoder(About).decode


def about(letter: Letter) -> About:
    """Nothing of a whole request: it may have been a batch."""
    if isinstance(letter, Undelivered):
        return About(letter.event.type, letter.event.event or "", letter.event.name or "")
    if letter.index < 0:
        return NOBODY
    try:
        found = _decode_about(letter.payload)
    except (msgspec.MsgspecError, RecursionError):  # that is why it is here
        return NOBODY
    return found if found.type else msgspec.structs.replace(found, type=_call(letter))


def _call(letter: DeadLetter) -> str:
    return "" if letter.call == "batch" else letter.call


def sent(letter: Letter) -> bytes:
    """The JSON that was sent; of a letter of delivery, the event as it was accepted."""
    return letter.event.body if isinstance(letter, Undelivered) else dead_letters.sent(letter)
