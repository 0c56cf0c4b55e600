"""Examples in the docstrings of the destination kit are true."""

import doctest

import pytest

from headwater.destinations import customerio
from headwater.destinations.google_ads import conversions
from headwater.destinations.google_analytics_4 import forms
from headwater.destinations.kit import (
    authorization,
    common_fields,
    hooks,
    instants,
    model,
    names,
    people,
    settings,
)


@pytest.mark.parametrize(
    "module",
    [
        authorization,
        common_fields,
        conversions,
        customerio,
        forms,
        hooks,
        instants,
        model,
        names,
        people,
        settings,
    ],
    ids=lambda module: module.__name__,
)
def test_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed
