"""Items may have any name: none of them is where the API does something else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from private_api import Api

from headwater.config.definition_checks import KEY
from headwater.config.loader import NAME

FILE = """\
workspace: shop
sources: [{name: new, write_key: wk_new}]
transformations: [{name: test, drop_properties: [a]}]
traits: [{key: preview, kind: event_count, event: Order}]
audiences: [{key: preview, collection: accounts, where: {event: Order}}]
"""
ITEMS = ("sources", "destinations", "tracking-plans", "transformations", "traits", "audiences", "flags")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


@pytest.mark.parametrize(
    "path", ["/sources/new", "/transformations/test", "/traits/preview", "/audiences/preview"]
)
def test_read_when_the_name_sounds_like_an_operation_then_the_item(api: Api, path: str) -> None:
    assert api.json(path)


def test_paths_when_beside_an_items_then_none_that_a_name_could_have(api: Api) -> None:
    paths = api.json("/openapi.json")["paths"]
    beside = {path.split("/")[4] for path in paths if path.split("/")[3] in ITEMS and path.count("/") > 3}
    literal = {part for part in beside if not part.startswith("{")}
    assert literal == {"-"}
    assert not NAME.match("-")
    assert not KEY.match("-")
