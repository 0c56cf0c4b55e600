"""Windows: who is in them, to the millisecond, and what it costs to know."""

from typing import Any

import pytest
from living import DAY, HOUR, START_MS, Life, Sent

from headwater import limits
from headwater.definitions import ast

TOTAL = ("properties", "total")
MONTH = ast.Window(30 * DAY)
THREE_HOURS = ast.Window(3 * HOUR)


def order(at_ms: int, total: Any = 10, **members: Any) -> Sent:
    return Sent(at_ms, payload={"total": total}, **members)


def at_least(count: int, window: ast.Window | None = MONTH) -> ast.Definition:
    return ast.Definition(
        "buyers",
        ast.EventCondition(ast.Aggregate(ast.EventQuery(name="Order"), window=window), ">=", (count,)),
        version=1,
    )


def of_window(reducer: ast.Reducer, window: Any = THREE_HOURS, where: Any = None) -> ast.Definition:
    path = () if reducer == "count" else TOTAL
    return ast.Definition(
        "value", ast.Aggregate(ast.EventQuery(name="Order", where=where), reducer, path, window), version=1
    )


def test_audience_when_its_window_has_passed_then_it_is_left_at_that_very_millisecond() -> None:
    life = Life([at_least(3)])
    for offset in range(3):
        life.sent(order(START_MS + offset * DAY), offset)
    assert life.told() == [("buyers", True, None, START_MS + 2 * DAY)]
    life.wait(START_MS + 30 * DAY - 1)
    assert life.value("buyers")
    life.wait(START_MS + 30 * DAY)
    assert life.told()[1:] == [("buyers", False, True, START_MS + 30 * DAY)]


def test_audience_when_the_clock_jumps_over_everything_then_each_change_has_its_own_instant() -> None:
    life = Life([of_window("count", ast.Window(HOUR))])
    for offset in range(3):
        life.sent(order(START_MS + offset), offset)
    life.changes.clear()
    life.wait(START_MS + DAY)
    assert life.told() == [
        ("value", 2, 3, START_MS + HOUR),
        ("value", 1, 2, START_MS + HOUR + 1),
        ("value", None, 1, START_MS + HOUR + 2),
    ]
    assert life.computed.due_ms is None
    assert life.computed.aggregates == {}


def test_audience_when_events_share_a_millisecond_then_they_leave_as_one() -> None:
    life = Life([of_window("count", ast.Window(HOUR))])
    for offset in range(2 * limits.compute.WINDOW_TIMES_KEPT):
        life.sent(order(START_MS), offset)
    life.changes.clear()
    life.wait(START_MS + HOUR)
    assert life.told() == [("value", None, 2 * limits.compute.WINDOW_TIMES_KEPT, START_MS + HOUR)]


@pytest.mark.parametrize(("late_ms", "is_member"), [(0, True), (30 * DAY - 1, True), (30 * DAY, False)])
def test_audience_when_an_event_comes_late_then_its_age_decides(late_ms: int, is_member: bool) -> None:
    life = Life([at_least(1)])
    life.sent(order(START_MS - late_ms, received_ms=START_MS), 0)
    assert life.value("buyers") is is_member
    assert life.computed.due_ms == (START_MS - late_ms + 30 * DAY if is_member else None)


def test_audience_when_events_have_to_be_some_days_old_then_they_count_once_they_are() -> None:
    life = Life([at_least(1, ast.Window(10 * DAY, 7 * DAY))])
    life.sent(order(START_MS), 0)
    assert life.computed.due_ms == START_MS + 7 * DAY
    life.wait(START_MS + 20 * DAY)
    assert life.told() == [
        ("buyers", True, None, START_MS + 7 * DAY),
        ("buyers", False, True, START_MS + 10 * DAY),
    ]


def test_maximum_when_better_ones_leave_one_after_the_other_then_the_next_best_follows() -> None:
    life = Life([of_window("max")])
    totals = range(40, 0, -1)
    for offset, total in enumerate(totals):
        life.sent(order(START_MS + offset, total), offset)
    life.changes.clear()
    life.wait(START_MS + DAY)
    expected = [*range(39, 0, -1), None]
    assert [each.value for each in life.changes] == expected
    assert [each.at_ms for each in life.changes] == [START_MS + 3 * HOUR + at for at in range(40)]


def test_first_when_what_follows_it_is_far_behind_then_it_is_found() -> None:
    counts = ast.Compare(ast.Path(TOTAL), ">", (0,))
    life = Life([of_window("first", where=counts)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.compute, "WINDOW_ROWS_LOOKED", 2)
        patch.setattr(limits.compute, "WINDOW_TIMES_KEPT", 1)
        for offset, total in enumerate([7, *[0] * 20, 9, 11]):
            life.sent(order(START_MS + offset, total), offset)
        life.wait(START_MS + 3 * HOUR)
        assert life.value("value") == 9
        life.wait(START_MS + 3 * HOUR + 21)
        assert life.value("value") == 11


def test_count_when_nothing_matches_for_long_then_the_search_goes_on_later() -> None:
    """An expiry that has to look through all of a long history would keep everybody waiting."""
    counts = ast.Compare(ast.Path(TOTAL), ">", (0,))
    life = Life([of_window("count", where=counts)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.compute, "WINDOW_ROWS_LOOKED", 10)
        patch.setattr(limits.compute, "WINDOW_TIMES_KEPT", 1)
        for offset, total in enumerate([7, *[0] * 100, 9]):
            life.sent(order(START_MS + offset, total), offset)
        life.scanned = 0
        life.wait(START_MS + 3 * HOUR)
        assert life.value("value") == 1
        assert life.scanned < 20
        assert life.computed.due_ms == START_MS + 3 * HOUR + 11
        life.wait(START_MS + 3 * HOUR + 101)
        assert life.value("value") is None


def test_count_when_few_events_are_in_its_window_then_the_history_is_never_read() -> None:
    life = Life([of_window("count"), at_least(2)])
    for offset in range(limits.compute.WINDOW_TIMES_KEPT):
        life.sent(order(START_MS + offset), offset)
    life.wait(START_MS + 60 * DAY)
    assert life.scanned == 0


def test_window_when_much_is_in_it_then_what_is_kept_of_it_stays_small() -> None:
    life = Life([of_window(reducer, ast.Window(365 * DAY)) for reducer in ("count",)])
    for offset in range(300):
        life.sent(order(START_MS + offset, 300 - offset), offset)
    (state,) = life.computed.aggregates.values()
    assert len(str(state)) < 20 * limits.compute.WINDOW_TIMES_KEPT
    assert life.value("value") == 300


def test_session_when_nothing_comes_for_long_enough_then_it_is_over() -> None:
    life = Life([of_window("sum", ast.Session(HOUR))])
    for offset, minutes in enumerate([0, 59, 118, 177]):
        life.sent(order(START_MS + minutes * 60_000), offset)
    assert life.value("value") == 40
    life.wait(START_MS + (177 + 60) * 60_000)
    assert life.told()[-1] == ("value", None, 40, START_MS + (177 + 60) * 60_000)
    life.sent(order(START_MS + 300 * 60_000), 9)
    assert life.value("value") == 10


def test_session_when_a_late_event_closes_the_gap_then_both_sides_are_one() -> None:
    life = Life([of_window("count", ast.Session(HOUR))])
    life.sent(order(START_MS), 0)
    life.sent(order(START_MS + 100 * 60_000), 1)
    assert life.value("value") == 1
    life.sent(order(START_MS + 50 * 60_000, received_ms=START_MS + 100 * 60_000), 2)
    assert life.value("value") == 3


def test_funnel_when_events_keep_coming_then_only_those_it_can_reach_are_looked_at() -> None:
    returned = ast.Followed(ast.EventQuery(name="Refund"), HOUR, "=", 0)
    life = Life([of_window("count", ast.Window(30 * DAY), returned)])
    for offset in range(100):
        life.sent(order(START_MS + offset * HOUR), offset)
    life.scanned = 0
    life.sent(Sent(START_MS + 100 * HOUR, name="Refund"), 100)
    assert life.value("value") == 99
    assert life.scanned < 10


def test_funnel_when_what_must_not_follow_does_then_the_event_counts_no_more() -> None:
    kept = ast.Followed(ast.EventQuery(name="Refund"), HOUR, "=", 0)
    life = Life([of_window("count", THREE_HOURS, kept)])
    life.sent(order(START_MS), 0)
    life.sent(order(START_MS + 1), 1)
    life.sent(order(START_MS + 2), 2)
    life.sent(Sent(START_MS + HOUR + 1, name="Refund"), 3)
    life.wait(START_MS + DAY)
    assert [each.value for each in life.changes] == [1, 2, 3, 1, None]
    assert life.told()[-1][-1] == START_MS + 3 * HOUR


def test_funnel_when_a_step_has_a_step_of_its_own_then_the_last_event_decides_about_the_first() -> None:
    refund = ast.Followed(ast.EventQuery(name="Refund"), HOUR, ">=", 1)
    visit = ast.Followed(ast.EventQuery(name="Visit", where=refund), HOUR, ">=", 1)
    life = Life([of_window("count", None, visit)])
    for offset, (minutes, name) in enumerate([(0, "Order"), (50, "Visit"), (100, "Refund")]):
        assert life.value("value") is None
        life.sent(Sent(START_MS + minutes * 60_000, name=name), offset)
    assert life.value("value") == 1


def test_maximum_when_some_are_not_kept_then_a_newer_one_does_not_hide_them() -> None:
    life = Life([of_window("max")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.compute, "WINDOW_TIMES_KEPT", 2)
        for offset, total in enumerate([9, 8, 7]):
            life.sent(order(START_MS + offset, total), offset)
        life.sent(order(START_MS + 3 * HOUR, 1), 3)
        life.wait(START_MS + DAY)
    assert [each.value for each in life.changes] == [9, 8, 7, 1, None]


def test_session_when_it_is_computed_anew_then_it_is_found_however_long_it_is() -> None:
    counted, favourite = of_window("count", ast.Session(HOUR)), of_window("most_frequent", ast.Session(HOUR))
    life = Life([counted, ast.Definition("favourite", favourite.body, version=1)])
    for offset in range(50):
        life.sent(order(START_MS + offset * HOUR // 2, 1 if offset < 30 else 2), offset)
    life.rebuilt()
    assert life.values() == {"value": 50, "favourite": "1"}


def test_sequence_when_its_first_step_comes_late_then_the_second_has_been_there_already() -> None:
    steps = tuple(ast.EventQuery(name=name) for name in ("Order", "Visit", "Refund"))
    for within_ms in (None, 2 * HOUR):
        life = Life([ast.Definition("done", ast.Sequence(steps, within_ms), version=1)])
        life.sent(Sent(START_MS + 2, name="Visit"), 0)
        life.sent(Sent(START_MS + 1, name="Order", received_ms=START_MS + 2), 1)
        assert not life.value("done")
        life.sent(Sent(START_MS + 3, name="Refund"), 2)
        assert life.value("done")


@pytest.mark.parametrize(("within_ms", "is_done"), [(HOUR, True), (HOUR - 1, False), (None, True)])
def test_sequence_when_it_takes_as_long_as_it_may_then_it_is_complete(
    within_ms: int | None, is_done: bool
) -> None:
    steps = (ast.EventQuery(name="Order"), ast.EventQuery(name="Visit"))
    life = Life([ast.Definition("done", ast.Sequence(steps, within_ms), version=1)])
    life.sent(Sent(START_MS), 0)
    life.sent(Sent(START_MS + HOUR, name="Visit"), 1)
    life.wait(START_MS + 90 * DAY)
    assert life.value("done") is is_done


def test_sequence_when_steps_ask_the_same_then_each_takes_an_event_of_its_own() -> None:
    order_twice = ast.Sequence((ast.EventQuery(name="Order"), ast.EventQuery(name="Order")), HOUR)
    life = Life([ast.Definition("twice", order_twice, version=1)])
    life.sent(Sent(START_MS), 0)
    assert not life.value("twice")
    life.sent(Sent(START_MS), 1)
    assert life.value("twice")
