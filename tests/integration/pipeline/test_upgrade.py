"""A folder of an older version: readable before anything is changed in it, and taken on where it was left."""

import contextlib
import json
from pathlib import Path

import pytest
from deciding import office
from flowing import collect, drain, find, request
from older import COLLECTED, older_folder

from headwater.delivery.trace import lines
from headwater.errors import NotFoundError
from headwater.lake.query import connect
from headwater.processing import dead_letters, schema
from headwater.profiles.embedded import embedded
from headwater.serve.letters.dead_letters import listed
from headwater.serve.letters.letter_filter import Filter
from headwater.serve.observe.explain import explain

OLD_IDS = [f"{number}.{index}" for number in range(COLLECTED) for index in range(2)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    older_folder(tmp_path)
    return tmp_path


def test_folder_when_no_pipeline_of_this_version_has_run_then_it_can_be_read(data: Path) -> None:
    platform = embedded(data)
    with contextlib.closing(platform.state_view()) as state:
        assert state.position() == COLLECTED
        assert list(schema.events(state, "website")) == []
        assert dead_letters.of_message(state, "poisoned") == []
        assert state.get_many(schema.TABLE, [b"a", b"b"]) == [None, None]
    with connect(platform.lake()) as connection:
        rows = connection.execute("SELECT message_id, trace FROM events ORDER BY ALL").fetchall()
    assert rows == [(message_id, None) for message_id in OLD_IDS]
    with office(data) as opened:
        reasons = sorted(letter.reason for letter in listed(opened, Filter(), limit=10).data)
        assert reasons == ["TIMEOUT", "no_user_anon_id", "no_user_anon_id", "no_user_anon_id", "poison"]


def test_pipeline_when_it_takes_over_then_nothing_is_lost_and_nothing_is_there_twice(data: Path) -> None:
    collect(data, request(COLLECTED))
    drain(data)
    drain(data)
    found = find(data)
    assert found.outbound == [*OLD_IDS, f"{COLLECTED}.0", f"{COLLECTED}.1"]
    assert found.lake == sorted(found.outbound)
    assert found.totals["website", "accepted"] == 2 * COLLECTED + 2
    assert len(found.dead) == COLLECTED + 2


def test_dead_letters_when_they_are_of_the_older_version_then_they_can_be_replayed(data: Path) -> None:
    mended = json.dumps({"type": "track", "event": "A", "userId": "u7", "messageId": "mended"}).encode()
    with office(data) as opened:
        opened.replay("2.0")
        opened.replay("1.2", mended)
        [undelivered] = opened.find(Filter(stage="delivery"), limit=10).letters
        assert opened.replay_all([undelivered]) == []
    drain(data)
    found = find(data)
    assert found.outbound == [*OLD_IDS, "poisoned", "mended"]
    assert len(found.dead) == COLLECTED - 1


def test_explain_when_the_event_is_of_the_older_version_then_it_is_found(data: Path) -> None:
    drain(data)
    platform = embedded(data)
    with contextlib.ExitStack() as stack:
        collected, outbound, jobs, config = (
            stack.enter_context(contextlib.closing(port()))  # type: ignore[attr-defined]
            for port in (platform.collected, platform.outbound, platform.jobs, platform.config)
        )
        workspace = config.current().workspace
        receipts = stack.enter_context(contextlib.closing(platform.receipts()))
        ports = {"collected": collected, "jobs": jobs, "workspace": workspace, "receipts": receipts}
        told = explain("0.0", platform.state_view, outbound, platform.lake(), **ports)
        assert [journey.ended for journey in told.journeys] == ["accepted"]
        [hook] = lines(jobs, [], workspace, message_id="0.0", source="website", first=0, last=0)
        assert (hook.destination, hook.status, hook.reason) == ("hook", "retrying", "TIMEOUT")
        with pytest.raises(NotFoundError):
            explain("nobody", platform.state_view, outbound, platform.lake(), **ports)
