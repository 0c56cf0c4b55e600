"""Dead letters in the state: bounded, oldest first out, and good for a second try."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from arriving import batch, normalised, request, source, staged

from headwater.flow import DeadLetter, Effects
from headwater.flowing import Arrival
from headwater.processing import dead_letters
from headwater.processing.dead_letters import Shelf
from headwater.processing.replay import Replay, as_request
from headwater.state.port import Commit, State
from headwater.state.rocksdb import RocksState


def letter(offset: int = 0, index: int = 0, **fields: object) -> DeadLetter:
    plain = DeadLetter(offset, index, "normalise", "id_not_string", "userId", "website", "track", 1, b"{}")
    return msgspec.structs.replace(plain, **fields)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = RocksState(tmp_path / "state")
    yield opened
    opened.close()


def shelve(state: State, shelf: Shelf, *letters: DeadLetter) -> None:
    """As the pipeline does it: one commit for what comes and what goes."""
    effects = Effects(state)
    dead_letters.add(letters, effects)
    shelf.make_room(effects.changes)
    state.commit(Commit(position=1, changes=effects.changes))
    shelf.shelved()


def kept(state: State) -> list[int]:
    return [found.offset for found in dead_letters.recent(state)]


def test_recent_when_listed_then_newest_first_and_from_any_place_on(state: State) -> None:
    shelf = Shelf(state)
    letters = [letter(1), letter(2, stage="plan"), letter(3, source="app"), letter(3, 1, reason="poison")]
    shelve(state, shelf, *letters)
    assert list(dead_letters.recent(state)) == letters[::-1]
    assert list(dead_letters.recent(state, before=(3, 0))) == letters[1::-1]
    assert list(dead_letters.recent(state, before=(2, 7))) == letters[1::-1]
    assert list(dead_letters.recent(state, before=(1, 0))) == []


def test_shelf_when_full_then_the_oldest_go_and_the_count_stays_exact(state: State) -> None:
    shelf = Shelf(state, letters_max=3)
    for offset in range(5):
        shelve(state, shelf, letter(offset))
    assert kept(state) == [4, 3, 2]
    assert shelf.count == Shelf(state).count == 3


def test_shelf_when_more_arrive_at_once_than_fit_then_everything_older_goes(state: State) -> None:
    shelf = Shelf(state, letters_max=2)
    shelve(state, shelf, letter(0), letter(1))
    shelve(state, shelf, letter(2), letter(3), letter(4))
    assert kept(state) == [4, 3, 2]
    shelve(state, shelf, letter(5))
    assert kept(state) == [5, 4]
    assert shelf.count == 2


def test_shelf_when_letters_are_erased_then_the_rewritten_ones_still_count(state: State) -> None:
    shelf = Shelf(state)
    shelve(state, shelf, letter(0), letter(1), letter(2))
    rewritten = Effects(state)
    dead_letters.add([letter(1, payload=b"{}")], rewritten)
    changes = rewritten.changes | {
        dead_letters.TABLE: {dead_letters.key((0, 0)): None, **rewritten.changes[dead_letters.TABLE]}
    }
    assert shelf.make_room(changes) == 0
    state.commit(Commit(position=1, changes=changes))
    shelf.shelved()
    assert shelf.count == Shelf(state).count == 2
    assert shelf.size_bytes == Shelf(state).size_bytes


def test_shelf_when_letters_are_large_then_their_bytes_are_bounded_too(state: State) -> None:
    shelf = Shelf(state, bytes_max=100_000)
    for offset in range(40):
        shelve(state, shelf, letter(offset, payload=b"x" * (100 if offset < 20 else 30_000)))
    assert kept(state) == [39, 38, 37]
    assert shelf.count == Shelf(state).count
    assert shelf.size_bytes == Shelf(state).size_bytes <= 100_000


def test_shelf_when_it_is_far_too_full_then_it_empties_a_piece_at_a_time(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "_DROPPED_BYTES_MAX", 5_000)
    shelve(state, Shelf(state), *[letter(offset, payload=b"x" * 1_000) for offset in range(50)])
    shelf = Shelf(state, bytes_max=10_000)
    sizes = [shelf.count]
    while shelf.size_bytes > 10_000:
        shelve(state, shelf)
        sizes.append(shelf.count)
    assert all(2 <= before - after <= 6 for before, after in itertools.pairwise(sizes))
    assert kept(state)[0] == 49


def test_as_request_when_it_was_a_whole_request_then_it_is_the_same_one_again() -> None:
    original = request(events=3)
    [dead] = normalised(original, sources=(source(enabled=False),)).dead
    again = as_request(dead, at_ms=5)
    assert msgspec.structs.replace(again, replayed="") == original
    assert Replay.of(again) == Replay(0, -1, "normalise", "source_disabled", 5, 0, -1)


@pytest.mark.parametrize(
    "shared", [{"context": "x" * 100_000}, {"integrations": ["x" * 100_000]}, {"sentAt": "x" * 100_000}]
)
def test_letters_when_their_batch_shares_something_large_then_it_is_not_multiplied(shared: dict[str, Any]) -> None:
    arrivals = [Arrival(0, request(batch(*[{}] * 500, **shared)))]
    letters = dead_letters.completed(staged(arrivals).dead, arrivals, after_dedupe=())
    assert sum(letter.events for letter in letters) == 500
    assert sum(len(letter.shared) + len(letter.payload) for letter in letters) < 200_000
