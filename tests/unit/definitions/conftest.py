"""What others' tests make up is asked in SQL as well: FQL's expressions, and the lives that compute is tried on.
One warehouse serves all tests of a module.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[1]
sys.path += [str(UNIT / "fql"), str(UNIT / "aggregation" / "compute")]


@pytest.fixture(scope="module")
def warehouse() -> Iterator[object]:
    from warehouse import Warehouse

    made = Warehouse()
    yield made
    made.connection.close()
