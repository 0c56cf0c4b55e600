"""The decision table: against the rules in words, and against the page that people read."""

import re
from pathlib import Path

import pytest

from headwater.aggregation.changes import Reason
from headwater.aggregation.sync.paths import PATHS, Facts, Kind, Sends, Sides, combinations, decide

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "sync.md").read_text()
COLUMNS = ("path", "reason", "kind", "dedupes", "has the id", "told before", "before the merge", "ids", "why")

NEWS = {Kind.ENTERED, Kind.VALUE_SET}
OVER = {Kind.EXITED, Kind.VALUE_REMOVED}


def can_be(facts: Facts) -> bool:
    """Whether there is such a change."""
    match facts.reason:
        case Reason.VALUE_CHANGED:
            return facts.kind in NEWS | OVER
        case Reason.NEW_EXTERNAL_ID:
            return facts.kind in {Kind.SAME, Kind.ABSENT}
        case Reason.PROFILE_MERGED:
            possible = {
                Kind.ENTERED: {Sides.NEITHER, Sides.SOME},
                Kind.VALUE_SET: set(Sides),
                Kind.EXITED: {Sides.SOME, Sides.ALL},
                Kind.VALUE_REMOVED: {Sides.SOME, Sides.ALL},
                Kind.SAME: {Sides.ALL},
                Kind.ABSENT: {Sides.NEITHER},
            }
            return facts.sides in possible[facts.kind]
        case _:
            return True


def by_the_rules(facts: Facts) -> Sends:
    """What the design says, rule by rule."""
    if facts.kind is Kind.ABSENT:
        return Sends.NONE
    if facts.kind is Kind.SAME:
        if facts.reason is not Reason.NEW_EXTERNAL_ID:
            return Sends.NONE
        if not facts.dedupes:
            return Sends.NEW
        return Sends.LATEST if facts.matches and not facts.sent else Sends.NONE
    if facts.kind in OVER:
        return Sends.NONE if facts.dedupes else Sends.EVERY
    if not facts.dedupes:
        return Sends.CHOSEN
    if not facts.matches:
        return Sends.NONE
    if facts.reason is Reason.PROFILE_MERGED:
        return Sends.LATEST if facts.sides is Sides.NEITHER else Sends.NONE
    if facts.kind is Kind.ENTERED and facts.reason in {Reason.BACKFILLED, Reason.UNMERGED}:
        return Sends.NONE if facts.sent else Sends.LATEST
    return Sends.LATEST


def test_decide_when_given_any_facts_that_can_be_then_it_follows_the_rules() -> None:
    possible = [facts for facts in combinations() if can_be(facts)]
    assert len(possible) == 520
    assert {facts: decide(facts).sends for facts in possible} == {facts: by_the_rules(facts) for facts in possible}


def test_decide_when_facts_contradict_each_other_then_the_path_says_so_and_nobody_is_told() -> None:
    for facts in combinations():
        path = decide(facts)
        assert path.name.startswith("impossible_") != can_be(facts), facts
        assert can_be(facts) or path.sends is Sends.NONE


def test_paths_when_counted_then_each_name_is_one_path_that_is_taken() -> None:
    assert len({path.name for path in PATHS}) == len(PATHS)
    assert {decide(facts) for facts in combinations()} == set(PATHS)


# --- the page ---------------------------------------------------------------------------------------------------


def page_rows() -> list[dict[str, str]]:
    table = PAGE[PAGE.index("| path | reason |") :].partition("\n\n")[0].splitlines()
    assert tuple(cell.strip() for cell in table[0].strip("|").split("|")) == COLUMNS
    return [
        dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
        for line in table[2:]
    ]


def takes(row: dict[str, str], facts: Facts) -> bool:
    """As a reader of the page sees it: a cell lists what may hold, an empty one does not matter."""
    answers = {
        "reason": facts.reason.value.replace("_", " "),
        "kind": facts.kind.value,
        "dedupes": "yes" if facts.dedupes else "no",
        "has the id": "yes" if facts.matches else "no",
        "told before": "yes" if facts.sent else "no",
        "before the merge": facts.sides.value,
    }
    return all(not row[column] or answer in row[column].split(", ") for column, answer in answers.items())


def test_page_when_read_as_a_table_then_it_decides_as_the_code_does() -> None:
    rows = page_rows()
    for facts in combinations():
        (row,) = [row for row in rows if takes(row, facts)]
        path = decide(facts)
        assert (row["path"], row["ids"]) == (f"`{path.name}`", path.sends.value), facts


def test_page_when_it_gives_reasons_then_they_are_those_of_the_code() -> None:
    assert [(row["path"].strip("`"), row["why"]) for row in page_rows()] == [
        (path.name, path.why) for path in PATHS
    ]


@pytest.mark.parametrize("word", [*Sends, *Reason])
def test_page_when_it_uses_a_word_then_it_explains_it(word: Sends | Reason) -> None:
    assert re.search(rf"`{word.value.replace('_', ' ')}`[:,]", PAGE)
