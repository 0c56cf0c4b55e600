"""The office when somebody asks for what makes no sense, or for what is much work."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from headwater import limits
from headwater.config.secrets import MASK
from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.errors import InputError
from headwater.event import CollectedRequest, OutboundEvent, encode_collected
from headwater.flow import DeadLetter, Effects
from headwater.lake.letters_parquet import ParquetLetters
from headwater.processing import dead_letters
from headwater.profiles.embedded import embedded
from headwater.serve.instants import instant_ms
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.letters.dead_letters import line, whole
from headwater.serve.letters.letter import letter_id
from headwater.serve.letters.letter_filter import Filter
from headwater.state.port import Commit

HUGE = "9" * 30


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With ten whole requests."""
    platform = embedded(tmp_path)
    with contextlib.closing(platform.state()) as state:
        effects = Effects(state)
        record = encode_collected(
            CollectedRequest(1, "website", "batch", "", "", gzipped=False, body=b'{"batch":[{"event":"Order"}]}')
        )
        whole = DeadLetter(0, -1, "normalise", "source_disabled", "", "website", "batch", 1, record)
        dead_letters.add([msgspec.structs.replace(whole, offset=n) for n in range(10)], effects)
        state.commit(Commit(10, effects.changes))
    with contextlib.closing(platform.collected()) as log, contextlib.closing(platform.jobs()) as jobs:
        yield Office(platform.state_view, log, jobs)


@pytest.mark.parametrize(
    "cursor", ["x", f"{HUGE}.0_", "-1.0_", f"1.{HUGE}_", f"_{HUGE}", "_-1", f"_{'9' * 5_000}"]
)
def test_find_when_the_cursor_is_none_of_ours_then_says_so(office: Office, cursor: str) -> None:
    with pytest.raises(InputError) as refused:
        office.find(Filter(), limit=1, cursor=cursor)
    assert refused.value.code == "invalid_cursor"


def test_find_when_a_text_is_looked_for_then_whole_requests_count_as_what_they_may_inflate_to(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.letters, "LOOKED_BYTES", 3 * limits.collection.BATCH_BYTES_MAX)
    assert office.find(Filter(), limit=20).cursor is None
    found, calls, cursor = 0, 1, None
    while True:
        page = office.find(Filter(text="ORDER"), limit=20, cursor=cursor)
        found += len(page.letters)
        assert len(page.letters) <= 4
        if (cursor := page.cursor) is None:
            break
        calls += 1
    assert (found, calls) == (10, 3)


@pytest.mark.parametrize("text", [f"{HUGE}h", "9" * 5_000 + "d", "h", "-1h", "٣h", ""])
def test_instant_when_it_is_none_then_says_so(text: str) -> None:
    with pytest.raises(InputError):
        instant_ms(text, 0)


def test_whole_when_a_write_key_was_sent_then_it_is_masked_and_the_rest_is_as_sent() -> None:
    sent = b'{"writeKey": "wk_secret","event":"A","properties":{"writeKey":"wk_secret","a":1}}'
    letter = DeadLetter(0, 0, "normalise", "no_user_anon_id", "", "website", "track", 1, sent)
    shown = whole(letter).letter
    assert shown.payload == sent.decode().replace("wk_secret", MASK)
    assert shown.payload_bytes == len(sent)
    assert line(letter).payload == shown.payload


def test_office_when_letters_of_delivery_are_in_files_then_they_are_found_replayed_and_let_go_as_ever(
    tmp_path: Path,
) -> None:
    platform = embedded(tmp_path)
    area = ParquetLetters(tmp_path / "lake")
    with (
        contextlib.closing(platform.collected()) as log,
        contextlib.closing(SqliteJobs(tmp_path / "delivery.db", lambda: area, dead_letters_max=10)) as jobs,
    ):
        instants = (1, 1, None, None)
        for n in range(30):
            event = OutboundEvent(
                n, 0, f"m{n}", "track", "A", None, "ann", None, None, None, "web", *instants, b"{}"
            )
            letter = Undelivered("crm" if n % 2 else "ads", event, 9, 1, n, "404", "Not Found")
            jobs.advance(letter.destination, 1, dead=[letter])
        assert len(list(tmp_path.rglob("*.parquet"))) > 3
        office = Office(None, log, jobs)
        assert len(office.find(Filter(), limit=100).letters) == 30
        page = office.find(Filter(destination="crm"), limit=10)
        rest = office.find(Filter(destination="crm"), limit=10, cursor=page.cursor)
        assert [letter_id(each) for each in [*page.letters, *rest.letters]] == [
            f"delivery-{n}" for n in range(30, 0, -2)
        ]
        assert [letter_id(each) for each in office.of_message("m1")] == ["delivery-2"]
        office.replay("delivery-2")
        office.discard("delivery-1")
        done = office.decide(office.replay_all, ids=None, wanted=Filter(destination="crm"))
        assert (done.count, done.skipped) == (14, [])
        assert len(jobs.soonest("crm", 100)) == 15
        assert {letter_id(each) for each in office.find(Filter(), limit=100).letters} == {
            f"delivery-{n}" for n in range(3, 30, 2)
        }
