"""What was asked and what was answered, as a receipt shows it: JSON without secrets, bounded.

Two nets, because each has holes the other has not:

*Names.* What a header, a query parameter, a form field, a JSON member or a connection parameter is called says
that its value opens a door: `Authorization`, `api_secret`, `access_token`.
*Values.* What the destination's settings hold as secrets is looked for everywhere, as it is and in the ways in
which it travels: escaped for URLs and JSON, and in Base64 at each of the three places it can begin.

What is cut off is cut after masking, so that no half of a secret is left at an edge.
"""

import json
import re
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, quote_plus

from headwater import limits
from headwater.destinations.kit.model import Answer, Call, Failure, KafkaRecords, Request, Response, Rows, Written
from headwater.encodings import base64_parts

MASK: Final = "***"

SECRET_CHARS_MIN: Final = 4
"""A shorter value keeps nobody out, and stands in every other word."""

LEARNED_MAX: Final = 4
"""Access tokens that are hidden: the one in use, and some that attempts under way have begun with."""

RECORDS_SHOWN: Final = 10
"""Of a batch for Kafka or Postgres."""

_TELLING = r"auth|token|secret|passw|cookie|credential|api-?_?key|access-?_?key|private-?_?key|hapikey"
_NAME = re.compile(rf"{_TELLING}|^key$|^sig$|^signature$|^x-segment-settings$", re.IGNORECASE)
_NOT_SECRET = frozenset({"token_type", "author", "authors", "authority"})
_PARAMETER = re.compile(r"(?<![^?&=#\s])([^?&=#\s]++)=([^&#\s]*+)")
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]+@")
_TELLING_MEMBER = re.compile(_TELLING, re.IGNORECASE)
_MEMBER = re.compile(r'"([^"\\]*+)"\s*+:\s*+"')
_STRING = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
# None of these begins at a place that another one has looked at, or steps back: an endpoint chooses what stands in
# its headers, and one that is read twice for each of its characters holds up all destinations.

_GZIP = b"\x1f\x8b"


class Mask:
    """Made once for a destination's settings."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = [secret for secret in secrets if len(secret) >= SECRET_CHARS_MIN]
        self._learned: deque[str] = deque(maxlen=LEARNED_MAX)
        self._compile()

    def learn(self, secret: str) -> None:
        """Hide this as well: an access token, which is a secret as long as it lasts."""
        if len(secret) >= SECRET_CHARS_MIN and secret not in self._learned:
            self._learned.append(secret)
            self._compile()

    def _compile(self) -> None:
        forms = {form for secret in (*self._known, *self._learned) for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, self._forms))) if forms else None
        self._overlap = max(map(len, forms), default=0)

    def text(self, text: str, *, is_cut: bool = False) -> str:
        """Words of ours or of theirs, which may quote what was sent. `is_cut`: they may have gone on."""
        valued = self._valued(text)
        return _USER_INFO.sub(f"{MASK}@", self._parameters(self._without_half(valued) if is_cut else valued))

    def exchange(self, talk: Sequence[tuple[Call, Answer]]) -> bytes:
        """An array of `{"request": …, "answer": …}`, in order; of a long talk the last ones, and how many are left
        out.
        """
        shown: list[dict[str, Any]] = []
        size_bytes = 0
        for call, answer in reversed(talk):
            one = {"request": self._call(call), "answer": self._answer(answer)}
            size_bytes += len(json.dumps(one))
            if shown and size_bytes > limits.receipts.EXCHANGE_BYTES_MAX:
                shown.append({"left_out": len(talk) - len(shown)})
                break
            shown.append(one)
        return json.dumps(shown[::-1], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    # --- what goes out ------------------------------------------------------------------------------------

    def _call(self, call: Call) -> dict[str, Any]:
        if isinstance(call, Request):
            return {
                "method": call.method,
                "url": self._cut(self.text(call.url), limits.receipts.EXCHANGE_HEADERS_BYTES_MAX),
                "headers": self._headers(call.headers),
                **self._body(call.body, call.headers, limits.receipts.EXCHANGE_REQUEST_BYTES_MAX),
            }
        if isinstance(call, KafkaRecords):
            return self._records(call)
        return self._rows(call)

    def _records(self, call: KafkaRecords) -> dict[str, Any]:
        share = limits.receipts.EXCHANGE_REQUEST_BYTES_MAX // max(1, min(len(call.records), RECORDS_SHOWN))
        return {
            "connection": self._headers(call.connection),
            "records": [
                {
                    "topic": record.topic,
                    "key": None if record.key is None else self._shown(record.key, share),
                    "value": self._shown(record.value, share),
                    "headers": self._headers(
                        {name: value.decode("utf-8", "replace") for name, value in record.headers}
                    ),
                }
                for record in call.records[:RECORDS_SHOWN]
            ],
            "count": len(call.records),
        }

    def _rows(self, call: Rows) -> dict[str, Any]:
        share = limits.receipts.EXCHANGE_REQUEST_BYTES_MAX // max(1, RECORDS_SHOWN * len(call.statements))
        return {
            "connection": self._headers(call.connection),
            "statements": [
                {
                    "sql": self._shown(sql.encode(), limits.receipts.EXCHANGE_HEADERS_BYTES_MAX),
                    "rows": [
                        self._shown(json.dumps(row, default=str).encode(), share) for row in rows[:RECORDS_SHOWN]
                    ],
                    "count": len(rows),
                }
                for sql, rows in call.statements
            ],
        }

    # --- what comes back ----------------------------------------------------------------------------------

    def _answer(self, answer: Answer) -> dict[str, Any]:
        if isinstance(answer, Response):
            return {
                "status": answer.status,
                "headers": self._headers(answer.headers),
                **self._body(answer.body, answer.headers, limits.receipts.EXCHANGE_ANSWER_BYTES_MAX),
            }
        if isinstance(answer, Written):
            shown = list(answer.failures.items())[:RECORDS_SHOWN]
            failures = {str(index): self._failure(failure) for index, failure in shown}
            return {"failures": failures, "count": len(answer.failures)}
        return self._failure(answer)

    def _failure(self, failure: Failure) -> dict[str, Any]:
        return {"reason": failure.reason, "message": self.text(failure.message)}

    # --- pieces of both -----------------------------------------------------------------------------------

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        shown, room = {}, limits.receipts.EXCHANGE_HEADERS_BYTES_MAX
        for name, value in headers.items():
            text = MASK if _is_telling(name) else self.text(value)
            room -= len(name) + len(text)
            if room < 0:
                break
            shown[name] = text
        return shown

    def _body(self, body: bytes, headers: Mapping[str, str], bytes_max: int) -> dict[str, Any]:
        if not body:
            return {}
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        text = self._shown(body, bytes_max, is_form=kind.startswith("application/x-www-form-urlencoded"))
        return {"body": text, "body_bytes": len(body)}

    def _shown(self, data: bytes, bytes_max: int, *, is_form: bool = False) -> str:
        """At most so many bytes of it, as text."""
        window = bytes_max + self._overlap
        head = _inflated(data, window + 1) if data.startswith(_GZIP) else data[: window + 1]
        if b"\0" in head:
            return f"(binary, {len(data)} bytes)"
        text = head.decode("utf-8", "replace")
        masked = _without_members(self._valued(text))
        if is_form:
            masked = self._parameters(masked)
        if len(head) > window:
            # A secret that begins in the last characters of the window may not be whole.
            masked = masked[: len(masked) - self._overlap] if self._overlap else masked
        return self._cut(masked, bytes_max)

    def _cut(self, text: str, bytes_max: int) -> str:
        data = text.encode("utf-8", "replace")
        return text if len(data) <= bytes_max else data[:bytes_max].decode("utf-8", "ignore") + "…"

    def _valued(self, text: str) -> str:
        return self._values.sub(MASK, text) if self._values else text

    def _without_half(self, text: str) -> str:
        """With a mask for the beginning of a secret at the end."""
        for count in range(min(self._overlap, len(text)), SECRET_CHARS_MIN - 1, -1):
            half = text[-count:]
            if any(form.startswith(half) for form in self._forms):
                return text[:-count] + MASK
        return text

    def _parameters(self, text: str) -> str:
        return _PARAMETER.sub(lambda m: f"{m[1]}={MASK}" if _is_telling(m[1]) else m[0], text)


def mask(call: Call, answer: Answer, secrets: Collection[str]) -> bytes:
    """Of a conversation of one question, what Mask.exchange gives."""
    return Mask(secrets).exchange([(call, answer)])


def _is_telling(name: str) -> bool:
    return bool(_NAME.search(name)) and name.lower() not in _NOT_SECRET


def _without_members(text: str) -> str:
    """JSON, whole or cut off, without the strings that open a door."""
    parts: list[str] = []
    shown = place = 0
    while found := _MEMBER.search(text, place):
        place = found.end(1)  # the quote there may belong to what comes next: what is cut off may begin anywhere
        if _TELLING_MEMBER.search(found[1]) and _is_telling(found[1]):
            value = _STRING.match(text, found.end())
            assert value  # it may be empty
            parts += text[shown : found.end()], MASK
            shown = place = value.end()
    return "".join(parts) + text[shown:]


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    parts = base64_parts(secret.encode("utf-8", "replace"))
    yield from (part for part in parts if len(part) >= SECRET_CHARS_MIN)


def _inflated(data: bytes, bytes_max: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(data, bytes_max)
    except zlib.error:
        return data[:bytes_max]
