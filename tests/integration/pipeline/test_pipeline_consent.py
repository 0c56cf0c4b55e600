"""What a person has agreed to travels with the event, through every stage, to the lake and to delivery."""

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flowing import collect, drain, outbound_events, put, workspace

from headwater.config.tracking_plans import Controls, OnViolation, Rule, RuleType, TrackingPlan
from headwater.config.transformations import Transformation
from headwater.config.workspace import Source, Workspace
from headwater.event import CollectedRequest, encode_collected
from headwater.lake.query import connect
from headwater.profiles.embedded import embedded

CONSENT = {"categoryPreferences": {"advertising": False, "analytics": True}, "version": 2}
INTEGRATIONS = {"All": False, "crm-hook": {"list": "b"}, "Warehouses": {"all": False}}


def busy() -> Workspace:
    """A workspace whose every stage changes the event."""
    schema = {"properties": {"properties": {"properties": {"n": {"type": "integer"}, "m": {}}}}}
    plan = TrackingPlan(
        name="commerce",
        rules=(Rule(type=RuleType.TRACK, event="A", schema=schema), Rule(type=RuleType.COMMON, schema={})),
        controls=Controls(
            allow_unplanned_event_properties=False,
            allow_properties_on_violations=False,
            common_event_on_violations=OnViolation.OMIT,
        ),
    )
    rules = (
        Transformation(name="rename", rename_event="B", rename_properties={"m": "o"}),
        Transformation(name="mark", set_values={"context.seen": True}, drop_values=("context.page",)),
    )
    source = Source("website", write_key="wk_website", tracking_plan="commerce")
    return msgspec.structs.replace(workspace(), sources=(source,), tracking_plans=(plan,), transformations=rules)


@pytest.mark.parametrize("shared", [False, True], ids=["of the event", "of its batch"])
def test_consent_when_every_stage_changes_the_event_then_it_and_the_integrations_stay_as_they_were(
    tmp_path: Path, *, shared: bool
) -> None:
    agreed: dict[str, Any] = {"context": {"consent": CONSENT, "page": {"url": "/"}}, "integrations": INTEGRATIONS}
    event = {"type": "track", "event": "A", "userId": "u", "properties": {"n": "one", "m": 1, "unplanned": 1}}
    sent = {"batch": [event], **agreed} if shared else {"batch": [event | agreed]}
    body = json.dumps(sent).encode()
    put(tmp_path, busy())
    collect(tmp_path, encode_collected(CollectedRequest(1, "website", "batch", "", "", False, body, 1, len(body))))
    drain(tmp_path)

    platform = embedded(tmp_path)
    with contextlib.closing(platform.outbound()) as outbound:
        (leaving,) = [json.loads(one.body) for one in outbound_events(outbound)]
    assert leaving["event"] == "B"
    assert leaving["properties"] == {"o": 1}
    assert leaving["integrations"] == INTEGRATIONS
    assert leaving["context"]["consent"] == CONSENT
    assert leaving["context"]["seen"] is True
    assert "page" not in leaving["context"]
    with connect(platform.lake()) as connection:
        rows = connection.execute("SELECT body FROM events").fetchall()
    assert [json.loads(row) for (row,) in rows] == [leaving]
