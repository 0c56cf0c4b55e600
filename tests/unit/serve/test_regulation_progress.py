"""Where a privacy request stands, in words."""

import pytest

from headwater.privacy.regulation import Receipt, Regulation, RegulationType, Status
from headwater.serve.unify.regulation_progress import progress, summary


def regulation(type_: RegulationType = RegulationType.DELETE_ONLY, **systems: Status) -> Regulation:
    """`logs` are gone by noon; `crm` is a destination."""
    receipts = [
        Receipt(
            number,
            1_000,
            "reg_1",
            f"destination:{system}" if system == "crm" else system,
            status,
            "it did not accept" if status is Status.FAILED else "at it",
            {"gone_by_ms": 1_767_268_800_000} if system == "logs" else {},
        )
        for number, (system, status) in enumerate(systems.items())
    ]
    return Regulation("reg_1", type_, 1, 0, "ann", 7, tuple(receipts))


R, W, D, V = Status.REQUESTED, Status.RUNNING, Status.DONE, Status.VERIFIED


@pytest.mark.parametrize(
    ("found", "share", "words"),
    [
        (regulation(state=R, lake=R, logs=R), 0.0, "Waiting to start"),
        (
            regulation(state=V, lake=W, delivery=D, logs=R),
            0.5,
            "1 of 4 systems are done; in progress: the lake and waiting deliveries.",
        ),
        (
            regulation(state=V, lake=V, delivery=V, logs=W, crm=Status.FAILED),
            0.86,
            (
                "Deleted everywhere but in the logs, which expire by age, by 2026-01-01 12:00 UTC at the latest. "
                "The destination crm: it did not accept."
            ),
        ),
        (regulation(state=V, lake=V, logs=V), 1.0, "All data is deleted and verified."),
        (
            regulation(RegulationType.SUPPRESS_WITH_DELETE, state=V, processing=V),
            1.0,
            "All data is deleted and verified, and new events are rejected.",
        ),
        (
            regulation(RegulationType.SUPPRESS_ONLY, processing=V, sending=V),
            1.0,
            "In effect: new events of these users are rejected.",
        ),
        (
            regulation(RegulationType.UNSUPPRESS, processing=V, sending=V),
            1.0,
            "In effect: new events of these users are collected again.",
        ),
        (
            regulation(state=V, crm=Status.NOT_SUPPORTED),
            1.0,
            "Completed with problems. The destination crm: at it.",
        ),
    ],
)
def test_regulation_when_it_stands_somewhere_then_says_so(found: Regulation, share: float, words: str) -> None:
    assert progress(found) == share
    assert summary(found).startswith(words)
