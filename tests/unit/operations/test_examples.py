"""Examples in docstrings are true."""

import doctest

import pytest

from headwater.operations import backoff, first_start, supervisor
from headwater.serve.entry import access


@pytest.mark.parametrize("module", [backoff, first_start, supervisor, access], ids=lambda module: module.__name__)
def test_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed
