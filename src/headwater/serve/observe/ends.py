"""Why an event was not accepted, in words: for whoever looks at its trace."""

from typing import Final

from headwater.processing import suppress
from headwater.serve.letters.letter_reasons import Explained, explained

WITHOUT_LETTER: Final[dict[str, Explained]] = {
    "duplicate": Explained(
        "It came before",
        "An event with the same messageId was accepted within the dedupe window: this one is taken for a repeat.",
        "Nothing, if it is a retry. Else have the sender give each event a messageId of its own.",
    ),
    suppress.REASON: Explained(
        "Its user is suppressed",
        "A privacy request says that nothing more of this user is to be taken.",
        "Nothing, if that is meant. The page Privacy can take the suppression back; what was dropped is gone.",
    ),
    "dropped_by_transformation": Explained(
        "A transformation drops it",
        "A transformation with `drop` matched the event; the detail names it with its version.",
        "Nothing, if that is meant. Else change its condition: what was dropped is gone.",
    ),
}
"""Ends of events that are in no dead letter."""


def why(stage: str, reason: str) -> Explained:
    """What the reason means, and what to do."""
    return WITHOUT_LETTER.get(reason) or explained(stage, reason)
