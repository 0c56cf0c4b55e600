"""Statements while they run: stopped by who has asked, or because the time is over."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from private_api import Api

from headwater.errors import BusyError, InputError
from headwater.lake.query import COLUMNS
from headwater.profiles.embedded import embedded
from headwater.serve.lake import sql, sql_schema
from headwater.serve.lake.running_statement import RunningStatement
from headwater.serve.lake.sql import Statement, query

ENDLESS = "select count(*) from range(1000000000000) a, range(1000000) b"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with closing(Api(tmp_path, "workspace: shop")) as api:
        yield api


def test_query_when_the_time_is_over_then_it_is_busy(tmp_path: Path) -> None:
    with pytest.raises(BusyError):
        query(embedded(tmp_path).lake(), Statement(ENDLESS), timeout_s=0.1)


def test_query_when_it_was_stopped_before_it_began_then_it_ends_all_the_same(tmp_path: Path) -> None:
    running = RunningStatement()
    running.stop()
    with pytest.raises(InputError) as stopped:
        query(embedded(tmp_path).lake(), Statement(ENDLESS), running=running)
    assert stopped.value.code == "stopped"


def test_stop_when_somebody_stops_their_statement_then_it_ends_and_is_forgotten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    class Watched(RunningStatement):
        def __init__(self) -> None:
            super().__init__()
            begun.set()

    monkeypatch.setattr(sql, "RunningStatement", Watched)
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(api.ask("POST", "/sql", json={"sql": ENDLESS, "id": "mine"}))
    )
    asking.start()
    assert begun.wait(20)
    while api.ask("DELETE", "/sql/mine").status_code == 404:
        pass  # between being made and being known
    asking.join(20)
    assert answers[0].json()["error"]["code"] == "stopped"
    assert api.error("DELETE", "/sql/mine")[0] == 404


def test_schema_when_a_column_is_in_the_view_then_it_is_explained(api: Api) -> None:
    assert sql_schema.ABOUT.keys() == COLUMNS.keys()
    (table,) = api.json("/sql/schema")["tables"]
    assert [each["name"] for each in table["columns"]] == list(COLUMNS)
