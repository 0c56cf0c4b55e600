"""What the guide to tracking plans tells people to type gives what it shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headwater import limits

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "tracking-plans.md").read_text()
HEADWATER = Path(sys.executable).with_name("headwater")


def block(name: str) -> str:
    found = re.search(rf"<!-- runnable: {name} -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert found, f"no runnable block {name!r} in the guide"
    return found[1]


SESSION = re.findall(r"^\$ echo '(.*?)' \| headwater validate plan.yaml\n(.*)$", block("validate"), re.MULTILINE)


@pytest.mark.parametrize(("event", "verdict"), SESSION)
def test_guide_when_it_shows_a_verdict_then_the_plan_gives_it(tmp_path: Path, event: str, verdict: str) -> None:
    (tmp_path / "plan.yaml").write_text(block("plan"))
    command = [str(HEADWATER), "validate", "plan.yaml"]
    result = subprocess.run(
        command, input=event + "\n", capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert result.stderr == ""
    assert result.stdout.strip() == verdict


def test_guide_when_a_plan_is_wrong_then_the_command_says_where_and_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(block("plan").replace("type: integer", "type: integr"))
    command = [str(HEADWATER), "validate", "plan.yaml"]
    result = subprocess.run(
        command, input="", capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert result.returncode == 2
    place = "plan.yaml:12: rules[0].schema.properties.properties.properties.quantity.type: "
    assert result.stderr.startswith(place)


def test_guide_when_it_states_a_bound_then_it_is_the_bound() -> None:
    assert len(SESSION) == 2
    assert f"room for {limits.govern.VIOLATION_KEYS_MAX:,} different" in GUIDE
    assert f"for {limits.govern.VIOLATIONS_KEPT_S // 86_400} days is forgotten" in GUIDE
    assert limits.govern.VIOLATION_SAMPLES == 3, "the newest three events"
