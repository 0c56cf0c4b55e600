"""Aggregation, told in scenarios: `tests/fixtures/scenarios`. `scenario.py` says how they are written."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from scenario import ACTIONS, EXPECTATIONS, Player, check
from test_unmerge import COMPARED

FIXTURES = Path(__file__).parents[2] / "fixtures" / "scenarios"
SCENARIOS = {
    f"{file.stem}: {scenario['scenario']}": scenario
    for file in sorted(FIXTURES.glob("*.yaml"))
    for scenario in yaml.safe_load(file.read_text())
}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


def check_sizes(player: Player) -> None:
    for audience in player.world.workspace.audiences:
        assert player.world.size(audience.key) == len(player.world.members(audience.key)), audience.key


@each_scenario
def test_scenario_when_played_then_everything_is_as_expected(scenario: dict[str, Any]) -> None:
    player = Player(scenario)
    for number, step in enumerate(scenario["steps"], 1):
        done = player.play(step)
        try:
            check(player.world, done, step.get("expect", {}))
            check_sizes(player)
        except AssertionError as error:
            error.add_note(f"step {number} of {scenario['scenario']!r}")
            raise
    assert player.world.dead == []


@each_scenario
def test_scenario_when_all_that_follows_each_other_is_one_batch_then_the_profiles_are_the_same(
    scenario: dict[str, Any],
) -> None:
    played, again = Player(scenario), Player(scenario)
    for step in scenario["steps"]:
        played.play(step)
    again.repeat(played.happened)
    assert again.world.dump(*COMPARED) == played.world.dump(*COMPARED)


def test_scenarios_when_all_are_read_then_they_use_every_word() -> None:
    steps = [step for scenario in SCENARIOS.values() for step in scenario["steps"]]
    assert len(SCENARIOS) >= 20
    assert {word for step in steps for word in step} == ACTIONS | {"at", "wait", "expect"}
    assert {word for step in steps for word in step.get("expect", {})} == EXPECTATIONS.keys()
