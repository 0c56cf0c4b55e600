"""Where a regulation stands, in words: what each system says, made into a sentence or two."""

from collections.abc import Sequence
from typing import Final

from headwater.event import instant
from headwater.privacy.regulation import (
    DELIVERY,
    DESTINATION,
    LAKE,
    LOGS,
    PROCESSING,
    SENDING,
    STATE,
    Overall,
    Receipt,
    Regulation,
    Status,
)

_SHARES: Final = {Status.REQUESTED: 0.0, Status.RUNNING: 0.3, Status.DONE: 0.7}
"""Of one system; what is final has all of it."""

_WORDS: Final = {
    PROCESSING: "the pipeline",
    SENDING: "delivery",
    STATE: "profiles and working data",
    LAKE: "the lake",
    DELIVERY: "waiting deliveries",
    LOGS: "the logs",
}


def progress(regulation: Regulation) -> float:
    shares = [1.0 if each.status.is_final else _SHARES[each.status] for each in regulation.receipts]
    return round(sum(shares) / len(shares), 2) if shares else 1.0


def summary(regulation: Regulation) -> str:
    receipts = regulation.receipts
    bad = [each for each in receipts if each.status in {Status.FAILED, Status.NOT_SUPPORTED}]
    if regulation.finished_at_ms is not None:
        return _ended(regulation, bad)
    if regulation.overall is Overall.INITIALIZED:
        return "Waiting to start."
    open_ = [each for each in receipts if not each.status.is_final]
    if [each.system for each in open_] == [LOGS]:
        text = "Deleted everywhere but in the logs, which expire by age" + _gone_by(open_[0]) + "."
    else:
        done = len(receipts) - len(open_)
        waiting = _listed([system_words(each.system) for each in open_ if each.system != LOGS])
        text = f"{done} of {len(receipts)} systems are done; in progress: {waiting}."
    return f"{text} {_refused(bad)}".strip()


def system_words(system: str) -> str:
    """What a system is called in a sentence.

    >>> system_words("lake"), system_words("destination:crm")
    ('the lake', 'the destination crm')
    """
    if system.startswith(DESTINATION):
        return f"the destination {system.removeprefix(DESTINATION)}"
    return _WORDS.get(system, system)


def _ended(regulation: Regulation, bad: Sequence[Receipt]) -> str:
    if bad:
        return f"Completed with problems. {_refused(bad)}"
    type_ = regulation.type
    if not type_.deletes:
        verb = "rejected" if type_.suppresses else "collected again"
        return f"In effect: new events of these users are {verb}."
    also = ", and new events are rejected" if type_.suppresses else ""
    return f"All data is deleted and verified{also}."


def _refused(bad: Sequence[Receipt]) -> str:
    return " ".join(f"{_capital(system_words(each.system))}: {each.detail}." for each in bad)


def _gone_by(logs: Receipt) -> str:
    at_ms = logs.counts.get("gone_by_ms")
    return f", by {instant(at_ms)[:16].replace('T', ' ')} UTC at the latest" if at_ms else ""


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nobody"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
