"""`POST /destinations/{name}/test` with a body: a destination is tried out before it is saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from private_api import Api

from headwater.config.secrets import MASK

FILE = """\
workspace: shop
settings: {allow_private_destinations: true}
destinations:
  - {name: crm, type: webhook, settings: {url: "http://127.0.0.1:9/hook", shared_secret: s3cret}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def test_draft_when_there_is_no_such_destination_yet_then_it_is_tried_and_not_saved(api: Api) -> None:
    draft = {"type": "webhook", "settings": {"url": "http://127.0.0.1:9/new", "api_key": "k3y-of-mine"}}
    answer = api.ask("POST", "/destinations/new/test", json=draft)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "not now"
    assert answer.json()["reason"] == "ECONNREFUSED"
    assert "k3y-of-mine" not in answer.text
    assert api.ask("GET", "/destinations/new").status_code == 404


def test_draft_when_a_secret_is_masked_then_the_stored_one_is_meant(api: Api) -> None:
    draft = {"type": "webhook", "settings": {"url": "http://127.0.0.1:9/new", "shared_secret": MASK}}
    assert api.ask("POST", "/destinations/crm/test", json=draft).json()["reason"] == "ECONNREFUSED"
    status, error = api.error("POST", "/destinations/new/test", json=draft)
    assert (status, error["problems"][0]["path"]) == (422, "settings.shared_secret")


def test_draft_when_settings_are_wrong_then_where_inside_of_it(api: Api) -> None:
    draft = {"type": "webhook", "settings": {"url": "http://127.0.0.1:9/new", "method": "GET"}}
    status, error = api.error("POST", "/destinations/crm/test", json=draft)
    assert (status, [problem["path"] for problem in error["problems"]]) == (422, ["settings.method"])
