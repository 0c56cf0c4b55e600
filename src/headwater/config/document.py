"""YAML text as plain data that remembers its lines.

The reader walks the parser's events itself instead of using a YAML loader. That gives every key its line, and
keeps out what makes YAML dangerous or surprising: tags cannot name Python objects, aliases cannot multiply
("billion laughs"), nesting is bounded, a key given twice is a mistake. Plain words mean what they mean in JSON
and YAML 1.2: only `true` and `false` are booleans, so the country `NO` stays a country, `on` stays a word and
`2026-01-01` stays text; only JSON's numbers are numbers, so `007` and `1:30` stay text.
"""

import re
from typing import Any, Final

import yaml

from headwater import limits
from headwater.errors import ConfigError, Problem

DEPTH_MAX: Final = 64
"""Levels of nesting. The deepest honest part, a JSON Schema in a tracking plan, stays under 30; each level costs
a few Python stack frames here and in whoever walks the result."""

NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
TEXT_TAGS: Final = {"!", "tag:yaml.org,2002:str"}

# libyaml's parser where the wheel brings it, the same events in Python (and fifteen times slower) elsewhere.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """What a file says, and what is wrong with it so far. Paths read `sources[1].write_key`."""

    def __init__(self) -> None:
        self.data: Any = None
        self.problems: list[Problem] = []
        self._lines: dict[str, int] = {}
        self._lost: tuple[str, ...] = ()

    def mark(self, path: str, line: int) -> None:
        """The first place counts: a key's own line rather than that of its value."""
        self._lines.setdefault(path, line)

    def line(self, path: str) -> int:
        """Where `path` stands, or the innermost part of it that is in the file."""
        while path not in self._lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get(path, 0)

    def report(self, path: str, message: str, *, line: int = 0) -> None:
        if path.startswith(self._lost):
            return  # what follows from a mistake is not another one
        self.problems.append(Problem(message, path, line or self.line(path)))

    def lose(self, path: str, message: str) -> None:
        """Report a value that could not be read; nothing more is said about it or its inside."""
        self.report(path, message)
        self._lost += (path,)

    def check(self, file: str) -> None:
        """Raise what was reported, in file order."""
        if self.problems:
            raise ConfigError(sorted(self.problems, key=lambda p: (p.line, p.path)), file=file)


def join(path: str, key: str) -> str:
    """The path of a key, or of an `[index]`, inside `path`.

    >>> join("", "sources"), join("sources[1]", "name"), join("settings", "[0]")
    ('sources', 'sources[1].name', 'settings[0]')
    """
    return f"{path}.{key}" if path and not key.startswith("[") else path + key


def read_document(text: str | bytes, *, file: str = "") -> Document:
    """Everything in the file, mistakes noted in `problems`. ConfigError when it cannot be read to its end."""
    document = Document()
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
    document.check(file)
    raise AssertionError("what stops the reader is a problem")


class _UnreadableError(Exception):
    """Reading on would cost more than the file can be worth, or has no meaning."""

    def __init__(self, message: str, path: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.path, self.line = message, path, line


def _decoded(text: str | bytes) -> str:
    if len(text) > limits.CONTROL_BODY_BYTES_MAX:
        raise _UnreadableError(f"larger than {limits.CONTROL_BODY_BYTES_MAX // limits.MIB} MiB")
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

    def read(self) -> None:
        self._parser.get_event()  # the start of the stream
        if isinstance(self._parser.peek_event(), yaml.StreamEndEvent):
            raise _UnreadableError("the file is empty; the smallest workspace is `workspace: name`")
        self._parser.get_event()  # the start of the document
        self._document.data = self._value(self._parser.get_event(), "", 0)
        self._parser.get_event()  # its end
        after = self._parser.get_event()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _UnreadableError("a second document begins here; a file holds one", line=_line(after))

    def _value(self, event: Any, path: str, depth: int) -> Any:
        self._document.mark(path, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.AliasEvent):
            self._document.lose(path, "aliases are not part of the format; write the value out")
            return None
        if event.tag is not None:
            self._document.lose(path, f"the tag {event.tag} is not part of the format")
        if depth == DEPTH_MAX:
            raise _UnreadableError(f"nested deeper than {DEPTH_MAX} levels", path, _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth + 1)
        return self._mapping(path, depth + 1)

    def _sequence(self, path: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._parser.get_event(), yaml.SequenceEndEvent):
            values.append(self._value(event, f"{path}[{len(values)}]", depth))
        return values

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._parser.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _UnreadableError("a key must be text", path, _line(event))
            at = join(path, event.value)
            if twice := event.value in values:
                first = self._document.line(at)
                self._document.report(at, f"given twice; first on line {first}", line=_line(event))
            self._document.mark(at, _line(event))
            value = self._value(self._parser.get_event(), at, depth)
            if not twice:
                values[event.value] = value
        return values

    def _scalar(self, event: Any, path: str) -> Any:
        text: str = event.value
        if event.tag is not None and event.tag not in TEXT_TAGS:
            self._document.lose(path, f"the tag {event.tag} is not part of the format")
            return None
        if event.tag is not None or not event.implicit[0]:  # quoted, a block, or tagged as text
            return text
        if text in WORDS:
            return WORDS[text]
        if number := NUMBER.match(text):
            return self._number(text, number, path)
        return text

    def _number(self, text: str, match: re.Match[str], path: str) -> int | float | None:
        value = int(text) if match.lastindex is None and len(text) <= 20 else float(text)
        # Stored as JSON: beyond these, readers would not get back what was written.
        if isinstance(value, int) and -(2**63) <= value < 2**63:
            return value
        if isinstance(value, float) and match.lastindex is not None and abs(value) != float("inf"):
            return value
        self._document.lose(path, "a number this large is not kept exactly; quote it to make it text")
        return None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
