"""`headwater destinations preview`, without a platform that runs."""

import json
from pathlib import Path

import pytest
from commanding import command

from headwater.event import OutboundEvent, encode_outbound
from headwater.profiles.embedded import embedded

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
destinations:
  - name: crm
    type: webhook
    settings: {url: "https://crm.example/hook", shared_secret: s3cret-shared}
    filters: [{if: all, action: drop_properties, fields: {properties: [email]}}]
    mappings: [{name: Orders, action: send, trigger: 'event = "Order Completed"'}]
"""
ORDER = {"event": "Order Completed", "userId": "ann", "properties": {"email": "a@b.c", "total": 5}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "workspace.yaml"
    file.write_text(FILE)
    code, said = command(tmp_path, "apply", str(file))
    assert code == 0, said
    return tmp_path


def test_preview_when_an_event_comes_on_standard_input_then_each_step_and_the_request(data: Path) -> None:
    code, said = command(data, "destinations", "preview", "crm", stdin=json.dumps(ORDER))
    assert code == 0, said
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[:7] == [
        "crm sent",
        "sources passed",
        "integrations passed",
        "filters changed",
        'properties.email: "a@b.c" → nothing',
        "triggers passed",
        "Orders (send) sent",
    ]
    assert "POST https://crm.example/hook" in lines
    assert "s3cret" not in said
    body = json.loads(lines[-1])
    assert (body["event"], body["properties"]) == ("Order Completed", {"total": 5})


def test_preview_when_programs_ask_then_as_over_http(data: Path) -> None:
    code, said = command(
        data, "destinations", "preview", "crm", "--json", stdin=json.dumps(ORDER | {"event": "X"})
    )
    assert code == 0
    answer = json.loads(said)
    assert (answer["outcome"], answer["reason"]) == ("filtered", "NO_MATCHING_MAPPING")


def test_preview_when_the_event_was_accepted_then_it_is_found(data: Path) -> None:
    outbound = embedded(data).outbound()
    body = json.dumps(ORDER | {"type": "track", "messageId": "m7"}).encode()
    accepted = OutboundEvent(
        0, 0, "m7", "track", "Order Completed", None, "ann", None, None, None, "website", 0, 0, None, None, body
    )
    outbound.append([encode_outbound([accepted])])
    outbound.close()
    code, said = command(data, "destinations", "preview", "crm", "--message-id", "m7")
    assert code == 0, said
    assert '"messageId":"m7"' in said.replace(" ", "")
    code, said = command(data, "destinations", "preview", "crm", "--message-id", "m8")
    assert code == 1
    assert said.startswith("no accepted event has the message id m8. Looked in: ")


@pytest.mark.parametrize(
    ("name", "stdin", "problem"),
    [
        ("cmr", json.dumps(ORDER), "there is no destination 'cmr'; did you mean crm?"),
        ("crm", "{", "standard input is no event as JSON: "),
        ("crm", "[]", "an event is a JSON object"),
    ],
)
def test_preview_when_something_is_wrong_then_it_is_said(data: Path, name: str, stdin: str, problem: str) -> None:
    code, said = command(data, "destinations", "preview", name, stdin=stdin)
    assert code == 1
    assert said.startswith(problem)
