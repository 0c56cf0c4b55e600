"""Who is next: order per person, fair turns, full batches, against all that events may do."""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headwater.delivery.parcel import Group, Parcel, Piece
from headwater.delivery.queue import Bounds, Load, Queue
from headwater.destinations.kit.model import Action, Item
from headwater.event import OutboundEvent

ACTION: Action[Any] = Action(name="send", label="", description="", perform=lambda _: iter)  # type: ignore[arg-type, return-value]


def piece(number: int, person: str = "ann", *, source: str = "web", mapping: str = "all", size: int = 1) -> Piece:
    event = OutboundEvent(
        number, 0, f"m{number}", "track", None, None, person, None, None, None, source, 0, 0, None, None, b"{}"
    )
    item = Item(event, {}, event.message_id)
    return Piece(Parcel(event), mapping, ACTION, item, Group(source, mapping, None), size)


def queue(bounds: Bounds = Bounds(), *, together: bool = True) -> Queue:  # noqa: B008 - a named tuple
    return Queue(lambda _: bounds, together=together)


def numbers(load: Load | None) -> list[int]:
    assert load is not None
    return [each.parcel.event.offset for each in load.pieces]


def filled(subject: Queue, pieces: Iterable[Piece]) -> Queue:
    for each in pieces:
        subject.add(each, 0.0)
    return subject


def test_take_when_a_person_is_under_way_then_their_next_waits_until_it_has_ended() -> None:
    subject = filled(queue(), [piece(1), piece(2), piece(3, "bob")])
    anns = subject.take(0.0)
    assert anns is not None
    assert numbers(anns) == [1]
    assert numbers(subject.take(0.0)) == [3]
    assert subject.take(0.0) is None
    subject.finish(anns, 1.0)
    assert numbers(subject.take(1.0)) == [2]


def test_take_when_one_source_floods_then_the_other_has_every_second_turn() -> None:
    flood = [piece(n, f"p{n}") for n in range(100)]
    subject = filled(queue(), [*flood, *(piece(n, f"q{n}", source="shop") for n in range(200, 205))])
    first = [numbers(subject.take(0.0))[0] for _ in range(10)]
    assert [n for n in first if n >= 200] == [200, 201, 202, 203, 204]


def test_take_when_one_mapping_floods_then_the_other_has_every_second_turn() -> None:
    flood = [piece(n, f"p{n}") for n in range(100)]
    subject = filled(queue(), [*flood, *(piece(n, f"q{n}", mapping="rare") for n in range(200, 205))])
    assert sum(numbers(subject.take(0.0))[0] >= 200 for _ in range(10)) == 5


def test_take_when_a_batch_is_full_then_at_once_and_a_persons_pieces_in_order() -> None:
    subject = queue(Bounds(items_max=4, bytes_max=100, wait_s=10.0))
    filled(subject, [piece(1), piece(2), piece(3, "bob")])
    assert subject.take(0.0) is None, "there may be company"
    subject.add(piece(4, "cleo"), 0.0)
    assert sorted(numbers(subject.take(0.0))) == [1, 2, 3, 4]


def test_take_when_the_bytes_are_full_then_the_rest_goes_in_the_next() -> None:
    subject = filled(queue(Bounds(items_max=10, bytes_max=100)), [piece(n, f"p{n}", size=40) for n in range(3)])
    assert numbers(subject.take(0.0)) == [0, 1]
    assert numbers(subject.take(0.0)) == [2]


def test_take_when_one_piece_is_larger_than_a_request_may_be_then_it_goes_alone() -> None:
    subject = filled(queue(Bounds(items_max=10, bytes_max=100)), [piece(0, size=500), piece(1, "bob", size=1)])
    assert numbers(subject.take(0.0)) == [0]


def test_take_when_nobody_joins_then_after_the_wait_and_not_before() -> None:
    subject = filled(queue(Bounds(items_max=10, bytes_max=100, wait_s=2.0)), [piece(1)])
    assert subject.next_due_s() == 2.0
    assert subject.take(1.9) is None
    assert numbers(subject.take(2.0)) == [1]


def test_take_when_a_person_has_something_else_behind_it_then_company_is_not_waited_for() -> None:
    subject = filled(queue(Bounds(items_max=10, bytes_max=100, wait_s=2.0)), [piece(1), piece(2, mapping="other")])
    load = subject.take(0.0)
    assert load is not None
    assert numbers(load) == [1]
    subject.finish(load, 0.0)
    assert subject.take(0.0) is None
    assert numbers(subject.take(2.0)) == [2]


def test_take_when_it_ends_then_nothing_waits_for_company() -> None:
    subject = queue(Bounds(items_max=10, bytes_max=100, wait_s=2.0))
    subject.hurry()
    assert numbers(filled(subject, [piece(1)]).take(0.0)) == [1]


def test_take_when_no_company_can_come_then_what_stands_is_due_and_what_comes_later_waits() -> None:
    pieces = [piece(1, "ann"), piece(2, "ben", source="app")]
    subject = filled(queue(Bounds(100, 100, wait_s=30.0)), pieces)
    assert subject.take(0.0) is None
    subject.press(0.0)
    assert sorted(numbers(subject.take(0.0)) + numbers(subject.take(0.0))) == [1, 2]
    subject.add(piece(3, "cem"), 1.0)
    assert subject.take(1.0) is None


def test_take_when_the_order_of_a_person_does_not_count_then_groups_do_not_wait_for_each_other() -> None:
    pieces = [piece(n, source=("web", "app")[n % 2]) for n in range(6)]
    subject = filled(queue(Bounds(100, 100, wait_s=30.0, person_order=False)), pieces)
    assert subject.take(29.0) is None
    first, second = subject.take(30.0), subject.take(30.0)
    assert (numbers(first), numbers(second)) == ([0, 2, 4], [1, 3, 5])
    assert first
    subject.add(piece(7, source="app"), 31.0)
    subject.finish(first, 31.0)
    assert subject.take(61.0) is None, "that of the other group is still under way"


def test_take_when_people_must_not_be_together_with_themselves_then_one_piece_each() -> None:
    subject = filled(queue(Bounds(items_max=10, bytes_max=100), together=False), [piece(1), piece(2)])
    assert numbers(subject.take(0.0)) == [1]


def test_withdraw_when_under_way_then_what_waits_of_that_person_is_gone_and_others_stay() -> None:
    subject = filled(queue(), [piece(1), piece(2), piece(3), piece(4, "bob")])
    load = subject.take(0.0)
    assert load is not None
    assert [each.parcel.event.offset for each in subject.withdraw(load, "ann")] == [2, 3]
    subject.finish(load, 0.0)
    assert numbers(subject.take(0.0)) == [4]
    assert (subject.waiting, subject.take(0.0)) == (0, None)


def test_empty_when_something_is_under_way_then_it_may_still_be_finished() -> None:
    subject = filled(queue(), [piece(1), piece(2), piece(3, "bob")])
    load = subject.take(0.0)
    assert load is not None
    assert sorted(each.parcel.event.offset for each in subject.empty()) == [2, 3]
    subject.finish(load, 0.0)
    assert subject.take(0.0) is None
    assert numbers(filled(subject, [piece(4)]).take(0.0)) == [4]


ADD, TAKE, FINISH = "add", "take", "finish"
steps = st.lists(
    st.one_of(
        st.tuples(st.just(ADD), st.integers(0, 4), st.integers(0, 2), st.integers(0, 1), st.integers(1, 60)),
        st.tuples(st.just(TAKE), st.floats(0, 2)),
        st.tuples(st.just(FINISH), st.integers(0, 5)),
    ),
    max_size=120,
)


@given(steps=steps, items_max=st.integers(1, 5), wait_s=st.sampled_from([0.0, 1.0]), together=st.booleans())
def test_queue_when_anything_happens_in_any_order_then_each_piece_leaves_once_and_people_keep_their_order(
    steps: list[Any], items_max: int, wait_s: float, together: bool
) -> None:
    bounds = Bounds(items_max, 100, wait_s)
    subject = queue(bounds, together=together)
    now_s, count = 0.0, 0
    under_way: list[Load] = []
    left: dict[str, list[int]] = defaultdict(list)
    added: dict[str, list[int]] = defaultdict(list)

    def take() -> bool:
        load = subject.take(now_s)
        if load is None:
            return False
        busy = {p.parcel.event.person for other in under_way for p in other.pieces}
        people = [p.parcel.event.person for p in load.pieces]
        assert not busy & set(people), "one request of a person at a time"
        assert together or len(people) == len(set(people))
        assert 1 <= len(load.pieces) <= items_max
        assert len(load.pieces) == 1 or sum(p.size_bytes for p in load.pieces) <= 100
        assert len({p.group for p in load.pieces}) == 1
        for each in load.pieces:
            left[each.parcel.event.person].append(each.parcel.event.offset)
        under_way.append(load)
        return True

    for step in steps:
        if step[0] == ADD:
            _, who, mapping, source, size = step
            subject.add(piece(count, f"p{who}", mapping=f"m{mapping}", source=f"s{source}", size=size), now_s)
            added[f"p{who}"].append(count)
            count += 1
        elif step[0] == TAKE:
            now_s += step[1]
            take()
        elif under_way:
            subject.finish(under_way.pop(step[1] % len(under_way)), now_s)
    now_s = math.inf
    while take() or under_way:
        if under_way:
            subject.finish(under_way.pop(), now_s)
    assert left == added
    assert subject.waiting == 0
