"""Everything about one profile in one answer, and how the command line tells it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from storing import AT_MS, Writer, ids
from typer.testing import CliRunner

from headwater.aggregation import reading
from headwater.aggregation.tables import segment_id
from headwater.cli import app
from headwater.config.definitions import AudienceDefinition
from headwater.config.workspace import Workspace
from headwater.errors import HeadwaterError, InputError, NotFoundError
from headwater.profiles.embedded import embedded
from headwater.serve.unify.profiles import ProfileReport, report

WORKSPACE = Workspace(workspace="shop", audiences=(AudienceDefinition(key="buyers", where="true"),))


def reported(written: Writer, who: str, **wanted: Any) -> ProfileReport:
    return report(written.state, WORKSPACE, who, **wanted)


def merged_of_three(written: Writer) -> tuple[bytes, bytes, bytes]:
    """user_id:u1, into which went anonymous_id:a1, into which had gone email:e1."""
    user = written.profile("user_id:u1", "anonymous_id:a1", "email:e1", merges=2)
    anonymous, mail = written.profile(name="anonymous"), written.profile(name="mail")
    written.merged(mail, anonymous)
    written.merged(anonymous, user)
    written.decide(user, "created", offset=1, ids=ids("user_id:u1"))
    written.decide(anonymous, "created", offset=2, ids=ids("anonymous_id:a1"))
    written.decide(mail, "created", offset=3, ids=ids("email:e1"))
    written.decide(
        anonymous, "merged", offset=4, ids=ids("anonymous_id:a1"), other=mail, other_ids=ids("email:e1")
    )
    written.decide(mail, "merged_into", offset=4, n=1, ids=ids("email:e1"), other=anonymous)
    written.decide(
        user, "merged", offset=5, ids=ids("user_id:u1"), other=anonymous, other_ids=ids("anonymous_id:a1")
    )
    written.decide(anonymous, "merged_into", offset=5, n=1, ids=ids("anonymous_id:a1"), other=user)
    return user, anonymous, mail


def test_report_when_there_is_a_profile_then_everything_about_it(written: Writer) -> None:
    user = written.profile(
        "user_id:u1", traits={"city": "Oslo", "gone": None}, computed={"buyers": True, "n": 2}, events=3
    )
    account = written.profile("group_id:g1", collection="accounts")
    written.link(user, account)
    for offset in range(3):
        written.event(user, at_ms=AT_MS + offset, offset=offset, event=f"E{offset}")
    found = reported(written, "user_id:u1", events=2)
    assert (found.segment_id, found.collection, found.events_count) == (segment_id(user), "users", 3)
    assert [(each.type, each.value, each.message_id) for each in found.external_ids] == [("user_id", "u1", "m0")]
    assert {key: (each.value, each.kind, each.source) for key, each in found.traits.items()} == {
        "buyers": (True, "audience", ""),
        "city": ("Oslo", "sent", "website"),
        "n": (2, "computed_trait", ""),
    }
    assert [each.event["event"] for each in found.events] == ["E2", "E1"]
    assert [each.record for each in found.events] == ["2.0", "1.0"]
    assert [(each.segment_id, each.external_ids[0].value) for each in found.links] == [(segment_id(account), "g1")]
    assert reported(written, "group_id:g1").links[0].segment_id == segment_id(user)


def test_report_when_the_collection_is_given_then_only_there(written: Writer) -> None:
    user = written.profile("crm:1")
    account = written.profile("crm:1", collection="accounts")
    assert reported(written, "crm:1").segment_id == segment_id(user)
    assert reported(written, "crm:1", collection="accounts").segment_id == segment_id(account)
    assert reported(written, segment_id(account)).collection == "accounts"
    with pytest.raises(NotFoundError):
        reported(written, segment_id(account), collection="users")


@pytest.mark.parametrize("who", ["", "u1", ":u1", "user_id:", "use_1", "use_" + "g" * 30])
def test_report_when_nothing_is_named_then_refused(written: Writer, who: str) -> None:
    with pytest.raises(InputError, match="TYPE:VALUE"):
        reported(written, who)


def test_identity_log_when_profiles_were_merged_then_those_of_all_in_order_of_the_log(written: Writer) -> None:
    user, anonymous, mail = map(segment_id, merged_of_three(written))
    log = reported(written, "user_id:u1").identity_log
    assert [(each.kind, each.profile, each.other, each.message_id) for each in log] == [
        ("created", user, "", "m1"),
        ("created", anonymous, "", "m2"),
        ("created", mail, "", "m3"),
        ("merged", anonymous, mail, "m4"),
        ("merged_into", mail, anonymous, "m4"),
        ("merged", user, anonymous, "m5"),
        ("merged_into", anonymous, user, "m5"),
    ]


def test_identity_log_when_a_merge_was_undone_then_the_other_side_is_not_part_of_it(written: Writer) -> None:
    user, anonymous, _ = merged_of_three(written)
    written.commit({"merged": {anonymous: None}})
    kinds = [(each.kind, each.message_id) for each in reported(written, "user_id:u1").identity_log]
    assert kinds == [("created", "m1"), ("merged", "m5")]
    assert reading.surviving(written.state, user) == user


def test_surviving_when_the_rows_lead_in_a_circle_then_it_ends(written: Writer) -> None:
    one, other = written.profile("user_id:1"), written.profile("user_id:2")
    written.merged(one, other)
    written.merged(other, one)
    with pytest.raises(NotFoundError):
        reported(written, segment_id(one))


# --- the command -----------------------------------------------------------------------------------------------


def command(data: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["profile", *words, "--data", str(data)])
    if isinstance(done.exception, HeadwaterError):
        return 1, str(done.exception)
    return done.exit_code, done.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    config = embedded(tmp_path).config()
    config.put(WORKSPACE, author="test")
    config.close()
    return tmp_path


def test_command_when_asked_for_a_profile_then_told(data: Path) -> None:
    writer = Writer(data)
    user = writer.profile("user_id:u1", traits={"city": "\x1b[31mOslo"}, computed={"buyers": False, "n": [1]})
    writer.link(user, writer.profile("group_id:g1", collection="accounts"))
    writer.event(user, event="Order Completed")
    code, output = command(data, "shop", "user_id:u1", "--events")
    assert code == 0
    assert output.splitlines()[0] == f"{segment_id(user)}  (users)"
    assert "  user_id:u1  since 2023-11-14 22:13:20Z by m0 of website" in output
    assert "traits\n  city: \\x1b[31mOslo  (2023-11-14 22:13:20Z website)" in output
    assert "computed traits\n  n: [1]" in output
    assert "audiences\n  buyers: false" in output
    assert "linked accounts\n  group_id:g1  (acc_" in output
    assert "events, newest first\n  2023-11-14 22:13:20Z  track    Order Completed  from website" in output
    writer.close()


def test_command_when_asked_why_then_the_chain_of_events_behind_every_merge(data: Path) -> None:
    writer = Writer(data)
    user, anonymous, mail = map(segment_id, merged_of_three(writer))
    key = reading.find(writer.state, "users", user).key  # type: ignore[union-attr]
    writer.decide(key, "demoted", offset=6, ids=ids("email:e2"), rule="a profile has at most 5 email")
    code, output = command(data, "shop", "email:e1", "--why")
    assert code == 0
    at = "2023-11-14 22:13:20Z"
    assert output.partition("why this is one profile\n")[2].splitlines() == [
        f"  {at}  {user} began with user_id:u1",
        "      event m1 from website",
        f"  {at}  {anonymous} began with anonymous_id:a1",
        "      event m2 from website",
        f"  {at}  {mail} began with email:e1",
        "      event m3 from website",
        f"  {at}  {anonymous} and {mail} became one: the event had email:e1 of the latter and anonymous_id:a1",
        "      event m4 from website",
        f"  {at}  {user} and {anonymous} became one: the event had anonymous_id:a1 of the latter and user_id:u1",
        "      event m5 from website",
        f"  {at}  email:e2 did not count for an event of {user}",
        "      event m6 from website",
        "      rule: a profile has at most 5 email",
        "`headwater explain MESSAGE_ID` tells the path of an event.",
    ]
    writer.close()


def test_command_when_asked_for_json_then_the_whole_report(data: Path) -> None:
    writer = Writer(data)
    writer.profile("user_id:u1", traits={"a": 1})
    code, output = command(data, "shop", "user_id:u1", "--json")
    assert code == 0
    assert msgspec.json.decode(output, type=ProfileReport) == report(
        writer.state, WORKSPACE, "user_id:u1", events=0
    )
    writer.close()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["shop", "user_id:u1"], 1, "no pipeline has run"),
        (["shop", "u1"], 1, "TYPE:VALUE"),
        (["other", "user_id:u1"], 1, "there is no space 'other': this platform has 'shop'"),
        (["shop", "user_id:u1", "--collection", "people"], 2, "users or accounts"),
    ],
)
def test_command_when_it_cannot_then_says_why(data: Path, words: list[str], code: int, message: str) -> None:
    assert command(data, *words)[0] == code
    assert message in command(data, *words)[1].replace("\n", " ")
