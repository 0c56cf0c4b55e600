import pytest

# The helpers assert on behalf of the tests; a failure should show values there too.
pytest.register_assert_rewrite(f"{__name__}.comparison", f"{__name__}.system")
