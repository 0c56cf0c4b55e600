"""What FQL's own tests make up is asked in SQL as well; one warehouse serves all tests of a module."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "fql"))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[object]:
    from warehouse import Warehouse

    made = Warehouse()
    yield made
    made.connection.close()
