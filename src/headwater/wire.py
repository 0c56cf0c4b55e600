"""Request bodies, as collection checks them and normalise reads them: both must see the same JSON."""

import re
from typing import Final

from isal import isal_zlib

from headwater import limits
from headwater.errors import InputError

_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def inflate(body: bytes, *, bytes_max: int) -> bytes:
    """The content of a gzip body, never more than `bytes_max` of it in memory.

    InputError `too_large` when there is more, `bad_request` when the bytes are not gzip or stop early.
    """
    plain = b""
    rest = body
    members = 0
    while rest:  # a gzip file may have several members
        members += 1
        if members > limits.collection.GZIP_MEMBERS_MAX:
            raise InputError("bad_request", f"a gzip body may have {limits.collection.GZIP_MEMBERS_MAX} members")
        inflater = isal_zlib.decompressobj(wbits=31)
        try:
            plain += inflater.decompress(rest, bytes_max - len(plain) + 1)
        except isal_zlib.error as error:  # type: ignore[misc]  # its stub calls the exception Any
            raise InputError("bad_request", f"the body is not valid gzip: {error}") from error
        if len(plain) > bytes_max:
            raise InputError("too_large", f"the body inflates to more than {bytes_max:,} bytes")
        if not inflater.eof:
            raise InputError("bad_request", "the gzip body stops before its end")
        rest = inflater.unused_data
    return plain


def repair_surrogates(body: bytes) -> bytes:
    """JSON with every unpaired surrogate escape replaced by U+FFFD, other bytes untouched.

    JavaScript strings may hold half an emoji, which `JSON.stringify` writes as an escape that no strict JSON
    reader takes, ours, DuckDB's and PostgreSQL's included.
    """
    # Looking for one byte costs a twentieth of looking for three, and most bodies have no backslash at all.
    if b"\\" in body and (b"\\ud" in body or b"\\uD" in body):
        return _ESCAPE.sub(lambda match: b"\\ufffd" if match.group(1) else match.group(), body)
    return body
