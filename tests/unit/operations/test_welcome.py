from pathlib import Path

import pytest

from headwater.config.workspace import Source, SourceType, Workspace
from headwater.operations.first_start import workspace_name
from headwater.operations.options import Options
from headwater.operations.welcome import render

SHOP = Workspace(
    workspace="shop",
    sources=(
        Source(name="website", type=SourceType.JAVASCRIPT, write_key="wk_w"),
        Source(name="backend", type=SourceType.SERVER, write_key="wk_b"),
    ),
)


def test_the_first_start_shows_the_token_and_a_call_that_works() -> None:
    text = render(Options(data=Path("/srv/shop"), host="0.0.0.0", collect_port=81), SHOP, token="t0ken")
    assert "  Admin token        t0ken\n" in text
    assert "http://localhost:8090/setup#token=t0ken\n" in text
    assert "curl http://localhost:81/v1/track -u wk_b: " in text
    assert "website  wk_w" in text
    assert "headwater status --data /srv/shop" in text


def test_later_starts_name_the_file_instead_of_the_token() -> None:
    text = render(Options(), SHOP, token="")
    assert "in headwater-data/admin-token" in text
    assert "#token" not in text
    assert "headwater status\n" in text


def test_a_workspace_without_sources_has_no_example() -> None:
    assert "curl" not in render(Options(), Workspace(workspace="empty"), token="")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/srv/Shop EU", "shop-eu"),
        ("/home/ann/acme/headwater-data", "acme"),
        ("/data", "workspace"),
        ("/", "workspace"),
    ],
)
def test_the_first_workspace_is_named_after_the_folder(folder: str, name: str) -> None:
    assert workspace_name(Path(folder)) == name
