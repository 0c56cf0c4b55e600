"""Every type asks what its golden file says, word for word: see `goldens.py` for the form and how to write one."""

from typing import Any

import goldens
import pytest

from headwater.destinations import registry

CASES = [(name, case) for name in goldens.NAMES for case in goldens.load(name)["cases"]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['name']}" for name, case in CASES])
def test_requests_when_events_come_then_as_written_down(name: str, case: dict[str, Any]) -> None:
    shown = goldens.run(name, goldens.load(name), case)
    assert shown.requests == case["requests"]
    assert shown.outcomes == case["outcomes"]


@pytest.mark.parametrize("name", registry.known_types())
def test_golden_when_a_type_exists_then_it_has_one_that_uses_all_of_it(name: str) -> None:
    type_ = registry.get(name)
    assert type_
    golden = goldens.load(name)
    told = {
        outcome.partition(" ")[2].partition(":")[0] for case in golden["cases"] for outcome in case["outcomes"]
    }
    assert {preset.name for preset in type_.presets} <= told
