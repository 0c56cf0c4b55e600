"""What every store of the team must do. A new engine is one more entry in ENGINES."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec
import pytest

from headwater import limits
from headwater.errors import InputError, NotFoundError
from headwater.team.actor import Means
from headwater.team.attempts import ACCOUNT, ADDRESS
from headwater.team.audit import Entry, Own, Place, Wanted
from headwater.team.port import Team
from headwater.team.roles import Role
from headwater.team.sessions import Opened, new_session
from headwater.team.sqlite import SqliteTeam
from headwater.team.teammates import Teammate, new_link, new_teammate
from headwater.team.tokens import new_token
from headwater.units import DAY_MS

AT_MS = 1_795_000_000_000

Store = Callable[[], Team]


def sqlite_team(folder: Path) -> Team:
    return SqliteTeam(folder / "team.db")


ENGINES: dict[str, Callable[[Path], Team]] = {"sqlite": sqlite_team}


@pytest.fixture(params=ENGINES)
def open_team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Opens the same store again on every call, as another process would."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(ENGINES[request.param](tmp_path)))


def teammate(email: str = "ann@example.com", role: Role = Role.ADMIN, *, at_ms: int = AT_MS) -> Teammate:
    return new_teammate(email, "", role, at_ms=at_ms, by="setup")


def joined(team: Team, email: str = "ann@example.com", role: Role = Role.ADMIN) -> Teammate:
    """Who can sign in."""
    who = teammate(email, role)
    team.teammates.add(who, "hash")
    return msgspec.structs.replace(who, has_password=True)


def signed_in(team: Team, who: Teammate, *, at_ms: int = AT_MS) -> Opened:
    opened = new_session(who.id, at_ms=at_ms, address="192.0.2.1", agent="a browser")
    team.sessions.begin(opened)
    return opened


def entry(operation: str = "put_source", *, at_ms: int = AT_MS, **more: object) -> Entry:
    return Entry(at_ms, "ann", "tm_1", Role.ADMIN, Means.SESSION, operation, **more)  # type: ignore[arg-type]


def test_installation_when_it_is_opened_again_then_it_is_the_same(open_team: Store) -> None:
    assert open_team().installation == open_team().installation
    assert len(open_team().installation) == 8


# --- teammates ---------------------------------------------------------------------------------------------------


def test_add_when_another_process_looks_then_it_finds_them_whole(open_team: Store) -> None:
    who = joined(open_team())
    other = open_team().teammates
    assert other.list() == [who]
    assert other.get(who.id) == who
    assert other.by_email("ann@example.com") == (who, "hash")
    assert other.by_email("bob@example.com") is None


def test_add_when_the_address_is_taken_or_the_team_is_set_up_then_refused(open_team: Store) -> None:
    team = open_team()
    team.teammates.add(teammate())
    team.teammates.add(teammate("eve@example.com"), "hash", is_first=True)  # the one before cannot sign in
    with pytest.raises(InputError, match="this address already"):
        team.teammates.add(teammate())
    with pytest.raises(InputError, match="first admin already"):
        team.teammates.add(teammate("bob@example.com"), "hash", is_first=True)
    assert {each.email for each in team.teammates.list()} == {"ann@example.com", "eve@example.com"}


def test_get_when_there_is_none_then_not_found(open_team: Store) -> None:
    team = open_team().teammates
    for ask in (team.get, team.remove, lambda id_: team.offer(new_link(id_, at_ms=AT_MS))):
        with pytest.raises(NotFoundError):
            ask("tm_0")
    with pytest.raises(NotFoundError):
        team.change("tm_0", role=Role.VIEWER)
    with pytest.raises(NotFoundError):
        team.set_password("tm_0", "hash")


def test_change_when_they_are_the_last_admin_then_refused_and_nothing_changes(open_team: Store) -> None:
    team = open_team()
    ann = joined(team)
    joined(team, "eve@example.com", Role.EDITOR)
    team.teammates.add(teammate("invited@example.com"))  # an admin who cannot sign in is no help
    session = signed_in(team, ann)
    for refused in (
        lambda: team.teammates.change(ann.id, role=Role.EDITOR, name="Ann"),
        lambda: team.teammates.change(ann.id, is_disabled=True),
        lambda: team.teammates.remove(ann.id),
    ):
        with pytest.raises(InputError, match="last admin"):
            refused()
    assert team.teammates.get(ann.id) == ann
    assert team.sessions.find(session.secret, AT_MS)


def test_change_when_there_is_another_admin_then_done(open_team: Store) -> None:
    team = open_team()
    ann, bob = joined(team), joined(team, "bob@example.com")
    assert team.teammates.change(ann.id, role=Role.VIEWER).role is Role.VIEWER
    assert team.teammates.remove(ann.id).id == ann.id
    assert team.teammates.list() == [bob]


def test_change_when_role_or_standing_changes_then_their_sessions_end_and_others_do_not(open_team: Store) -> None:
    team = open_team()
    joined(team, "admin@example.com")
    ann, bob = joined(team, role=Role.EDITOR), joined(team, "bob@example.com", Role.EDITOR)
    theirs = signed_in(team, bob)
    for change in ({"role": Role.VIEWER}, {"is_disabled": True}):
        session = signed_in(team, ann)
        team.teammates.change(ann.id, **change)  # type: ignore[arg-type]
        assert team.sessions.find(session.secret, AT_MS) is None
    assert team.sessions.find(theirs.secret, AT_MS)


def test_change_when_only_the_name_changes_then_they_stay_signed_in(open_team: Store) -> None:
    team = open_team()
    ann = joined(team)
    session = signed_in(team, ann)
    assert team.teammates.change(ann.id, name="Ann", role=ann.role).name == "Ann"
    assert team.sessions.find(session.secret, AT_MS)


def test_set_password_when_they_are_signed_in_then_sessions_and_links_end(open_team: Store) -> None:
    team = open_team()
    ann = joined(team)
    session, link = signed_in(team, ann), new_link(ann.id, at_ms=AT_MS)
    team.teammates.offer(link)
    team.teammates.set_password(ann.id, "another")
    assert team.sessions.find(session.secret, AT_MS) is None
    assert team.teammates.offered(link.secret, AT_MS) is None
    assert team.teammates.by_email(ann.email) == (ann, "another")


def test_rehash_when_they_are_signed_in_then_nothing_ends(open_team: Store) -> None:
    team = open_team()
    ann = joined(team)
    session = signed_in(team, ann)
    team.teammates.rehash(ann.id, "the same, better")
    assert team.sessions.find(session.secret, AT_MS)
    assert team.teammates.by_email(ann.email) == (ann, "the same, better")


# --- links -------------------------------------------------------------------------------------------------------


def test_accept_when_the_link_is_used_twice_at_once_then_once(open_team: Store) -> None:
    team = open_team()
    ann = teammate()
    team.teammates.add(ann)
    link = new_link(ann.id, at_ms=AT_MS)
    team.teammates.offer(link)
    together = threading.Barrier(4)

    def accept(number: int) -> bool:
        together.wait(20)
        return open_team().teammates.accept(link.secret, f"hash {number}", AT_MS) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(accept, range(4))) == [False, False, False, True]
    assert team.teammates.get(ann.id).has_password


def test_offered_when_it_is_replaced_over_or_they_are_disabled_then_none(open_team: Store) -> None:
    team = open_team()
    joined(team)
    bob = joined(team, "bob@example.com", Role.VIEWER)
    first, second = new_link(bob.id, at_ms=AT_MS), new_link(bob.id, at_ms=AT_MS)
    team.teammates.offer(first)
    assert team.teammates.offered(first.secret, AT_MS) == bob
    team.teammates.offer(second)
    assert team.teammates.offered(first.secret, AT_MS) is None
    assert team.teammates.offered(second.secret, second.ends_ms - 1) == bob
    assert team.teammates.offered(second.secret, second.ends_ms) is None
    assert team.teammates.accept(second.secret, "hash 2", second.ends_ms) is None
    team.teammates.change(bob.id, is_disabled=True)
    assert team.teammates.accept(second.secret, "hash 2", AT_MS) is None
    assert team.teammates.by_email(bob.email)[1] == "hash"  # type: ignore[index]


# --- sessions ----------------------------------------------------------------------------------------------------


def test_find_when_the_secret_is_another_one_then_none(open_team: Store) -> None:
    team = open_team()
    ann = joined(team)
    opened = signed_in(team, ann)
    session, who = open_team().sessions.find(opened.secret, AT_MS)  # type: ignore[misc]
    assert (session, who) == (opened.session, ann)
    for wrong in ("", opened.session.id, opened.secret[:-1], opened.secret + "x"):
        assert team.sessions.find(wrong, AT_MS) is None


def test_find_when_it_is_idle_or_old_then_it_is_over(open_team: Store) -> None:
    team = open_team()
    opened = signed_in(team, joined(team))
    idle_ms, all_ms = limits.team.SESSION_IDLE_S_MAX * 1000, limits.team.SESSION_S_MAX * 1000
    assert team.sessions.find(opened.secret, AT_MS + idle_ms - 1)
    at_ms = AT_MS
    while at_ms < AT_MS + all_ms - idle_ms:
        at_ms += idle_ms // 2
        assert team.sessions.find(opened.secret, at_ms), "it is used"
    assert team.sessions.find(opened.secret, AT_MS + all_ms - 1)
    assert team.sessions.find(opened.secret, AT_MS + all_ms) is None


def test_find_when_nobody_has_used_it_then_it_is_over(open_team: Store) -> None:
    team = open_team()
    opened = signed_in(team, joined(team))
    assert team.sessions.find(opened.secret, AT_MS + limits.team.SESSION_IDLE_S_MAX * 1000) is None
    assert team.sessions.of(opened.session.teammate, AT_MS + limits.team.SESSION_IDLE_S_MAX * 1000) == []


def test_begin_when_there_are_too_many_then_the_oldest_ends(open_team: Store) -> None:
    team = open_team()
    ann, bob = joined(team), joined(team, "bob@example.com")
    theirs = signed_in(team, bob)
    opened = [signed_in(team, ann, at_ms=AT_MS + n) for n in range(limits.team.SESSIONS_PER_TEAMMATE_MAX + 1)]
    assert team.sessions.find(opened[0].secret, AT_MS) is None
    assert team.sessions.find(opened[1].secret, AT_MS)
    assert len(team.sessions.of(ann.id, AT_MS)) == limits.team.SESSIONS_PER_TEAMMATE_MAX
    assert team.sessions.find(theirs.secret, AT_MS)


def test_end_when_it_is_somebody_elses_then_it_goes_on(open_team: Store) -> None:
    team = open_team()
    ann, bob = joined(team), joined(team, "bob@example.com")
    one, two, three = (signed_in(team, ann, at_ms=AT_MS + n) for n in range(3))
    assert not team.sessions.end(one.session.id, bob.id)
    assert team.sessions.end(one.session.id, ann.id)
    assert not team.sessions.end(one.session.id, ann.id)
    assert team.sessions.end_others(ann.id, two.session.id) == 1
    assert team.sessions.find(three.secret, AT_MS) is None
    assert [each.id for each in team.sessions.of(ann.id, AT_MS)] == [two.session.id]


# --- tokens ------------------------------------------------------------------------------------------------------


def test_find_when_a_token_has_an_end_then_it_opens_until_then(open_team: Store) -> None:
    team = open_team()
    issued = new_token("ci", Role.EDITOR, at_ms=AT_MS, by="ann", ends_ms=AT_MS + DAY_MS)
    team.tokens.add(issued)
    found = open_team().tokens.find(issued.secret, AT_MS + DAY_MS - 1)
    assert found == issued.token
    assert team.tokens.find(issued.secret, AT_MS + DAY_MS) is None
    assert team.tokens.find(issued.secret + "x", AT_MS) is None
    assert team.tokens.list() == [msgspec.structs.replace(issued.token, used_ms=AT_MS + DAY_MS - 1)]


def test_revoke_when_it_is_done_then_it_opens_nothing_and_the_name_is_free(open_team: Store) -> None:
    team = open_team()
    issued = new_token("ci", Role.VIEWER, at_ms=AT_MS, by="ann")
    team.tokens.add(issued)
    with pytest.raises(InputError, match="of this name"):
        team.tokens.add(new_token("ci", Role.VIEWER, at_ms=AT_MS, by="ann"))
    assert open_team().tokens.revoke(issued.token.id) == issued.token
    assert team.tokens.find(issued.secret, AT_MS) is None
    with pytest.raises(NotFoundError):
        team.tokens.revoke(issued.token.id)
    team.tokens.add(new_token("ci", Role.VIEWER, at_ms=AT_MS, by="ann"))


# --- attempts ----------------------------------------------------------------------------------------------------


def test_begin_when_many_try_at_once_then_no_more_than_the_free_ones_go_on(open_team: Store) -> None:
    together = threading.Barrier(20)

    def attempt(_: int) -> bool:
        team = open_team()
        together.wait(20)
        return team.attempts.begin("ann@example.com", "192.0.2.1", AT_MS) == 0

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(attempt, range(20))) == ACCOUNT.free


def test_begin_when_the_account_pauses_then_other_accounts_do_not(open_team: Store) -> None:
    attempts = open_team().attempts
    for _ in range(ACCOUNT.free):
        assert attempts.begin("Ann@Example.com ", "192.0.2.1", AT_MS) == 0
    assert attempts.begin("ann@example.com", "192.0.2.2", AT_MS) == 1_000
    assert attempts.begin("bob@example.com", "192.0.2.1", AT_MS) == 0
    assert open_team().attempts.begin("ann@example.com", "192.0.2.2", AT_MS + 1_000) == 0
    assert attempts.begin("ann@example.com", "192.0.2.2", AT_MS + 1_000) == 2_000


def test_begin_when_one_address_tries_many_accounts_then_it_pauses(open_team: Store) -> None:
    attempts = open_team().attempts
    for number in range(ADDRESS.free):
        assert attempts.begin(f"{number}@example.com", "2001:db8::1", AT_MS) == 0
    assert attempts.begin("ann@example.com", "2001:db8::ffff", AT_MS) > 0
    assert attempts.begin("ann@example.com", "2001:db8:0:1::1", AT_MS) == 0


def test_succeed_when_there_were_failures_then_the_account_is_free_and_the_address_keeps_them(
    open_team: Store,
) -> None:
    attempts = open_team().attempts
    for number in range(ADDRESS.free - 1):
        assert attempts.begin(f"{number % 5}@example.com", "192.0.2.1", AT_MS) == 0
    assert attempts.begin("0@example.com", "192.0.2.1", AT_MS) == 0
    attempts.succeed("0@example.com", "192.0.2.1")
    assert attempts.begin("0@example.com", "192.0.2.1", AT_MS) == 0, "only its own attempt was taken back"
    assert attempts.begin("5@example.com", "192.0.2.1", AT_MS) > 0


def test_begin_when_a_day_has_gone_by_then_all_is_forgotten(open_team: Store) -> None:
    attempts = open_team().attempts
    for _ in range(ACCOUNT.free):
        attempts.begin("ann@example.com", "192.0.2.1", AT_MS)
    for _ in range(ACCOUNT.free):
        assert attempts.begin("ann@example.com", "192.0.2.1", AT_MS + limits.team.SIGN_IN_KEPT_S * 1000) == 0


# --- the audit log -----------------------------------------------------------------------------------------------


def test_search_when_there_are_many_then_pages_go_back_in_time(open_team: Store) -> None:
    audit = open_team().audit
    for n in range(5):
        audit.write(entry(f"op{n}", at_ms=AT_MS + n // 2))
    found = open_team().audit.search(Wanted(), limit=2)
    assert [each.operation for each in found] == ["op4", "op3"]
    found = audit.search(Wanted(), limit=9, before=Place(found[-1].at_ms, found[-1].id))
    assert [each.operation for each in found] == ["op2", "op1", "op0"]


def test_search_when_it_is_filtered_then_only_those(open_team: Store) -> None:
    audit = open_team().audit
    kept = entry("put_source", subject="web/x", status=200, version=7, note="why", at_ms=AT_MS + 1)
    audit.write(kept)
    audit.write(entry("sign_in"))
    audit.write(msgspec.structs.replace(entry("sign_out"), actor="bob", actor_id="tm_2", role=None, means=None))
    (whole,) = audit.search(Wanted(subject="web"), limit=9)
    assert whole == msgspec.structs.replace(kept, id=whole.id)
    for wanted in (
        Wanted(operations=("put_source", "nothing")),
        Wanted(since_ms=AT_MS + 1),
        Wanted(versions_only=True),
        Wanted(actor="ann", operations=("put_source",)),
    ):
        assert audit.search(wanted, limit=9) == [whole]
    for who in ("bob", "tm_2"):
        assert [each.operation for each in audit.search(Wanted(actor=who), limit=9)] == ["sign_out"]
    assert len(audit.search(Wanted(until_ms=AT_MS + 1), limit=9)) == 2
    assert audit.search(Wanted(subject="%"), limit=9) == []


def test_note_versions_when_an_entry_knows_more_then_it_stands_once_with_the_note(open_team: Store) -> None:
    audit = open_team().audit
    assert audit.noted_version() == 0
    elsewhere = [entry(Own.APPLIED, version=n, note=f"note {n}") for n in (1, 2)]
    audit.note_versions(elsewhere)
    audit.note_versions(elsewhere)
    audit.write(entry("put_workspace", version=2, at_ms=AT_MS + 1))
    audit.note_versions(elsewhere)
    assert audit.noted_version() == 2
    found = audit.search(Wanted(), limit=9)
    assert [(each.operation, each.version, each.note) for each in found] == [
        ("put_workspace", 2, "note 2"),
        (Own.APPLIED, 1, "note 1"),
    ]


def test_write_when_entries_are_old_then_they_go(open_team: Store) -> None:
    audit = open_team().audit
    audit.write(entry("old"))
    audit.write(entry("new", at_ms=AT_MS + limits.team.AUDIT_KEPT_S * 1000))
    assert len(audit.search(Wanted(), limit=9)) == 2
    audit.write(entry("newer", at_ms=AT_MS + limits.team.AUDIT_KEPT_S * 1000 + 1))
    assert [each.operation for each in audit.search(Wanted(), limit=9)] == ["newer", "new"]


def test_write_when_strangers_fail_then_what_the_team_did_stays(
    open_team: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.team, "AUDIT_FAILURES_MAX", 3)
    audit = open_team().audit
    audit.write(entry("put_source"))
    for n in range(9):
        audit.write(entry(Own.SIGN_IN_FAILED, at_ms=AT_MS + n))
    found = audit.search(Wanted(), limit=99)
    assert [each.operation for each in found] == [Own.SIGN_IN_FAILED] * 3 + ["put_source"]
    assert found[0].at_ms == AT_MS + 8


def test_write_when_there_are_too_many_then_the_first_go(
    open_team: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.team, "AUDIT_ENTRIES_MAX", 3)
    audit = open_team().audit
    for n in range(9):
        audit.write(entry(f"op{n}"))
    assert [each.operation for each in audit.search(Wanted(), limit=99)] == ["op8", "op7", "op6"]


# --- what is on the disk -----------------------------------------------------------------------------------------


def test_files_when_there_are_secrets_then_none_has_them(open_team: Store, tmp_path: Path) -> None:
    team = open_team()
    ann = joined(team)
    opened, link = signed_in(team, ann), new_link(ann.id, at_ms=AT_MS)
    issued = new_token("ci", Role.VIEWER, at_ms=AT_MS, by="ann")
    team.teammates.offer(link)
    team.tokens.add(issued)
    team.attempts.begin("a password in the wrong field", "192.0.2.1", AT_MS)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (opened.secret, link.secret, issued.secret, "a password in the wrong field"):
        assert secret.encode() not in stored
