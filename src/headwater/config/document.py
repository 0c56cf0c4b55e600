"""YAML text as plain data that remembers its lines.

The reader walks the parser's events itself instead of using a YAML loader. That gives every key its line, and
keeps out what makes YAML dangerous or surprising: tags cannot name Python objects, aliases cannot multiply
("billion laughs"), nesting is bounded, a key given twice is a mistake. Plain words mean what they mean in JSON
and YAML 1.2: only `true` and `false` are booleans, so the country `NO` stays a country, `on` stays a word and
`2026-01-01` stays text; only JSON's numbers are numbers, so `007` and `1:30` stay text.
"""

import functools
import re
from typing import Any, Final

import yaml

from headwater import limits
from headwater.errors import ConfigError, Problem
from headwater.units import MIB

DEPTH_MAX: Final = 64
"""Levels of nesting. The deepest honest part, a JSON Schema in a tracking plan, stays under 30; each level costs
a few Python stack frames here and in whoever walks the result."""

VALUES_MAX: Final = 300_000
"""Values in one file. The largest honest file has 14 bytes per value or more; each costs some 500 bytes here."""

KEY_CHARS_MAX: Final = 256
"""Keys stand in paths, and paths in messages."""

PROBLEMS_MAX: Final = 100
"""Nobody mends more in one go, and looking for the nearest known name has its price."""

NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
TEXT_TAGS: Final = {"!", "tag:yaml.org,2002:str"}

# libyaml's parser where the wheel brings it, the same events in Python (and fifteen times slower) elsewhere.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Place:
    """A value's line, and the places of what is inside it."""

    __slots__ = ("inside", "is_lost", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.inside: dict[str | int, _Place] = {}
        self.is_lost = False


class Document:
    """What a file says, and what is wrong with it so far. Paths read `sources[1].write_key`; a key that looks like
    more than one stands in quotes, as in `data["a.b"]`.
    """

    def __init__(self, file: str) -> None:
        self.data: Any = None
        self.problems: list[Problem] = []
        self.root = _Place(0)
        self._file = file

    def report(self, path: str, message: str, *, key: str = "", line: int = 0) -> None:
        """Note a mistake; ConfigError when there are too many to go on. What follows from a value that could
        not be read is not another mistake. `key` is a key of the mapping at `path` that may have dots of its own.
        """
        places = self._places(path)
        if key:
            path = join(path, key)
            places += [place for place in [places[-1].inside.get(key)] if place]
        if any(place.is_lost for place in places):
            return
        self.problems.append(Problem(message, path, line or places[-1].line))
        if len(self.problems) == PROBLEMS_MAX:
            self.check(Problem("so many problems that the rest was not looked at", ""))

    def line(self, path: str) -> int:
        """Where it stands, or else what it would stand in."""
        return self._places(path)[-1].line

    def check(self, *more: Problem) -> None:
        """Raise what was reported, in file order."""
        if self.problems:
            in_order = sorted(self.problems, key=lambda p: (p.line, p.path))
            raise ConfigError([*in_order, *more], file=self._file)

    def _places(self, path: str) -> list[_Place]:
        """From the whole file down to `path`, or as far as the file goes."""
        places = [self.root]
        for index, quoted, key in re.findall(r'\[(\d+)\]|\["([^"]*)"\]|([^.\[\]]+)', path):
            place = places[-1].inside.get(int(index) if index else quoted or key)
            if place is None:
                break
            places.append(place)
        return places


def join(path: str, key: str) -> str:
    """The path of a key, or of an `[index]`, inside `path`.

    >>> join("", "sources"), join("sources[1]", "name"), join("settings", "[0]")
    ('sources', 'sources[1].name', 'settings[0]')
    """
    return f"{path}.{key}" if path and not key.startswith("[") else path + key


def read_document(text: str | bytes, *, file: str = "") -> Document:
    """Everything in the file, mistakes noted in `problems`. ConfigError when it cannot be read to its end."""
    document = Document(file)
    decoded = ""
    try:
        decoded = _decoded(text)
        parser = _Parser(decoded)
        try:
            _Reader(document, parser).read()
        finally:
            parser.dispose()
    except _UnreadableError as stop:
        document.report(stop.path, stop.message, line=stop.line)
    except yaml.reader.ReaderError as error:
        line = decoded.partition(chr(error.character))[0].count("\n") + 1
        document.report("", f"character {error.character:#x} is not allowed in YAML", line=line)
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        document.report("", f"not YAML: {said}", line=where.line + 1 if where else 0)
    else:
        return document
    document.check()
    raise AssertionError("what stops the reader is a problem")


class _UnreadableError(Exception):
    """Reading on would cost more than the file can be worth, or has no meaning."""

    def __init__(self, message: str, path: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.path, self.line = message, path, line


def _decoded(text: str | bytes) -> str:
    if len(text) > limits.operations.CONTROL_BODY_BYTES_MAX:
        raise _UnreadableError(f"larger than {limits.operations.CONTROL_BODY_BYTES_MAX // MIB} MiB")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("not UTF-8 text", line=line) from None


class _Reader:
    def __init__(self, document: Document, parser: Any) -> None:
        self._document = document
        self._parser = parser
        self._path: list[str] = []  # joined only for a message: paths of all values would be most of the memory
        self._values_left = VALUES_MAX

    def read(self) -> None:
        self._parser.get_event()  # the start of the stream
        if isinstance(self._parser.peek_event(), yaml.StreamEndEvent):
            raise _UnreadableError("the file is empty; the smallest workspace is `workspace: name`")
        self._parser.get_event()  # the start of the document
        event = self._parser.get_event()
        self._document.root.line = _line(event)
        self._document.data = self._value(event, self._document.root)
        self._parser.get_event()  # its end
        after = self._parser.get_event()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _UnreadableError("a second document begins here; a file holds one", line=_line(after))

    def _value(self, event: Any, place: _Place) -> Any:
        self._values_left -= 1
        if self._values_left < 0:
            raise _UnreadableError(f"more than {VALUES_MAX} values", line=_line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._lose(place, "aliases are not part of the format; write the value out")
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag in TEXT_TAGS):
            self._lose(place, f"the tag {event.tag} is not part of the format")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        if len(self._path) == DEPTH_MAX:
            raise _UnreadableError(f"nested deeper than {DEPTH_MAX} levels", self._at(), _line(event))
        return self._list(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

    def _list(self, place: _Place) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._parser.get_event(), yaml.SequenceEndEvent):
            index = len(values)
            inside = place.inside[index] = _Place(_line(event))
            self._path.append(f"[{index}]")
            values.append(self._value(event, inside))
            self._path.pop()
        return values

    def _mapping(self, place: _Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._parser.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or len(event.value) > KEY_CHARS_MAX:
                rule = f"a key must be text of at most {KEY_CHARS_MAX} characters"
                raise _UnreadableError(rule, self._at(), _line(event))
            key, inside = event.value, _Place(_line(event))
            self._path.append(key)
            if key in values:
                first = place.inside[key].line
                self._document.report(self._at(), f"given twice; first on line {first}", line=inside.line)
            value = self._value(self._parser.get_event(), inside)
            self._path.pop()
            values.setdefault(key, value)
            place.inside.setdefault(key, inside)
        return values

    def _at(self) -> str:
        return functools.reduce(join, self._path, "")

    def _lose(self, place: _Place, message: str) -> None:
        """Report a value that cannot be read, once; nothing more is said about it or its inside."""
        self._document.report(self._at(), message, line=place.line)
        place.is_lost = True

    def _scalar(self, event: Any, place: _Place) -> Any:
        text: str = event.value
        if event.tag is not None or not event.implicit[0]:  # tagged as text, quoted, or a block
            return text
        if text in WORDS:
            return WORDS[text]
        match = NUMBER.match(text)
        if match is None:
            return text
        value = float(text) if match.lastindex or len(text) > len(str(-(2**63))) else int(text)
        # Stored as JSON: beyond these bounds readers would not get back what was written.
        if abs(value) < float("inf") if match.lastindex else isinstance(value, int) and -(2**63) <= value < 2**63:
            return value
        return self._lose(place, "a number this large is not kept exactly; quote it to make it text")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
