"""Every reason of the reference has its words for the console, and nothing else has."""

import re
from pathlib import Path

from headwater.serve.letters import letter_reasons

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

NOT_LETTERS = {"dropped_by_transformation", "WAITS", "NOT_SUPPORTED", "NOT_FROM_THIS_SOURCE", "NOT_SENT"}
"""Events that are counted, wait, or are only looked at."""


def reasons(page: str, sections: str) -> set[str]:
    """In the first column of the tables of these sections."""
    text = (REFERENCE / page).read_text()
    tables = [each for each in re.split(r"^## ", text, flags=re.MULTILINE) if re.match(sections, each)]
    cells = re.findall(r"^\| (`.*?`) \|", "\n".join(tables), re.MULTILINE)
    return {reason for cell in cells for reason in re.findall(r"`([^`]+)`", cell)} - NOT_LETTERS


def test_stages_when_the_reference_has_a_reason_then_it_is_explained() -> None:
    assert reasons("errors.md", "Normalise|Govern|Transform") == letter_reasons.STAGES.keys()


def test_delivery_when_the_reference_has_a_reason_then_it_is_explained() -> None:
    found = reasons("delivery-reasons.md", "Not sent|No answer|Refused")
    assert found == letter_reasons.TITLES.keys()


def test_explained_when_a_tool_or_a_system_invents_one_then_there_are_words_all_the_same() -> None:
    for stage, reason in (("delivery", "418"), ("delivery", "502"), ("delivery", "ENETDOWN"), ("resolve", "new")):
        about = letter_reasons.explained(stage, reason)
        assert about.title
        assert about.means
        assert about.do
