"""`POST /mappings/preview`: what a mapping makes of an event, and whether an action takes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api

from headwater.event import OutboundEvent, encode_outbound

FILE = "workspace: shop\nsources: [{name: website, write_key: wk_website}]\n"
ORDER = {"type": "track", "event": "Signed Up", "userId": "ann", "properties": {"total": 5}}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def previewed(api: Api, **body: Any) -> Any:
    answer = api.ask("POST", "/mappings/preview", json={"event": ORDER} | body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_preview_when_there_is_a_mapping_alone_then_what_it_makes(api: Api) -> None:
    answer = previewed(api, mapping={"who": {"@path": "$.userId"}, "none": {"@path": "$.nothing"}})
    assert answer["mapped"] == {"who": "ann"}
    assert answer["payload"] is None
    assert answer["error"] is None
    assert answer["is_triggered"] is None


def test_preview_when_times_are_left_out_then_they_are_filled_in(api: Api) -> None:
    answer = previewed(api, mapping={"at": {"@path": "$.timestamp"}, "id": {"@path": "$.messageId"}})
    assert answer["mapped"]["at"] == answer["event"]["timestamp"]
    assert answer["mapped"]["id"] == "preview"


def test_preview_when_a_preset_is_asked_for_then_its_payload_and_whether_it_is_triggered(api: Api) -> None:
    answer = previewed(api, type="mixpanel", preset="Track calls")
    assert answer["payload"]["event"] == "Signed Up"
    assert answer["mapping"]["event"] == {"@path": "$.event"}
    assert answer["is_triggered"] is True
    assert previewed(api, type="mixpanel", preset="Track calls", event={"type": "page"})["is_triggered"] is False


def test_preview_when_a_mapping_is_laid_over_a_preset_then_its_own_word_counts(api: Api) -> None:
    answer = previewed(api, type="mixpanel", preset="Track calls", mapping={"event": "Bought"})
    assert answer["payload"]["event"] == "Bought"


def test_preview_when_the_action_does_not_take_it_then_which_field_and_why(api: Api) -> None:
    answer = previewed(api, type="mixpanel", preset="Track calls", mapping={"event": {"@path": "$.nothing"}})
    assert answer["payload"] is None
    assert answer["error"]["code"] == "invalid_payload"
    assert answer["error"]["path"] == "event"


def test_preview_when_the_mapping_fails_for_this_event_then_where(api: Api) -> None:
    mapping = {"a": {"@template": {"@path": "$.properties.total"}}}
    error = previewed(api, mapping=mapping)["error"]
    assert error == {"code": "mapping_failed", "message": "expected a string, got a number", "path": "a.@template"}


def test_preview_when_the_event_is_in_the_log_then_it_is_found_by_its_message_id(api: Api) -> None:
    body = b'{"type":"track","event":"Order Completed","messageId":"m1","userId":"ann"}'
    event = OutboundEvent(
        0, 0, "m1", "track", "Order Completed", None, "ann", None, None, None, "website", 0, 0, None, None, body
    )
    api.desk.logs[1].append([encode_outbound([event])])
    answer = previewed(api, event=None, message_id="m1", mapping={"who": {"@path": "$.userId"}})
    assert answer["mapped"] == {"who": "ann"}
    assert answer["event"]["messageId"] == "m1"


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"mapping": {"a": {"@foo": 1}}}, 400, "invalid_mapping", "a"),
        ({"mapping": {"a": {"@path": 1}}}, 400, "invalid_mapping", "a.@path"),
        ({"type": "mixpanel", "preset": "Track calls", "mapping": {"evnt": 1}}, 400, "invalid_mapping", "evnt"),
        ({}, 400, "no_mapping", None),
        ({"action": "send"}, 400, "no_mapping", None),
        ({"type": "mixpanle"}, 400, "unknown_type", "type"),
        ({"type": "mixpanel"}, 400, "unknown_action", "action"),
        ({"type": "mixpanel", "action": "nope"}, 400, "unknown_action", "action"),
        ({"type": "mixpanel", "preset": "nope"}, 400, "unknown_preset", "preset"),
        ({"mapping": {}, "message_id": "m"}, 400, "invalid_request", "event"),
        ({"mapping": {}, "event": None}, 400, "invalid_request", "event"),
        ({"mapping": {}, "event": None, "message_id": "none"}, 404, "not_found", None),
        ({"mapping": []}, 400, "invalid_request", "mapping"),
        ({"maping": {}}, 400, "invalid_request", "maping"),
    ],
)
def test_preview_when_asked_wrongly_then_the_part_is_named(
    api: Api, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    answered, error = api.error("POST", "/mappings/preview", json={"event": ORDER} | body)
    assert (answered, error["code"], error.get("field")) == (status, code, field)
