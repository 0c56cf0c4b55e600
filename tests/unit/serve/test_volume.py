"""Events and deliveries over time, and the newest events, on a folder of the test."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api

from headwater import limits
from headwater.delivery.receipts import DELIVERED, FAILED, Receipt
from headwater.errors import InputError
from headwater.event import OutboundEvent, encode_outbound
from headwater.processing import totals
from headwater.profiles.embedded import embedded
from headwater.serve.observe.volume import Counted, Span, charted
from headwater.state.port import Commit
from headwater.units import HOUR_MS

WORKSPACE = """
workspace: shop
sources: [{name: web, write_key: wk_web}, {name: app, write_key: wk_app}]
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example.com/"}}
"""
NOON_MS = 1_767_268_800_000


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with contextlib.closing(Api(tmp_path, WORKSPACE)) as opened:
        yield opened


def event(number: int, **given: Any) -> OutboundEvent:
    at_ms = int(time.time() * 1000) - 60_000 + number
    body = msgspec.json.encode({"event": "Viewed", "properties": {"number": number}})
    about = (number, 0, f"m{number}", "track", "Viewed", None, "u1", None, None, None, "web")
    return msgspec.structs.replace(OutboundEvent(*about, at_ms, at_ms, None, None, body), **given)


def accept(data: Path, *events: OutboundEvent, is_filed: bool = False) -> None:
    """Into the outbound log, and into the lake when it has come so far."""
    platform = embedded(data)
    with contextlib.closing(platform.outbound()) as outbound:
        first = outbound.append([encode_outbound([each]) for each in events], events=len(events))
    if is_filed:
        lake = platform.lake()
        lake.write(first, first + len(events) - 1, [lake.pack(events)])


# --- the newest events ----------------------------------------------------------------------------------------


def test_events_when_some_wait_and_some_are_filed_then_each_is_told_once_newest_first(
    api: Api, tmp_path: Path
) -> None:
    accept(tmp_path, *(event(n) for n in range(3)), is_filed=True)
    accept(tmp_path, *(event(n) for n in range(3, 5)))
    told = api.json("/events")
    assert [each["message_id"] for each in told["data"]] == ["m4", "m3", "m2", "m1", "m0"]
    assert told["looked_back_to"] is None
    assert told["data"][0]["body"] == {"event": "Viewed", "properties": {"number": 4}}


def test_events_when_the_log_was_trimmed_then_the_lake_has_them(api: Api, tmp_path: Path) -> None:
    lake = embedded(tmp_path).lake()
    lake.write(0, 2, [lake.pack([event(n) for n in range(3)])])
    assert [each["message_id"] for each in api.json("/events")["data"]] == ["m2", "m1", "m0"]
    assert [each["message_id"] for each in api.json("/events", limit=2)["data"]] == ["m2", "m1"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"source": "app"}, ["m1"]),
        ({"type": "page"}, ["m2"]),
        ({"event": "Home"}, ["m2"]),
        ({"user_id": "u3"}, ["m3"]),
        ({"profile_id": "use_1"}, ["m4"]),
        ({"filter": "properties.number >= 4"}, ["m5", "m4"]),
        ({"filter": "properties.number >= 4", "limit": 1}, ["m5"]),
    ],
)
@pytest.mark.parametrize("is_filed", [True, False])
def test_events_when_asked_for_some_then_only_those(
    api: Api, tmp_path: Path, asked: dict[str, Any], expected: list[str], is_filed: bool
) -> None:
    page = event(2, type="page", event=None, name="Home")
    others = event(1, source="app"), page, event(3, user_id="u3"), event(4, profile_id="use_1"), event(5)
    accept(tmp_path, *others, is_filed=is_filed)
    assert [each["message_id"] for each in api.json("/events", **asked)["data"]] == expected


def test_events_when_they_were_made_for_destinations_then_they_are_not_among_them(
    api: Api, tmp_path: Path
) -> None:
    accept(tmp_path, event(1, destinations=("crm",)), event(2, is_stored=True), event(3))
    assert [each["message_id"] for each in api.json("/events")["data"]] == ["m3"]


def test_events_when_asked_for_too_many_then_refused(api: Api) -> None:
    assert api.error("GET", f"/events?limit={limits.observe.RECENT_EVENTS_MAX + 1}")[0] == 400
    status, error = api.error("GET", "/events?filter=event%20=")
    assert (status, error["code"]) == (400, "invalid_fql")


# --- volumes --------------------------------------------------------------------------------------------------


def test_span_when_no_step_is_given_then_one_is_chosen_that_fits() -> None:
    assert Span.of("1h", None, at_ms=NOON_MS).step_s == 60
    assert Span.of("24h", None, at_ms=NOON_MS).step_s == 900
    assert Span.of("7d", None, at_ms=NOON_MS).step_s == 3_600
    assert Span.of("24h", None, at_ms=NOON_MS, shortest_s=3_600).step_s == 3_600


def test_span_when_it_is_long_ago_then_it_is_cut_off() -> None:
    assert (
        Span.of("1970-01-01", None, at_ms=NOON_MS).from_ms
        >= NOON_MS - limits.observe.VOLUME_S_MAX * 1_000 - 86_400_000
    )


@pytest.mark.parametrize(("since", "step_s"), [("7d", 60), ("1h", 90)])
def test_span_when_the_step_does_not_fit_then_refused(since: str, step_s: int) -> None:
    with pytest.raises(InputError):
        Span.of(since, step_s, at_ms=NOON_MS)


def test_chart_when_there_are_many_names_then_the_smallest_are_one_line() -> None:
    span = Span.of("1h", 600, at_ms=NOON_MS)
    names = [Counted(NOON_MS - 1, f"event {n}", n + 1) for n in range(limits.observe.VOLUME_SERIES_MAX + 5)]
    told = charted(
        span, [*names, Counted(NOON_MS + HOUR_MS, "event 24", 7), Counted(NOON_MS - 2 * HOUR_MS, "old", 1)]
    )
    assert len(told.series) == limits.observe.VOLUME_SERIES_MAX + 1
    assert told.series[0].name == "event 24"
    assert told.series[-1] == msgspec.structs.replace(told.series[-1], name="", total=1 + 2 + 3 + 4 + 5)
    assert all(len(line.points) == len(told.times) for line in told.series)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("total", {"": 4}),
        ("source", {"web": 3, "app": 1}),
        ("type", {"track": 2, "page": 1, "identify": 1}),
        ("event", {"Viewed": 2, "Home": 1, "identify": 1}),
    ],
)
def test_volume_when_asked_then_counts_what_is_in_the_lake(
    api: Api, tmp_path: Path, by: str, expected: dict[str, int]
) -> None:
    page = event(2, type="page", event=None, name="Home")
    identify = event(3, type="identify", event=None)
    accept(tmp_path, event(0), event(1, source="app"), page, identify, is_filed=True)
    told = api.json("/events/volume", since="1h", by=by)
    assert {line["name"]: line["total"] for line in told["series"]} == expected
    assert all(sum(line["points"]) == line["total"] for line in told["series"])


def test_volume_when_nothing_has_come_then_it_is_an_empty_line(api: Api) -> None:
    told = api.json("/events/volume", since="1h", step=600)
    assert [line["total"] for line in told["series"]] == [0]
    assert told["step_s"] == 600


def test_volume_by_outcome_when_counted_then_tells_what_was_dropped(api: Api, tmp_path: Path) -> None:
    now_ms = int(time.time() * 1000)
    with contextlib.closing(embedded(tmp_path).state()) as state:
        counts = totals.Totals(state)
        for at_ms in (now_ms, now_ms - HOUR_MS):
            counted = {("web", "accepted"): 5, ("web", "duplicate"): 2, ("app", "accepted"): 1}
            state.commit(Commit(1, counts.changes(counted, at_ms=at_ms)))
            counts.counted(counted)
    told = api.json("/events/volume", by="outcome")
    assert {line["name"]: line["total"] for line in told["series"]} == {"accepted": 12, "duplicate": 4}
    of_app = api.json("/events/volume", by="outcome", source="app")
    assert {line["name"]: line["total"] for line in of_app["series"]} == {"accepted": 2}
    assert api.error("GET", "/events/volume?by=outcome&step=60")[1]["code"] == "invalid_step"


def test_delivery_volume_when_attempts_were_made_then_by_step_with_latencies(api: Api) -> None:
    now_ms = int(time.time() * 1000)

    def receipt(message_id: str, status: str, latency_ms: int) -> Receipt:
        about = (message_id, "crm", "web", "track", "Signed Up", None, "ann", None, 7, status)
        return Receipt(*about, reason="", message="", attempts=1, latency_ms=latency_ms, at_ms=now_ms)

    api.desk.jobs.advance(
        "crm", 9, receipts=[receipt("a", DELIVERED, 10), receipt("b", DELIVERED, 500), receipt("c", FAILED, 90)]
    )
    (told,) = api.json("/deliveries/volume", since="24h")["destinations"]
    assert (told["destination"], told["delivered"], told["failed"]) == ("crm", 2, 1)
    assert sum(step["delivered"] for step in told["steps"]) == 2
    assert told["p95_ms"] >= 500
    assert api.json("/deliveries/volume", destination="crm")["destinations"] == [told]
    assert api.error("GET", "/deliveries/volume?destination=none")[0] == 404
