"""Source of Python functions in the making: modules, scopes, and how values are written in them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from headwater import limits
from headwater.mapping import directives
from headwater.mapping.checks import directive_of
from headwater.mapping.errors import MappingError, join
from headwater.mapping.javascript import UNDEFINED, as_double

_INLINE_CHARS: Final = 200
"""Longer texts are no part of the source."""
_UNROLLED_NAMES: Final = 32
"""Longer paths, which nobody writes, are walked in a loop."""


class Made(NamedTuple):
    """How a value is written."""

    code: str
    """An expression without effects: a local variable or a constant."""
    optional: bool = False
    """Whether it may be undefined ..."""
    holey: bool = False
    """... or have something undefined inside."""


ABSENT: Final = Made("U", optional=True)


Writer = Callable[["Scope", Any, str, bool], Made]
"""Writes a directive: of its argument and its path, and whether what is undefined inside is kept."""


class Module:
    """The functions of a mapping: one for each value that is taken as the event, the event itself first."""

    def __init__(self, writers: Mapping[str, Writer], *, is_careful: bool) -> None:
        self.writers = writers
        self.is_careful = is_careful
        self._reads = 0
        self._names: dict[str, Any] = {"U": UNDEFINED, "dict": dict, "str": str}
        self._source: list[str] = []
        self._functions = 0

    def run(self) -> dict[str, Any]:
        exec(compile("\n".join(self._source), "<mapping>", "exec"), self._names)  # noqa: S102 - only what is made here
        return self._names

    def function(
        self, mapping: Any, path: str, *, is_object: bool, is_root: bool = False, raw: bool = False
    ) -> tuple[str, Made]:
        """The name of a function of a value that is taken as the event (`is_object`: it is one) and of the Work,
        and what it returns.
        """
        name = f"f{self._functions}"
        self._functions += 1
        scope = Scope(self, is_object=is_object)
        made = scope.value(mapping, path, raw=raw)
        if is_root and self.is_careful:
            scope.emit(f"{self.helper('weighed')}({made.code}, work, '')")
        scope.emit(f"return {made.code}")
        self._source += [f"def {name}(p, work):", *scope.lines]
        return name, made

    def constant(self, value: Any) -> str:
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def helper(self, name: str) -> str:
        self._names[name] = getattr(directives, name)
        return name

    def read(self, path: str, count: int = 1) -> None:
        self._reads += count
        if self._reads > limits.mapping.READS_MAX:
            raise MappingError(
                f"the mapping has more than {limits.mapping.READS_MAX:,} directives and places", path
            )


class Scope:
    """The statements of one function."""

    def __init__(self, module: Module, *, is_object: bool) -> None:
        self.lines: list[str] = []
        self.module = module
        self.is_object = is_object
        self._indent = "    "
        self._locals = 0
        self._known: dict[tuple[str, ...], str] = {}
        """Places that have been read on every way to here."""

    # --- writing ------------------------------------------------------------------------------------------

    def emit(self, line: str) -> None:
        self.lines.append(self._indent + line)

    def name(self) -> str:
        self._locals += 1
        return f"v{self._locals}"

    def local(self, expression: str) -> str:
        name = self.name()
        self.emit(f"{name} = {expression}")
        return name

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Statements under a condition."""
        self.emit(opening)
        before, known = self._indent, self._known
        self._indent += " "
        self._known = dict(known)
        yield
        self._indent, self._known = before, known

    def call(self, helper: str, *arguments: str, path: str = "", work: bool = False) -> str:
        place = [repr(path)] if path else []
        return f"{self.module.helper(helper)}({', '.join([*arguments, *(['work'] if work else []), *place])})"

    # --- values -------------------------------------------------------------------------------------------

    def value(self, value: Any, path: str, *, raw: bool = False) -> Made:
        """`raw`: what is undefined inside is kept."""
        name = directive_of(value)
        if name is not None:
            self.module.read(path)
            return self.module.writers[name](self, value[name], join(path, name), raw)
        if value.__class__ is dict:
            return self._object(value, path, raw)
        if value.__class__ is list:
            items = [self.value(item, join(path, index), raw=raw) for index, item in enumerate(value)]
            written = [
                f"(None if {item.code} is U else {item.code})" if item.optional and not raw else item.code
                for item in items
            ]
            holey = raw and any(item.optional or item.holey for item in items)
            return Made(self.local(f"[{', '.join(written)}]"), holey=holey)
        return Made(self.scalar(value))

    def scalar(self, value: Any) -> str:
        if value.__class__ is int:
            value = as_double(value)
        if value is None or value.__class__ is bool:
            return repr(value)
        if value.__class__ is str and len(value) <= _INLINE_CHARS:
            return repr(value)
        return self.module.constant(value)

    def _object(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        members = [(self.scalar(key), self.value(each, join(path, key), raw=raw)) for key, each in value.items()]
        if raw or not any(member.optional for _, member in members):
            holey = any(member.optional or member.holey for _, member in members)
            return Made(self.local(f"{{{', '.join(f'{k}: {m.code}' for k, m in members)}}}"), holey=holey)
        made = self.local("{}")
        for key, member in members:
            condition = f"if {member.code} is not U: " if member.optional else ""
            self.emit(f"{condition}{made}[{key}] = {member.code}")
        return Made(made)

    def settled(self, made: Made, path: str, raw: bool) -> Made:
        """What came of a directive that looks inside its arguments, for whoever does not."""
        if raw or not made.holey:
            return made
        return Made(self.local(self.call("cleaned", made.code, path=path, work=True)), optional=made.optional)

    def place(self, path: tuple[str, ...]) -> str:
        """The variable that holds what is there."""
        if not path:
            return "p"
        if len(path) > _UNROLLED_NAMES:
            return self.local(f"{self.module.helper('get')}(p, {self.module.constant(path)})")
        if path not in self._known:
            owner, key = self.place(path[:-1]), self.scalar(path[-1])
            step = self.module.helper("step")
            if len(path) == 1 and self.is_object:
                read = f"{owner}.get({key}, U)"
            else:
                # What is not there is common, and needs no call.
                inside = f"{step}({owner}, {key}) if {owner} is not U else U"
                read = f"{owner}.get({key}, U) if {owner}.__class__ is dict else {inside}"
            self._known[path] = self.local(read)
        return self._known[path]
