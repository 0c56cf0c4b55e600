"""What the guide to duplicates tells people to type gives what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "duplicates.md").read_text()

sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from system import System  # noqa: E402


@pytest.mark.skipif(not shutil.which("curl") and "CI" not in os.environ, reason="no curl on this machine")
def test_guide_when_its_commands_are_run_then_the_message_is_there_once(tmp_path: Path) -> None:
    shown = re.search(r"<!-- runnable: send twice -->\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert shown
    send, ask = shown[1].split("done\n")
    workspace: dict[str, Any] = {"workspace": "guide", "sources": [{"name": "backend", "write_key": "wk_YOURS"}]}
    system = System(tmp_path, workspace)

    def run(script: str) -> str:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-euc", script.replace("http://127.0.0.1:8080", system.url)],
            env=os.environ | {"PATH": path, "HEADWATER_DATA": str(system.data)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    try:
        system.wait_until_ready()
        assert run(f"{send}done") == '{"success":true}' * 2
        system.wait_for_rows("select 1 from events where message_id = 'order-1001'", bool)
        said = run(ask)
        assert "1 row\n" in said
        assert "message order-1001, arrived 2 times" in said
        assert re.search(r"^duplicate  record", said, re.MULTILINE)
    finally:
        assert system.stop() == 0, system.output()
