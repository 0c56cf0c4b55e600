"""Reading answers: what an endpoint says in JSON, in whose words, and about which item."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from headwater.destinations.kit.exchange import ask_all
from headwater.destinations.kit.model import (
    Answer,
    Delivered,
    Exchange,
    Item,
    Outcome,
    Rejected,
    Request,
    Response,
    RetryLater,
)
from headwater.destinations.kit.outcome import MESSAGE_CHARS_MAX, http_outcome

_BLAMED = {"BAD_REQUEST", "422"}
"""Refusals of a batch that may be the fault of one item in it."""


ISOLATION_REQUESTS_MAX = 64
"""To find the bad items of a batch; about ten in a batch of 100. What is not settled then is tried again later."""
_AT_ONCE = 4


def json_of(answer: Answer) -> dict[str, Any]:
    """The JSON object that was answered; empty if it was none."""
    if not isinstance(answer, Response):
        return {}
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that should hold nothing else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts of a list that should hold nothing else."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def explained(outcome: Outcome, message: Any) -> Outcome:
    """With the endpoint's own words, if it had any."""
    if isinstance(outcome, Delivered) or not isinstance(message, str) or not message:
        return outcome
    return outcome._replace(message=message[:MESSAGE_CHARS_MAX])


def each(items: Sequence[Any], named: Mapping[int, Outcome], others: Outcome) -> list[Outcome]:
    """An outcome for each: those that were named by their index, and the others."""
    return [named.get(index, others) for index in range(len(items))]


def unsent(message: str, reason: str = "MESSAGE_REJECTED") -> Rejected:
    """We know that it would be refused, so nobody is asked."""
    return Rejected(reason, message, sent=False)


def besides(
    items: Sequence[Item], refused: Mapping[int, Outcome], ask_rest: Callable[[list[Item]], Exchange]
) -> Exchange:
    """Those that we know would be refused, by index, take no part; the others are asked with, if there are any."""
    rest = [index for index in range(len(items)) if index not in refused]
    outcomes = (yield from ask_rest([items[index] for index in rest])) if rest else []
    results = {**dict(zip(rest, outcomes, strict=True)), **refused}
    return [results[index] for index in range(len(items))]


Blame = Callable[[Answer, Sequence[Item]], Mapping[int, Outcome]]
"""From a refusal, and the items that were asked with, to those at fault, by index."""


def nobody(_answer: Answer, _items: Sequence[Item]) -> Mapping[int, Outcome]:
    return {}


def isolated(
    items: Sequence[Item],
    build: Callable[[Sequence[Item]], Request],
    *,
    blame: Blame = nobody,
    outcome: Callable[[Answer], Outcome] = http_outcome,
) -> Exchange:
    """Of a destination that refuses a batch whole because of one item: the rest is asked again without those at
    fault, or in halves until they are found if it does not name them. One bad item in n costs 2 log₂ n requests.

    The smallest parts go first, so that also of a batch that is bad throughout each attempt settles some.
    """
    results: dict[int, Outcome] = {}
    waiting = [(list(range(len(items))), Rejected("BAD_REQUEST"))]
    asked = 0
    while waiting and asked < ISOLATION_REQUESTS_MAX:
        parts = [part for part, _ in waiting[-_AT_ONCE:]]
        del waiting[-_AT_ONCE:]
        asked += len(parts)
        answers = yield from ask_all([build([items[index] for index in part]) for part in parts])
        for part, answer in zip(parts, answers, strict=True):
            verdict = outcome(answer)
            if not isinstance(verdict, Rejected) or verdict.reason not in _BLAMED or len(part) == 1:
                results |= dict.fromkeys(part, verdict)
                continue
            named = blame(answer, [items[index] for index in part])
            results |= {part[index]: why for index, why in named.items()}
            rest = [index for index in part if index not in results]
            half = len(rest) if named else len(rest) // 2
            waiting += [(of, verdict) for of in (rest[:half], rest[half:]) if of]
    for part, refusal in waiting:
        results |= dict.fromkeys(part, RetryLater(refusal.reason, refusal.message))
    return [results[index] for index in range(len(items))]
