from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from platforms import Platform


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    """Starts a platform in a folder of this test; everything is killed afterwards."""
    started: list[Platform] = []

    def start_platform(*flags: str, data: Path | None = None) -> Platform:
        started.append(Platform(data or tmp_path / "data", *flags))
        return started[-1].start()

    yield start_platform
    for platform in started:
        platform.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for the tests of a module that only look."""
    platform = Platform(tmp_path_factory.mktemp("shop") / "data").start()
    yield platform
    platform.close()
