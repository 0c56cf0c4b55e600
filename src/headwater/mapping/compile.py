"""From a mapping that `checks` has passed, the source of one Python function.

Each directive becomes a few statements that leave its value in a local variable. A place that was read is not read
again while its variable holds: `@if` tests and takes the same one. In the source stand constants as `repr` writes
them and names of our own, never one from the mapping.

Whether a value can be undefined is known from the mapping, mostly, and decides what has to be asked at run time.
An object leaves out its undefined members at once, except where a directive can tell: `@merge` lets an undefined
member hide an earlier one. There it keeps them, and they are left out after it.

    {"id": {"@path": "$.userId"}, "on": true}

    def f0(p, work):
        v0 = p.get('userId', U)
        v1 = {}
        if v0 is not U: v1['id'] = v0
        v1['on'] = True
        return v1
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from headwater import limits
from headwater.mapping import directives, liquid
from headwater.mapping.checks import directive_of
from headwater.mapping.errors import MappingError, join
from headwater.mapping.javascript import UNDEFINED, as_double
from headwater.mapping.paths import Part, parts, path_of
from headwater.mapping.work import Work

Resolve = Callable[[Any, Work], Any]

_INLINE_CHARS: Final = 200
"""Longer texts are no part of the source."""
_UNROLLED_NAMES: Final = 32
"""Longer paths, which nobody writes, are walked in a loop."""
_WEIGHT: Final = 4
"""Of a value that a shape makes for each item, in characters."""


class Made(NamedTuple):
    """How a value is written."""

    code: str
    """An expression without effects: a local variable or a constant."""
    optional: bool = False
    """Whether it may be undefined ..."""
    holey: bool = False
    """... or have something undefined inside."""


ABSENT: Final = Made("U", optional=True)


def compile_function(mapping: Any) -> Resolve:
    """MappingError when it reads more places than limits allow."""
    module = _Module(is_careful=_copies(mapping))
    name, _ = module.function(mapping, "", is_object=True, is_root=True)
    resolve: Resolve = module.run()[name]
    return resolve


def _copies(mapping: Any) -> bool:
    """Whether it can make much more of an event than there is in it: then what it makes is counted."""
    reads = 0
    rest = [mapping]
    while rest:
        value = rest.pop()
        if value.__class__ is list:
            rest += value
        elif value.__class__ is dict:
            rest += value.values()
            name = directive_of(value)
            if name == "@transform" or (name == "@arrayPath" and value[name][0].__class__ is not str):
                return True
            reads += name is not None
            if name == "@template" and value[name].__class__ is str:
                reads += value[name].count("{{")
    return reads > limits.MAPPING_READS_PLAIN


class _Module:
    """The functions of a mapping: one for each value that is taken as the event, the event itself first."""

    def __init__(self, *, is_careful: bool) -> None:
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
        scope = _Scope(self, is_object=is_object)
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
        if self._reads > limits.MAPPING_READS_MAX:
            raise MappingError(
                f"the mapping has more than {limits.MAPPING_READS_MAX:,} directives and places", path
            )


class _Scope:
    """The statements of one function."""

    def __init__(self, module: _Module, *, is_object: bool) -> None:
        self.lines: list[str] = []
        self._module = module
        self._is_object = is_object
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
    def _block(self, opening: str) -> Any:
        self.emit(opening)
        before, known = self._indent, self._known
        self._indent += " "
        self._known = dict(known)
        yield
        self._indent, self._known = before, known

    def call(self, helper: str, *arguments: str, path: str = "", work: bool = False) -> str:
        place = [repr(path)] if path else []
        return f"{self._module.helper(helper)}({', '.join([*arguments, *(['work'] if work else []), *place])})"

    # --- values -------------------------------------------------------------------------------------------

    def value(self, value: Any, path: str, *, raw: bool = False) -> Made:
        """`raw`: what is undefined inside is kept."""
        name = directive_of(value)
        if name is not None:
            self._module.read(path)
            return _WRITERS[name](self, value[name], join(path, name), raw)
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
        return Made(self._scalar(value))

    def _scalar(self, value: Any) -> str:
        if value.__class__ is int:
            value = as_double(value)
        if value is None or value.__class__ is bool:
            return repr(value)
        if value.__class__ is str and len(value) <= _INLINE_CHARS:
            return repr(value)
        return self._module.constant(value)

    def _object(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        members = [(self._scalar(key), self.value(each, join(path, key), raw=raw)) for key, each in value.items()]
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
            return self.local(f"{self._module.helper('get')}(p, {self._module.constant(path)})")
        if path not in self._known:
            owner, key = self.place(path[:-1]), self._scalar(path[-1])
            step = self._module.helper("step")
            if len(path) == 1 and self._is_object:
                read = f"{owner}.get({key}, U)"
            else:
                # What is not there is common, and needs no call.
                inside = f"{step}({owner}, {key}) if {owner} is not U else U"
                read = f"{owner}.get({key}, U) if {owner}.__class__ is dict else {inside}"
            self._known[path] = self.local(read)
        return self._known[path]

    # --- directives ---------------------------------------------------------------------------------------

    def path(self, value: Any, path: str, _raw: bool) -> Made:
        if value.__class__ is str:
            return Made(self.place(path_of(value)), optional=bool(path_of(value)) or not self._is_object)
        where = self.value(value, path)
        return Made(self.local(self.call("read", where.code, "p", path=path)), optional=True)

    def template(self, value: Any, path: str, _raw: bool) -> Made:
        if value.__class__ is not str:
            made = self.value(value, path)
            return Made(self.local(self.call("template", made.code, "p", path=path, work=True)))
        found = list(parts(value, 3))
        filler = "filled"
        if any(part.__class__ is not str for part in found):
            filler = "twice_filled"
        else:
            found = list(parts(value, 2))
        reads = sum(part.__class__ is not str for part in found)
        if not reads:
            return Made(self._scalar(value))
        self._module.read(path, reads)
        if filler == "twice_filled" or self._module.is_careful:
            kept = self._module.constant(found)
            return Made(self.local(self.call(filler, kept, "p", path=path, work=True)))
        return Made(self.local(self._interpolated(found)))

    def _interpolated(self, found: Sequence[Part]) -> str:
        """A template as a sum of texts, without counting."""
        pieces = []
        for part in found:
            if part.__class__ is str:
                pieces.append(self._scalar(part))
            else:
                local = self.place(part)  # type: ignore[arg-type]
                pieces.append(f"({local} if {local}.__class__ is str else {self.call('text', local)})")
        return " + ".join(pieces)

    def literal(self, value: Any, path: str, raw: bool) -> Made:
        return self.value(value, path, raw=raw)

    def if_(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        if not _truthy(value.get("exists", UNDEFINED)) and not _truthy(value.get("blank", UNDEFINED)):
            self.emit(self.call("fail", "'needs `exists` or `blank`'", path=path))
            return ABSENT
        which = "exists" if "exists" in value else "blank"
        asked = self.value(value[which], join(path, which))
        if which == "blank":
            condition = f"not {self.call('is_blank', asked.code)}"
        elif asked.code[0] not in "vpk":
            condition = str(asked.code not in ("U", "None"))  # Python warns about `'a' is not None`
        elif asked.optional:
            condition = f"{asked.code} is not U and {asked.code} is not None"
        else:
            condition = f"{asked.code} is not None"
        result = self.local("U")
        # Which branch is taken is not known; what either makes holds for both.
        made = []
        with self._block(f"if {condition}:"):
            if "then" in value:
                made.append(self.value(value["then"], join(path, "then"), raw=raw))
                self.emit(f"{result} = {made[-1].code}")
            else:
                self.emit("pass")
        if _truthy(value.get("else")):
            with self._block("else:"):
                made.append(self.value(value["else"], join(path, "else"), raw=raw))
                self.emit(f"{result} = {made[-1].code}")
        optional = len(made) < 2 or any(each.optional for each in made)
        return Made(result, optional=optional, holey=any(each.holey for each in made))

    def case(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        operator = value.get("operator")
        if not operator:
            self.emit(self.call("fail", "'needs an `operator`'", path=path))
        if not _truthy(value.get("value")):
            return ABSENT
        made = self.value(value["value"], join(path, "value"), raw=raw)
        if operator in ("lower", "upper"):
            return made._replace(code=self.local(self.call(operator, made.code)))
        return made._replace(code=self.local(self.call("unknown_case", made.code, path=path)))

    def replace(self, value: dict[str, Any], path: str, _raw: bool) -> Made:
        if not _truthy(value.get("value")):
            return ABSENT
        made = self.value(value["value"], join(path, "value"))
        changes = [(value["pattern"], value.get("replacement", ""))]
        if "pattern2" in value:
            changes.append((value["pattern2"], value.get("replacement2", "")))
        written = (
            f"{self._module.helper('replaced')}({made.code}, {self._module.constant(changes)}, "
            f"ignore_case={value.get('ignorecase', False)}, everywhere={value.get('global', True)}, "
            f"work=work, path={path!r})"
        )
        return Made(self.local(written))

    def array_path(self, value: list[Any], path: str, raw: bool) -> Made:
        where, shape = value[0], value[1] if len(value) > 1 else None
        has_shape = shape.__class__ is dict and bool(shape)
        if where.__class__ is str:
            root = self.path(where, path, raw)
        else:
            # Items that are undefined are something else than null to a shape.
            root = self.value(where, join(path, 0), raw=raw or has_shape)
        if not has_shape:
            return root
        function, item = self._module.function(shape, join(path, 1), is_object=False, raw=raw)
        each = "each_filled" if item.optional and not raw else "each"
        made = self.local(self.call(each, root.code, function, str(_weight(shape)), path=path, work=True))
        holey = root.holey or (raw and (item.optional or item.holey))
        return self.settled(Made(made, root.optional, holey), path, raw)

    def flatten(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        separator = value.get("separator")
        if not separator:
            self.emit(self.call("fail", "'needs a `separator`'", path=path))
            return ABSENT
        made = self.value(value["value"], join(path, "value"), raw=True) if "value" in value else ABSENT
        omit = repr(value.get("omitArrays", False))
        written = self.call("flattened", made.code, self._scalar(separator), omit, path=path, work=True)
        return self.settled(Made(self.local(written), holey=made.holey), path, raw)

    def json(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        for name in ("mode", "value"):
            if not _truthy(value[name]):
                self.emit(self.call("fail", f"'needs a `{name}`'", path=path))
                return ABSENT
        mode = value["mode"]
        made = self.value(value["value"], join(path, "value"), raw=raw)
        if mode not in ("encode", "decode"):
            return ABSENT
        written = self.call("encoded" if mode == "encode" else "decoded", made.code, path=path, work=True)
        return Made(self.local(written), optional=made.optional, holey=made.holey and mode == "decode")

    def merge(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        direction = value.get("direction")
        if not direction:
            self.emit(self.call("fail", "'needs a `direction`'", path=path))
            return ABSENT
        items = [
            self.value(item, join(join(path, "objects"), index), raw=True)
            for index, item in enumerate(value["objects"])
        ]
        listed = f"[{', '.join(item.code for item in items)}]"
        if direction.__class__ is not str:
            listed = self.call("directed", listed, self.value(direction, join(path, "direction")).code)
        elif direction == "left":
            listed = f"[{', '.join(item.code for item in reversed(items))}]"
        made = Made(self.local(self.call("merged", listed, path=path, work=True)))
        # An item that is undefined brings nothing; something undefined inside one, or in a list, may hide another.
        return self.settled(made._replace(holey=any(item.holey for item in items)), path, raw)

    def transform(self, value: dict[str, Any], path: str, raw: bool) -> Made:
        applied = self.value(value["apply"], join(path, "apply"))
        is_object = value["apply"].__class__ is dict and directive_of(value["apply"]) is None
        function, made = self._module.function(
            value["mapping"], join(path, "mapping"), is_object=is_object, raw=raw
        )
        return made._replace(code=self.local(f"{function}({applied.code}, work)"))

    def exclude(self, value: Any, path: str, raw: bool) -> Made:
        made = self.value(value, path, raw=raw)
        written = self.call("without_nulls", made.code, path=path, work=True)
        return Made(self.local(written), optional=True, holey=made.holey)

    def liquid(self, value: str, path: str, _raw: bool) -> Made:
        template = self._module.constant(liquid.Template(value))
        return Made(self.local(f"{template}.render(p, {path!r})"))


_WRITERS: Final[dict[str, Callable[[_Scope, Any, str, bool], Made]]] = {
    "@path": _Scope.path,
    "@template": _Scope.template,
    "@literal": _Scope.literal,
    "@if": _Scope.if_,
    "@case": _Scope.case,
    "@replace": _Scope.replace,
    "@arrayPath": _Scope.array_path,
    "@flatten": _Scope.flatten,
    "@json": _Scope.json,
    "@merge": _Scope.merge,
    "@transform": _Scope.transform,
    "@excludeWhenNull": _Scope.exclude,
    "@liquid": _Scope.liquid,
}


def _truthy(value: Any) -> bool:
    """As JavaScript sees it: empty arrays and objects are true."""
    return value.__class__ in (list, dict) or bool(value)


def _weight(shape: Any) -> int:
    """What one item makes of a shape, at least: its texts and values."""
    if shape.__class__ is dict:
        return _WEIGHT + sum(len(key) + _weight(member) for key, member in shape.items())
    if shape.__class__ is list:
        return _WEIGHT + sum(map(_weight, shape))
    return _WEIGHT + (len(shape) if shape.__class__ is str else 0)
