"""Why an event was not accepted, in words: for whoever looks at its trace."""

from typing import Final

from headwater.processing import suppress
from headwater.serve.letters.letter_reasons import Explained, explained

WITHOUT_LETTER: Final[dict[str, Explained]] = {
    "duplicate": Explained(
        "Duplicate",
        "An event with the same messageId was already accepted within the deduplication window.",
        "Nothing, if this is a retry. Otherwise give each event its own messageId.",
    ),
    suppress.REASON: Explained(
        "User is suppressed",
        "A privacy request says to discard events from this user.",
        "Nothing, if intended. You can lift the suppression under Privacy; events dropped until then are lost.",
    ),
    "dropped_by_transformation": Explained(
        "Dropped by a transformation",
        "A transformation with `drop` matched this event.",
        "Nothing, if intended. Otherwise change the condition of the transformation; dropped events are lost.",
    ),
}
"""Ends of events that are in no dead letter."""


def why(stage: str, reason: str) -> Explained:
    """What the reason means, and what to do."""
    return WITHOUT_LETTER.get(reason) or explained(stage, reason)
