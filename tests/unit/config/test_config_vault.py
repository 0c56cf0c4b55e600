"""Workspaces are encrypted where they lie; keys can be changed, lost and found."""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workspaces import destination, workspace

from headwater.config.port import Version
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.vault import FILE, FILE_VARIABLE, KEYS_MAX, VARIABLE, Vault, new_key
from headwater.config.workspace import Workspace
from headwater.errors import CorruptionError, SecretKeyError

HUSH = "hush-hush-4711"
SECRET = workspace(destinations=(destination(settings={"api_key": HUSH, "headers": {"X": HUSH}}),))


def opened(folder: Path, **environment: str) -> closing[SqliteConfigStore]:
    vault = Vault(folder, environment)
    return closing(SqliteConfigStore(folder / "config.db", bells=folder / "bells", vault=vault))


def versions_of(store: SqliteConfigStore) -> list[Version]:
    """Newest first, whole."""
    return [version for line in store.history() if (version := store.get(line.number))]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def is_free(folder: Path) -> bool:
    """Whether somebody could change the key now."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def stored_clear(folder: Path, *workspaces: Workspace) -> None:
    """As the version of Headwater before this one left it."""
    with opened(folder) as store:
        for each in workspaces:
            store.put(each, author="ann")
    with closing(sqlite3.connect(folder / "config.db")) as db, db:
        for number, each in enumerate(workspaces, 1):
            db.execute("UPDATE versions SET document = ? WHERE number = ?", (msgspec.json.encode(each), number))
    (folder / FILE).unlink()


def test_put_when_there_are_secrets_then_no_file_has_them_even_while_it_is_open(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
        found = bytes_of(tmp_path)
        assert "config.db-wal" in found
        assert [name for name, data in found.items() if HUSH.encode() in data] == []
        assert store.current().workspace == SECRET  # type: ignore[union-attr]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob(f"{FILE}*")) == [FILE]


def test_reseal_when_a_version_before_stored_clear_text_then_no_byte_of_it_is_left(tmp_path: Path) -> None:
    versions = [SECRET, workspace(workspace="other", destinations=SECRET.destinations), workspace()]
    stored_clear(tmp_path, *versions)
    assert HUSH.encode() in bytes_of(tmp_path)["config.db"]
    with opened(tmp_path) as store:
        assert [each.workspace for each in versions_of(store)] == versions[::-1]
        assert store.reseal() == 3
        assert [each.workspace for each in versions_of(store)] == versions[::-1]
        assert [name for name, data in bytes_of(tmp_path).items() if HUSH.encode() in data] == []
        assert store.reseal() == 0


def test_key_when_it_is_in_the_environment_then_the_folder_does_not_have_it(tmp_path: Path) -> None:
    key = new_key()
    with opened(tmp_path, **{VARIABLE: key}) as store:
        store.put(SECRET, author="ann")
    assert not (tmp_path / FILE).exists()
    with opened(tmp_path, **{VARIABLE: f"{new_key()},{key}"}) as store:
        assert store.current().workspace == SECRET  # type: ignore[union-attr]
        assert store.reseal() == 1
    with opened(tmp_path, **{VARIABLE: key}) as store, pytest.raises(SecretKeyError, match="add the right one"):
        store.current()


def test_key_when_its_file_is_named_then_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    file.write_text(new_key() + "\n")
    (tmp_path / "data").mkdir()
    with opened(tmp_path / "data", **{FILE_VARIABLE: str(file)}) as store:
        store.put(SECRET, author="ann")
        assert store.current().workspace == SECRET  # type: ignore[union-attr]
    assert not (tmp_path / "data" / FILE).exists()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda file: file.unlink(), "is missing: put it back from a backup"),
        (lambda file: file.write_text(new_key()), "has another one: put it back from a backup"),
        (lambda file: file.write_text("not a key"), "is no key: expected 32 random bytes in Base64"),
        (lambda file: file.write_text(""), "holds no key"),
        (lambda file: file.write_text(" ".join([new_key()] * (KEYS_MAX + 1))), "more than 16 keys"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "cannot read the key"),
    ],
)
def test_key_when_it_is_not_the_right_one_then_the_error_says_what_to_do_and_nothing_is_changed(
    *, tmp_path: Path, spoil: Callable[[Path], Any], message: str
) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
    spoil(tmp_path / FILE)
    before = bytes_of(tmp_path)["config.db"]
    with opened(tmp_path) as store:
        for refused in (store.current, store.reseal, lambda: store.put(workspace(), author="ann")):
            with pytest.raises(SecretKeyError, match=message) as caught:
                refused()
            assert "not a key" not in str(caught.value)
    assert bytes_of(tmp_path)["config.db"] == before


def test_rotation_when_a_process_goes_on_with_the_old_key_then_it_reads_and_puts_all_the_same(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as running, opened(tmp_path) as rotating:
        running.put(SECRET, author="ann")
        old = (tmp_path / FILE).read_bytes()
        vault = rotating._vault
        vault.begin_rotation()
        assert rotating.reseal() == 1
        vault.end_rotation()
        assert len((tmp_path / FILE).read_text().split()) == 1
        assert old.strip() not in b"".join(bytes_of(tmp_path).values())
        assert running.current().workspace == SECRET  # type: ignore[union-attr]
        running.put(workspace(workspace="more"), author="ann")
    with opened(tmp_path) as store:
        assert [each.workspace.workspace for each in versions_of(store)] == ["more", SECRET.workspace]


def test_rotation_when_it_was_cut_off_then_both_keys_are_there_and_it_can_be_repeated(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
        store._vault.begin_rotation()
    with opened(tmp_path) as store:
        assert store.current().workspace == SECRET  # type: ignore[union-attr]
        store._vault.begin_rotation()
        assert store.reseal() == 1
        store._vault.end_rotation()
        assert store.current().workspace == SECRET  # type: ignore[union-attr]


def test_version_when_it_is_put_in_the_place_of_another_then_that_is_seen(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
        store.put(workspace(), author="ann")
    with closing(sqlite3.connect(tmp_path / "config.db")) as db, db:
        db.execute("UPDATE versions SET document = (SELECT document FROM versions WHERE number = 1)")
    with opened(tmp_path) as store, pytest.raises(CorruptionError, match=r"version 2 .*in another one's place"):
        store.current()


@given(st.binary(max_size=200), st.binary(max_size=20), st.data())
def test_sealed_when_one_bit_is_another_then_it_does_not_open(
    tmp_path_factory: pytest.TempPathFactory, clear: bytes, about: bytes, data: st.DataObject
) -> None:
    vault = Vault(tmp_path_factory.getbasetemp())
    sealed = vault.seal(clear, about)
    assert vault.open(sealed, about) == clear
    assert vault.seal(clear, about) != sealed
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    broken = bytearray(sealed)
    broken[at // 8] ^= 1 << at % 8
    if bytes(broken).startswith(sealed[:4]):
        with pytest.raises((CorruptionError, SecretKeyError)):
            vault.open(bytes(broken), about)
    with pytest.raises(CorruptionError):
        vault.open(sealed, about + b"x")


def test_keys_when_shown_then_they_are_not() -> None:
    key = new_key()
    vault = Vault(Path("nowhere"), {VARIABLE: key})
    vault.seal(b"x", b"")
    assert key not in repr(vault._keys)


def test_rotate_when_another_one_is_under_way_then_it_waits(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
        vault = Vault(tmp_path, {})
        with vault.rotation():
            assert not is_free(tmp_path)
            store.reseal()
        assert is_free(tmp_path)
        assert len((tmp_path / FILE).read_text().split()) == 1
        assert store.current().workspace == SECRET  # type: ignore[union-attr]


def test_rotate_when_it_breaks_then_no_key_is_thrown_away(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
    with pytest.raises(RuntimeError), Vault(tmp_path, {}).rotation():
        raise RuntimeError("a full disk")
    with opened(tmp_path) as store:
        assert store.current().workspace == SECRET  # type: ignore[union-attr]


def test_put_when_the_key_has_gone_meanwhile_then_no_other_is_made(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(SECRET, author="ann")
        (tmp_path / FILE).unlink()
        with pytest.raises(SecretKeyError, match="is gone: put it back"):
            store.put(workspace(), author="ann")
        assert not (tmp_path / FILE).exists()
        assert store.current().workspace == SECRET  # type: ignore[union-attr]
