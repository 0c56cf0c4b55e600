"""What must be true at the end, and whether it was."""

from typing import NamedTuple


class Check(NamedTuple):
    claim: str
    holds: bool
    seen: str


def equal(claim: str, left: object, right: object) -> Check:
    return Check(claim, left == right, f"{left} ≠ {right}" if left != right else "")


def at_least(claim: str, left: int, right: int) -> Check:
    return Check(claim, right >= left, f"{right} < {left}" if right < left else "")
