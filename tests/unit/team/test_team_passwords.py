import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.errors import InputError
from headwater.team import passwords

ANN = {"email": "ann@example.com", "name": "Ann Lee"}


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short pw",
        "aaaaaaaaaaaa",
        "121212121212",
        "password123",
        "Passwort!2026",
        "headwater99",
        "ann@example.com1",
        "Ann Lee 1999",
        "abcdefghij",
        "qwertyuiop",
        "1234567890",
        "x" * (limits.team.PASSWORD_CHARS_MAX + 1),
    ],
)
def test_password_when_it_is_guessed_first_then_refused_with_the_reason(password: str) -> None:
    with pytest.raises(InputError) as refusal:
        passwords.checked_password(password, **ANN)
    assert (refusal.value.code, refusal.value.field) == ("weak_password", "password")
    assert password not in refusal.value.message or not password


@pytest.mark.parametrize(
    "password", ["correct horse battery", "annual report 2024", "ö ü ä ß € 日本語", "k7#mQ2!xPz"]
)
def test_password_when_it_is_not_among_the_first_then_taken(password: str) -> None:
    assert passwords.checked_password(password, **ANN) == password


@given(st.text(max_size=300))
def test_password_when_it_is_any_text_then_taken_or_refused(password: str) -> None:
    with contextlib.suppress(InputError):
        assert passwords.checked_password(password, **ANN) == password


def test_hash_when_it_is_checked_then_only_the_password_is_right() -> None:
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert passwords.is_right("correct horse battery", kept)
    assert not passwords.is_right("correct horse batter", kept)
    assert not passwords.is_dated(kept)
    assert passwords.hashed("correct horse battery") != kept


def test_hash_when_nobody_has_one_then_nothing_is_right_and_it_is_hashed_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []
    verify = passwords._hasher.verify

    class Counted:
        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return verify(kept, password)

        hash = passwords._hasher.hash

    monkeypatch.setattr(passwords, "_hasher", Counted())
    assert not passwords.is_right("correct horse battery", "")
    assert not passwords.is_right("nobody has this password, and it would not be accepted", "")
    assert [kept[:10] for kept in checked] == ["$argon2id$"] * 2, "as slow as for anybody"


def test_hash_when_nobody_has_one_then_what_is_checked_instead_costs_as_much_as_any() -> None:
    assert not passwords.is_dated(passwords._NOBODYS)


def test_hash_when_it_is_damaged_then_nothing_is_right() -> None:
    assert not passwords.is_right("correct horse battery", "$argon2id$v=19$damaged")
