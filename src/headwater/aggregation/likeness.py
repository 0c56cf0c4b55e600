"""By what two profiles may be the same person: values that are written in different ways and mean the same."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from headwater.aggregation.tables import ExternalId

EMAIL: Final = "email"
PHONE: Final = "phone"
NAME_BIRTHDAY: Final = "name_birthday"

WEIGHTS: Final[Mapping[str, float]] = {EMAIL: 0.9, PHONE: 0.75, NAME_BIRTHDAY: 0.7}
"""How likely two profiles are one, when only they share such a value. Judged, not measured: an address is read by
one person mostly, a telephone is shared in families, and people of a name are born every day.
"""

TRAIT_WEIGHT: Final = 0.5
"""The same of any other trait that somebody has named."""

_PLUS: Final = frozenset(
    {
        "fastmail.com",
        "gmail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
    }
)
"""Providers that deliver `ann+anything@` to `ann@`."""

_DOTS: Final = frozenset({"gmail.com"})
"""Providers to which dots before the @ mean nothing."""

_SAME: Final = {"googlemail.com": "gmail.com"}

_PHONE_DIGITS: Final = range(7, 16)
"""Fewer are no number of a person; E.164 has 15 at most."""
_PHONE_COMPARED: Final = 9
"""Digits, from the end: what stands before them is the country or a zero, written in many ways."""

_BIRTHDAYS: Final = ("birthday", "birthdate", "birth_date", "birthDate", "dateOfBirth", "date_of_birth", "dob")
_PHONES: Final = ("phone", "phoneNumber", "phone_number", "mobile")
_FIRST: Final = ("firstName", "first_name", "firstname")
_LAST: Final = ("lastName", "last_name", "lastname")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?![0-9])")

TEXT_CHARS_MAX: Final = 512
"""Longer texts name nobody."""


class Shared(NamedTuple):
    """A value that says who somebody is, in the form in which it is compared."""

    sign: str
    """email, phone, name_birthday, or the key of a trait."""
    form: str


def signs(traits: Mapping[str, Any], ids: Iterable[ExternalId], by: Iterable[str]) -> set[Shared]:
    """What a person with these traits and external ids can be told by, of the signs that are asked for."""
    known = list(ids)
    return {Shared(sign, form) for sign in by for form in _forms(sign, traits, known) if form}


def weight(sign: str) -> float:
    return WEIGHTS.get(sign, TRAIT_WEIGHT)


def _forms(sign: str, traits: Mapping[str, Any], ids: list[ExternalId]) -> Iterator[str]:
    match sign:
        case "email":
            yield from _each(email_form, [traits.get("email"), *_values(ids, "email")])
        case "phone":
            yield from _each(phone_form, [*map(traits.get, _PHONES), *_values(ids, "phone")])
        case "name_birthday":
            name, birthday = _name(traits), _birthday(traits)
            yield f"{name}, {birthday}" if name and birthday else ""
        case key:
            yield text_form(traits.get(key))


def _values(ids: list[ExternalId], type_: str) -> Iterator[str]:
    return (each.value for each in ids if each.type == type_)


def _each(form: Callable[[str], str], values: Iterable[Any]) -> Iterator[str]:
    return (form(value) for value in map(_text, values) if value)


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.strip() if isinstance(value, str) and len(value) <= TEXT_CHARS_MAX else ""


def email_form(text: str) -> str:
    """Empty: it is no address.

    >>> email_form("Ann.Lee+shop@GoogleMail.com"), email_form("ann.lee+shop@example.com"), email_form("ann")
    ('annlee@gmail.com', 'ann.lee+shop@example.com', '')
    """
    name, at, domain = text.lower().rpartition("@")
    if not at or not name or "." not in domain:
        return ""
    domain = _SAME.get(domain, domain)
    if domain in _PLUS:
        name = name.partition("+")[0]
    if domain in _DOTS:
        name = name.replace(".", "")
    return f"{name}@{domain}" if name else ""


def phone_form(text: str) -> str:
    """The last digits of a number; empty: it is none.

    >>> phone_form("+49 (171) 555-01 23"), phone_form("0171 5550123"), phone_form("12"), phone_form("call me")
    ('715550123', '715550123', '', '')
    """
    digits = "".join(char for char in text if char in "0123456789").lstrip("0")
    if len(digits) not in _PHONE_DIGITS or any(char.isalpha() for char in text):
        return ""
    return digits[-_PHONE_COMPARED:]


def text_form(value: Any) -> str:
    """Without case, accents and what is between words.

    >>> text_form("  Müller-Lüdenscheidt, José "), text_form(7), text_form(["a"])
    ('muller ludenscheidt jose', '7', '')
    """
    plain = unicodedata.normalize("NFKD", _text(value)).casefold()
    return " ".join(re.findall(r"\w+", "".join(char for char in plain if not unicodedata.combining(char))))


def _name(traits: Mapping[str, Any]) -> str:
    """Of at least two words, in the order of the alphabet: `Lee, Ann` is `Ann Lee`."""
    whole = text_form(traits.get("name")) or f"{_first(traits, _FIRST)} {_first(traits, _LAST)}"
    words = sorted(whole.split())
    return " ".join(words) if len(words) > 1 else ""


def _first(traits: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((form for key in keys if (form := text_form(traits.get(key)))), "")


def _birthday(traits: Mapping[str, Any]) -> str:
    found = (_DATE.match(_text(traits.get(key))) for key in _BIRTHDAYS)
    return next((match[0] for match in found if match), "")
