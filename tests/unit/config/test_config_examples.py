"""The examples in docstrings."""

import doctest
import importlib
import pkgutil

import pytest

from headwater import config


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(config.__path__)])
def test_examples_when_run_then_they_give_what_they_show(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"headwater.config.{module}")).failed == 0
