"""The API as a file: the console's types are made of it."""

import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parents[2] / "console" / "openapi.json"


def test_openapi_when_the_api_has_changed_then_so_has_the_file() -> None:
    # A process of its own: names in the document depend on what else a process has described before.
    now = subprocess.run([sys.executable, "-m", "headwater.serve.openapi"], capture_output=True, check=True).stdout
    assert FILE.read_bytes() == now, (
        "console/openapi.json is not what the handlers say: "
        "`.venv/bin/python -m headwater.serve.openapi > console/openapi.json`"
    )
