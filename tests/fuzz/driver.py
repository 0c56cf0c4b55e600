"""What feeds a fuzz target: atheris, led by coverage, if it is there (`pip install atheris`), else hypothesis."""

import contextlib
import importlib
import importlib.util
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Target = Callable[[bytes], None]
"""Raises when it has found something."""

atheris: Any = importlib.import_module("atheris") if importlib.util.find_spec("atheris") else None


def instrumented(*packages: str) -> AbstractContextManager[None]:
    """What is imported inside is what coverage is looked at in."""
    found: AbstractContextManager[None] = (
        atheris.instrument_imports(include=list(packages)) if atheris else contextlib.nullcontext()
    )
    return found


def run(target: Target, *, bytes_max: int) -> None:
    """`python tests/fuzz/fuzz_….py SECONDS [atheris's options]`"""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    if atheris:
        options = [f"-max_total_time={seconds:.0f}", f"-max_len={bytes_max}", *sys.argv[2:]]
        atheris.Setup([sys.argv[0], *options], target)
        atheris.Fuzz()
    else:
        _with_hypothesis(target, seconds, bytes_max)


def _with_hypothesis(target: Target, seconds: float, bytes_max: int) -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    count = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:

        @settings(max_examples=5_000, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.binary(max_size=bytes_max))
        def attempt(data: bytes) -> None:
            target(data)

        attempt()
        count += 5_000
        sys.stderr.write(f"{count:,} inputs\n")
