"""The small world of people lives beside aggregation's own tests, all kinds of workspaces beside config's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from storing import Writer

for tests in ("aggregation", "config"):
    sys.path.append(str(Path(__file__).parents[1] / tests))


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Writer]:
    """The state of the platform in `tmp_path`."""
    writer = Writer(tmp_path)
    yield writer
    writer.close()
