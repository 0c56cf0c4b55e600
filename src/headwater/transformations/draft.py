"""An event that is being changed: its members are decoded when a rule reaches into them, and written back once."""

from abc import ABC, abstractmethod
from typing import Any, Final

import msgspec
from msgspec import Raw

from headwater.fql import Filter, Value

MISSING: Final[Any] = object()
"""Where there is nothing, not even null."""

_CLOSED: Final[Any] = object()

_decode = msgspec.json.Decoder().decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_call = msgspec.json.Decoder(str | None).decode
encode = msgspec.json.Encoder().encode


class Draft(ABC):
    """What rules work on. `settle` before the event itself is looked at again."""

    payload: str
    """`traits` for identify and group, else `properties`."""

    def __init__(self, payload: str) -> None:
        self.payload = payload
        self._open: dict[str, Any] = {}
        self._changed: set[str] = set()

    def read(self, member: str) -> Any:
        """The top-level member, decoded; MISSING when there is none. Changed in place, say `touch`.

        msgspec.MsgspecError or RecursionError when it holds what Python has no value for (1e999).
        """
        opened = self._open.get(member, _CLOSED)
        if opened is _CLOSED:
            opened = self._open[member] = self._load(member)
        return opened

    def lacks(self, member: str, keys: tuple[bytes, ...]) -> bool:
        """Whether none of these names, each as JSON writes it, is in the member: told from its bytes, which is
        a search instead of a decoding, however long it is. False when they do not tell.
        """
        if member in self._changed:
            return False
        raw = self._raw(member)
        if raw is None:
            return True
        data = bytes(raw)
        for key in keys:
            if key in data:
                return False
        return b"\\" not in data

    def touch(self, member: str) -> None:
        self._changed.add(member)

    def write(self, member: str, value: Any) -> None:
        """Put a value, or MISSING, in its place."""
        self._open[member] = value
        self._changed.add(member)

    def settle(self) -> None:
        """Write back what was changed."""
        if self._changed:
            for member in self._changed:
                self._store(member, self._open[member])
            self._changed.clear()

    # --- what the form of the event decides -----------------------------------------------------------------

    call: str
    name: str | None
    """Of a track event."""

    @abstractmethod
    def rename(self, name: str) -> None: ...

    @abstractmethod
    def matches(self, condition: Filter) -> bool: ...

    @abstractmethod
    def value_of(self, expression: Value) -> Any: ...

    @abstractmethod
    def _raw(self, member: str) -> Raw | None:
        """One of event_paths.CONTAINERS, as it is; None when there is none."""

    @abstractmethod
    def _load(self, member: str) -> Any: ...

    @abstractmethod
    def _store(self, member: str, value: Any) -> None: ...


class BodyDraft(Draft):
    """A whole event as JSON: what a destination is to be sent. Members that nobody touches keep their bytes."""

    def __init__(self, body: bytes) -> None:
        """msgspec.MsgspecError when it is no JSON object."""
        self._members = _decode_members(body)
        self._body: bytes | None = body
        self.call = self._text("type") or ""
        self.name = self._text("event")
        super().__init__("traits" if self.call in {"identify", "group"} else "properties")

    @property
    def body(self) -> bytes:
        self.settle()
        if self._body is None:
            self._body = encode(self._members)
        return self._body

    def rename(self, name: str) -> None:
        self.name = name
        self._members["event"] = Raw(encode(name))
        self._body = None

    def matches(self, condition: Filter) -> bool:
        return condition.matches(self.body)

    def value_of(self, expression: Value) -> Any:
        return expression.of(self.body)

    def _text(self, member: str) -> str | None:
        raw = self._members.get(member)
        return None if raw is None else _decode_call(raw)

    def _raw(self, member: str) -> Raw | None:
        return self._members.get(member)

    def _load(self, member: str) -> Any:
        raw = self._members.get(member)
        return MISSING if raw is None else _decode(raw)

    def _store(self, member: str, value: Any) -> None:
        self._body = None
        if value is MISSING:
            self._members.pop(member, None)
        else:
            self._members[member] = Raw(encode(value))
