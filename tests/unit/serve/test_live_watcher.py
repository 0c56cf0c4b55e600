"""What somebody who watches gets of what arrives."""

from typing import Any

import msgspec
import pytest

from headwater.fql import FqlError
from headwater.serve.observe.live.event import LiveEvent
from headwater.serve.observe.live.reading import LogPlace
from headwater.serve.observe.live.watcher import GONE_S, Wanted, Watcher

PLACE = LogPlace(5, 3)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def event(number: int = 0, **given: Any) -> LiveEvent:
    body = msgspec.Raw(b'{"event":"Viewed","properties":{"total":%d}}' % number)
    usual = LiveEvent(
        f"{number}.0", f"m{number}", "web", "", "track", "Viewed", "u1", None, None, "accepted", 40, body
    )
    return msgspec.structs.replace(usual, **given)


def watcher(wanted: Wanted | None = None, clock: Clock | None = None, **bounds: Any) -> Watcher:
    return Watcher(wanted or Wanted(), lambda: None, clock=clock or Clock(), **bounds)


@pytest.mark.parametrize(
    ("asked", "given", "is_shown"),
    [
        ({}, {}, True),
        ({"source": "web"}, {}, True),
        ({"source": "app"}, {}, False),
        ({"type_": "page"}, {}, False),
        ({"event": "Bought"}, {}, False),
        ({"outcome": "dropped"}, {}, False),
        ({"outcome": "dropped"}, {"outcome": "duplicate"}, True),
        ({"outcome": "dropped"}, {"outcome": "waiting"}, False),
        ({"outcome": "accepted"}, {"outcome": "duplicate"}, False),
        ({"filter_text": "properties.total > 10"}, {}, False),
        ({"filter_text": "properties.total = 0"}, {}, True),
        ({"filter_text": "properties.total > 10"}, {"body": msgspec.Raw(b"7")}, False),
    ],
)
def test_wanted_when_asked_then_shows_only_that(
    asked: dict[str, Any], given: dict[str, Any], is_shown: bool
) -> None:
    assert Wanted(**asked)(event(**given)) is is_shown


def test_wanted_when_the_filter_is_none_then_it_says_where() -> None:
    with pytest.raises(FqlError, match="column 8"):
        Wanted(filter_text="event =")


def test_watcher_when_more_happens_than_it_is_sent_then_it_is_told_how_much() -> None:
    clock = Clock()
    watching = watcher(clock=clock, per_s=3)
    watching.offer([event(n) for n in range(10)], PLACE)
    assert [each.place for each in watching.take().events] == ["0.0", "1.0", "2.0"]
    watching.offer([event(n) for n in range(10, 15)], PLACE, not_looked=7)
    clock.now_s += 1
    taken = watching.take()
    assert taken.events == []
    assert taken.rate is not None
    assert (taken.rate.matched, taken.rate.shown, taken.rate.not_looked) == (15, 3, 7)
    watching.offer([event(20)], PLACE)
    assert [each.place for each in watching.take().events] == ["20.0"]


def test_watcher_when_all_was_shown_then_no_rate_is_told() -> None:
    clock = Clock()
    watching = watcher(clock=clock)
    watching.offer([event()], PLACE)
    clock.now_s += 1
    assert watching.take().rate is None


def test_watcher_when_bodies_are_many_bytes_then_events_come_without_theirs() -> None:
    watching = watcher(bytes_per_s=100)
    watching.offer([event(n) for n in range(4)], PLACE)
    assert [each.body is None for each in watching.take().events] == [False, False, True, True]


def test_watcher_when_nobody_takes_then_what_waits_stays_bounded() -> None:
    clock = Clock()
    watching = watcher(clock=clock, per_s=100, waiting_max=50)
    for second in range(100):
        watching.offer([event(second * 10 + n) for n in range(10)], PLACE)
        clock.now_s += 1
    taken = watching.take()
    assert len(taken.events) == 50
    assert taken.rate is not None
    assert taken.rate.matched - taken.rate.shown == 950


def test_watcher_when_nothing_matches_then_its_place_moves_on_all_the_same() -> None:
    watching = watcher(Wanted(source="other"))
    watching.offer([event()], PLACE)
    assert watching.take().place == PLACE


def test_watcher_when_nothing_is_taken_for_long_then_it_is_gone() -> None:
    clock = Clock()
    watching = watcher(clock=clock)
    clock.now_s += GONE_S + 1
    assert watching.is_gone
    watching.take()
    assert not watching.is_gone
