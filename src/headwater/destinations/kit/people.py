"""What says who somebody is, in the form that tools match people by: written one way, and hashed where they ask.

Nothing here raises: what is no address, number or name gives "", and a payload leaves it out.
"""

import hashlib
import re
import unicodedata

import phonenumbers

_SHA256_HEX = re.compile(r"[0-9a-f]{64}")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_DOTLESS = ("gmail.com", "googlemail.com")
"""Hosts to which dots before the @ mean nothing."""


def hashed(text: str) -> str:
    """SHA-256 as lower-case hex; "" of "". What looks hashed already stays as it is: some send nothing else.

    >>> hashed("ann@example.com")[:16]
    '71d4f55f72fa128d'
    >>> hashed(hashed("x")) == hashed("x")
    True
    """
    if not text or _SHA256_HEX.fullmatch(text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()


def email(text: str, *, google: bool = False) -> str:
    """Trimmed, lower case. `google`: as Google Ads wants it, without dots and `+tag` where Gmail ignores them.

    >>> email(" Ann.Lee+shop@Gmail.com ")
    'ann.lee+shop@gmail.com'
    >>> email(" Ann.Lee+shop@Gmail.com ", google=True)
    'annlee@gmail.com'
    >>> email("nobody")
    ''
    """
    plain = text.strip().lower()
    if _SHA256_HEX.fullmatch(plain):
        return plain
    name, at, host = plain.rpartition("@")
    if not (name and at and host) or any(char.isspace() for char in plain):
        return ""
    if google and host in _DOTLESS:
        name = name.partition("+")[0].replace(".", "")
    return f"{name}@{host}"


def email_hash(text: str, *, google: bool = False) -> str:
    """Of the one form of an address.

    >>> email_hash(" ANN@example.com ") == hashed("ann@example.com")
    True
    """
    return hashed(email(text, google=google))


def phone(text: str, region: str = "") -> str:
    """E.164. Without `region` (two letters, as in `US`) only numbers that begin with `+` or `00` can be known.

    >>> phone("+1 (415) 555-2671")
    '+14155552671'
    >>> phone("0044 20 7946 0958")
    '+442079460958'
    >>> phone("(415) 555-2671", "US")
    '+14155552671'
    >>> phone("(415) 555-2671")
    ''
    """
    plain = text.strip()
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    try:
        number = phonenumbers.parse(plain, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_region(text: str) -> bool:
    """Whether `phone` knows numbers of this region.

    >>> is_region("US"), is_region("us"), is_region("Norway")
    (True, True, False)
    """
    return text.upper() in phonenumbers.SUPPORTED_REGIONS


def phone_hash(text: str, region: str = "", *, plus: bool = True) -> str:
    """Of the E.164 form. `plus=False`: of its digits only, as Meta wants it.

    >>> phone_hash("+1 415 555 2671", plus=False) == hashed("14155552671")
    True
    """
    plain = text.strip().lower()
    if _SHA256_HEX.fullmatch(plain):
        return plain
    known = phone(text, region)
    return hashed(known if plus else known.removeprefix("+"))


def name(text: str) -> str:
    """Of a person, a town or a state: lower case, letters only, whatever alphabet.

    >>> name(" O'Brien-Łęcki 3rd ")
    'obrienłęckird'
    """
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFC", text).lower())


def name_hash(text: str) -> str:
    plain = text.strip().lower()
    return plain if _SHA256_HEX.fullmatch(plain) else hashed(name(plain))
