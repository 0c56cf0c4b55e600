"""The API as a file: the console's types are made of it."""

import warnings
from pathlib import Path

from litestar.exceptions import LitestarDeprecationWarning

from headwater.serve.openapi import document

FILE = Path(__file__).parents[2] / "console" / "openapi.json"


def test_openapi_when_the_api_has_changed_then_so_has_the_file() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)  # dependencies, as private_api.py says
        now = document()
    assert FILE.read_bytes() == now, (
        "console/openapi.json is not what the handlers say: "
        "`.venv/bin/python -m headwater.serve.openapi > console/openapi.json`"
    )
