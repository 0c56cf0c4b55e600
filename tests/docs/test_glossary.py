"""A word of the glossary that nobody uses is a word too many."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
WORDS = re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY.read_text(), re.MULTILINE)
ELSEWHERE = "\n".join(
    path.read_text()
    for path in [*sorted((ROOT / "src").rglob("*.py")), *sorted((ROOT / "docs").rglob("*.md"))]
    if path != GLOSSARY
)


@pytest.mark.parametrize("word", WORDS)
def test_word_when_it_is_in_the_glossary_then_it_is_used(word: str) -> None:
    # In prose (`write key`), as a class (`WriteKey`) or as a name (`write_key`), one or many.
    pattern = re.sub(r"[ -]", r"[\\s_-]?", word)
    assert re.search(rf"(?<![a-z]){pattern}(s|es)?(?![a-z])", ELSEWHERE, re.IGNORECASE), word


def test_glossary_when_read_then_no_word_twice() -> None:
    assert len(WORDS) > 40
    assert len(WORDS) == len(set(WORDS))
