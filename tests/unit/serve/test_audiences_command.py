"""`headwater audiences` on a folder: the list, one of them, members, files, previews, translations."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from commanding import command
from private_api import enter
from storing import AT_MS, Writer
from test_previews import order, store

from headwater.aggregation import tables
from headwater.aggregation.sweep import generation_of
from headwater.aggregation.tables import Sweep, segment_id
from headwater.cli import audience_source
from headwater.config import changes
from headwater.destinations import registry
from headwater.profiles.embedded import embedded
from headwater.serve.pages import PAGE_MAX

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}]
destinations: [{name: hook, type: webhook, settings: {url: "https://hook.example"}}]
audiences:
  - key: buyers
    name: Buyers
    where: {event: Order Completed, count: {op: ">=", value: 2}}
    destinations: [{name: hook}]
  - {key: large, collection: accounts, where: {event: Seat Added}}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    config = embedded(tmp_path).config()
    changes.apply(config, FILE, "", registry, "test")
    config.close()
    return tmp_path


@pytest.fixture
def written(data: Path) -> Iterator[Writer]:
    writer = Writer(data)
    yield writer
    writer.close()


def test_list_when_no_pipeline_has_run_then_all_wait_to_be_computed(data: Path) -> None:
    code, output = command(data, "audiences")
    assert code == 0
    assert output == (
        "buyers: 0 members, computing: 0% (0 of 0 profiles)\n"
        "large of accounts: 0 members, computing: 0% (0 of 0 profiles)\n"
    )


def test_list_when_the_sweep_goes_on_then_how_far_it_is(data: Path, written: Writer) -> None:
    config = embedded(data).config()
    current = config.current()
    config.close()
    assert current is not None
    generation = generation_of(current.workspace)
    row = Sweep(generation.fingerprint, generation.version, done=1_500, total=2_000, started_ms=1)
    written.commit({tables.SWEEPS: {b"sweep": tables.encode_row(row)}})
    enter(written, "buyers", written.profile("user_id:u1"))
    assert command(data, "audiences")[1].splitlines()[0] == (
        "buyers: 1 member, computing: 75% (1,500 of 2,000 profiles)"
    )
    (buyers, _) = json.loads(command(data, "audiences", "--json")[1])
    assert (buyers["size"], buyers["progress"]) == (1, 0.75)


def test_show_when_there_is_one_then_both_notations_and_its_sizes(data: Path, written: Writer) -> None:
    enter(written, "buyers", written.profile("user_id:u1"))
    enter(written, "buyers", written.profile("user_id:u2"), at_ms=AT_MS + 3_600_000)
    code, output = command(data, "audiences", "show", "buyers")
    assert code == 0
    assert output == (
        "buyers (Buyers) of users, version 1\n"
        "  2 members, computing: 0% (0 of 0 profiles)\n"
        "  told: hook\n"
        "query\n"
        "  event('Order Completed').count() >= 2\n"
        "tree\n"
        "  event: Order Completed\n"
        "  count:\n"
        "    op: '>='\n"
        "    value: 2\n"
        "size at the end of the hour, newest first\n"
        "  2023-11-14 23:00Z  2\n"
        "  2023-11-14 22:00Z  1\n"
    )
    assert len(json.loads(command(data, "audiences", "show", "buyers", "--json")[1])["sizes"]) == 2


def test_members_when_there_are_more_than_wanted_then_says_so(
    data: Path, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [written.profile(f"user_id:u{number}", traits={"n": number}) for number in range(5)]
    enter(written, "buyers", *people)
    monkeypatch.setattr("headwater.cli.audiences.PAGE", 2)
    code, output = command(data, "audiences", "members", "buyers", "--limit", "3", "--traits", "n")
    lines = output.splitlines()
    assert (code, len(lines)) == (0, 4)
    assert "headwater: only the first 3 are shown" in lines
    shown = [line for line in lines if line.startswith("use_")]
    assert [line.split()[0] for line in shown] == sorted(map(segment_id, people))[:3]
    assert all("  2023-11-14T22:13:20Z  user_id:u" in line and "  n=" in line for line in shown)
    everybody = json.loads(command(data, "audiences", "members", "buyers", "--json")[1])
    assert [each["segment_id"] for each in everybody] == sorted(map(segment_id, people))
    assert command(data, "audiences", "members", "large") == (0, "nobody\n")


def test_export_when_written_then_it_can_be_read_back(
    data: Path, written: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.cli.audiences.PAGE", 2)
    enter(written, "buyers", *(written.profile(f"user_id:u{number}", traits={"n": number}) for number in range(5)))
    expected = {f"u{number}": str(number) for number in range(5)}
    file = tmp_path / "buyers.parquet"
    options = ("--traits", "n")
    assert command(
        data, "audiences", "export", "buyers", "--format", "parquet", "--output", str(file), *options
    ) == (
        0,
        f"5 members in {file}\n",
    )
    assert {row["user_id"]: row["n"] for row in pq.read_table(file).to_pylist()} == expected
    _, output = command(data, "audiences", "export", "buyers", *options)
    assert {row["user_id"]: row["n"] for row in csv.DictReader(io.StringIO(output))} == expected
    _, output = command(data, "audiences", "export", "buyers", "--format", "ndjson", *options)
    assert {each["traits"]["n"] for each in map(json.loads, output.splitlines())} == set(range(5))


SUM = "event('Order Completed').sum(property('total'))"


@pytest.mark.parametrize(
    ("words", "stdin", "line"),
    [
        (["--query", "event('Order Completed').count() >= 1"], None, "event('Order Completed').count() >= 1"),
        (["-"], "event('Order Completed').count() >= 1\n", "event('Order Completed').count() >= 1"),
        (["-"], "event: Order Completed\n", "event('Order Completed').count() >= 1"),
        (["-"], '{"where": {"audience": "buyers"}}', "trait('buyers') = 'true'"),
        (["-"], "kind: sum\nevent: Order Completed\nproperty: total\n", SUM),
        (["--query", "event('Order Completed').count()"], None, "event('Order Completed').count()"),
    ],
)  # fmt: skip
def test_preview_when_given_in_any_way_then_how_many_and_who(
    data: Path, written: Writer, words: list[str], stdin: str | None, line: str
) -> None:
    ann = written.profile("user_id:u1")
    store(data, (ann, order()), (ann, order()))
    code, output = command(data, "audiences", "preview", *words, stdin=stdin)
    assert (code, output.splitlines()[0]) == (0, f"1 profile of users: {line}")
    assert output.splitlines()[1].startswith(f"  {segment_id(ann)}  user_id:u1")


def test_preview_when_about_accounts_then_the_collection_is_said(data: Path, written: Writer) -> None:
    account = written.profile("group_id:g1", collection="accounts")
    store(data, (written.profile("user_id:u1"), order(groupId="g1")))
    words = ("--collection", "accounts", "-")
    text = "event: Order Completed\nwhere: properties.total > 1\n"
    code, output = command(data, "audiences", "preview", *words, stdin=text)
    assert code == 0
    assert segment_id(account) in output


TREE = "all:\n- event: Order Completed\n  within: 30d\n- trait: country\n  op: '='\n  value: US\n"
QUERY = "event('Order Completed').within(30 days).count() >= 1 AND trait('country') = 'US'\n"


def test_translate_when_given_one_notation_then_prints_the_other() -> None:
    assert command(None, "audiences", "translate", stdin=TREE) == (0, QUERY)
    assert command(None, "audiences", "translate", stdin=QUERY) == (0, TREE)
    trait = "kind: sum\nevent: Order Completed\nproperty: total\nwithin: 30d\n"
    query = "event('Order Completed').within(30 days).sum(property('total'))\n"
    assert command(None, "audiences", "translate", stdin=trait) == (0, query)
    assert command(None, "audiences", "translate", stdin=query) == (0, trait)
    of_accounts = "users:\n  any:\n    event: Seat Added\n"
    assert command(None, "audiences", "translate", "--collection", "accounts", stdin=of_accounts)[0] == 0
    assert command(None, "audiences", "translate", stdin=of_accounts)[0] == 1
    whole = "key: a\nwhere:\n  event: Order Completed\n"
    assert command(None, "audiences", "translate", stdin=whole) == (0, "event('Order Completed').count() >= 1\n")


@pytest.mark.parametrize(
    ("words", "stdin", "code", "message"),
    [
        (["show", "buyer"], None, 1, "did you mean buyers?"),
        (["show", "buyers", "--collection", "accounts"], None, 1, "no audience 'buyers' of accounts"),
        (["members", "none"], None, 1, "there is no audience"),
        (["export", "none"], None, 1, "there is no audience"),
        (["export", "buyers", "--format", "xls"], None, 2, "csv, parquet or ndjson"),
        (["preview"], None, 2, "FILE or a --query"),
        (["preview", "-", "--query", "x"], "x", 2, "FILE or a --query"),
        (["preview", "none.yaml"], None, 1, "cannot read none.yaml"),
        (["preview", "-"], "- event: X\n", 1, "a definition is a mapping"),
        (["preview", "-"], "evnt: X\n", 1, "evnt"),
        (["preview", "--query", "event("], None, 1, "not the query language"),
        (["translate", "--collection", "people"], "", 2, "users or accounts"),
        (["translate"], "event: [", 1, "not YAML"),
        (["translate"], "event(", 1, "expected"),
        (["--json", "show", "buyers"], None, 2, "options belong after `show`"),
    ],
)
def test_command_when_it_cannot_then_says_why(
    data: Path, words: list[str], stdin: str | None, code: int, message: str
) -> None:
    needs_folder = "translate" not in words
    found, output = command(data if needs_folder else None, "audiences", *words, stdin=stdin)
    assert (found, message in " ".join(output.replace("│", " ").split())) == (code, True), output


def test_pages_when_asked_for_then_as_large_as_the_api_gives() -> None:
    assert audience_source.PAGE == PAGE_MAX
