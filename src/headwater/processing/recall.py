"""recall: what people have decided about dead letters, carried out in the order of the log.

A decision is a record of the collected log like any request, so it is durable when it is answered, waits while
no pipeline runs, and takes effect in the same commit as its position. A *replay* is the request again with the
one event that was set aside; it names the letter, and the commit that processes it takes the letter off the
shelf. So a letter that is replayed twice, or by two people, gives its event once: the second finds nothing to
take. A *discard* names the letters that go. Nothing that comes over the network can be either: collection sets
neither the call nor `replayed`, and this stage looks at nothing else.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from headwater.flow import Context, Effects, Stage, bury_request
from headwater.flowing import Arrival
from headwater.processing import dead_letters
from headwater.processing.again import Again
from headwater.processing.replay import Replay

REPLAYED: Final = "replayed"
DISCARDED: Final = "discarded"
GONE: Final = "dead_letter_gone"
"""The outcome of a replay whose letter was replayed or discarded before, or had to make room."""

SENT_AGAIN: Final = "sent_again"
"""Events of the lake that a replay has brought back."""

_decode_places = msgspec.json.Decoder(list[tuple[int, int]]).decode


def recall(arrivals: Sequence[Arrival], context: Context, effects: Effects) -> list[Arrival]:
    del context
    return [arrival for arrival in arrivals if not arrival.request.replayed or _is_to_pass(arrival, effects)]


def _is_to_pass(arrival: Arrival, effects: Effects) -> bool:
    request = arrival.request
    if Again.of(request):
        effects.counts[request.source, SENT_AGAIN] += 1
        return True
    replay = Replay.of(request)
    if replay is None:
        for place in _decode_places(request.body):
            letter = dead_letters.take(place, effects, DISCARDED, request.received_at_ms)
            if letter:
                effects.counts[letter.source, DISCARDED] += letter.events
        return False
    letter = dead_letters.take((replay.offset, replay.index), effects, REPLAYED, replay.at_ms)
    effects.counts[request.source, REPLAYED if letter else GONE] += request.events
    return letter is not None


STAGE: Final = Stage("recall", recall, bury_request("recall"), quiet="came from outside")
