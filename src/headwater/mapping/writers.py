"""How each directive is written as Python (spec 2.9). Mistakes that Segment only finds when a directive is reached
are written as statements that fail.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from headwater.mapping import liquid
from headwater.mapping.checks import directive_of
from headwater.mapping.errors import join
from headwater.mapping.javascript import UNDEFINED
from headwater.mapping.paths import Part, parts, path_of
from headwater.mapping.scope import ABSENT, Made, Scope, Writer

_WEIGHT: Final = 4
"""Of a value that a shape makes for each item, in characters."""


def _path(scope: Scope, value: Any, path: str, _raw: bool) -> Made:
    if value.__class__ is str:
        return Made(scope.place(path_of(value)), optional=bool(path_of(value)) or not scope.is_object)
    where = scope.value(value, path)
    return Made(scope.local(scope.call("read", where.code, "p", path=path)), optional=True)


def _template(scope: Scope, value: Any, path: str, _raw: bool) -> Made:
    if value.__class__ is not str:
        made = scope.value(value, path)
        return Made(scope.local(scope.call("template", made.code, "p", path=path, work=True)))
    found = list(parts(value, 3))
    filler = "filled"
    if any(part.__class__ is not str for part in found):
        filler = "twice_filled"
    else:
        found = list(parts(value, 2))
    reads = sum(part.__class__ is not str for part in found)
    if not reads:
        return Made(scope.scalar(value))
    scope.module.read(path, reads)
    if filler == "twice_filled" or scope.module.is_careful:
        kept = scope.module.constant(found)
        return Made(scope.local(scope.call(filler, kept, "p", path=path, work=True)))
    return Made(scope.local(_interpolated(scope, found)))


def _interpolated(scope: Scope, found: Sequence[Part]) -> str:
    """A template as a sum of texts, without counting."""
    pieces = []
    for part in found:
        if part.__class__ is str:
            pieces.append(scope.scalar(part))
        else:
            local = scope.place(part)  # type: ignore[arg-type]
            pieces.append(f"({local} if {local}.__class__ is str else {scope.call('text', local)})")
    return " + ".join(pieces)


def _literal(scope: Scope, value: Any, path: str, raw: bool) -> Made:
    return scope.value(value, path, raw=raw)


def _if(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    if not _truthy(value.get("exists", UNDEFINED)) and not _truthy(value.get("blank", UNDEFINED)):
        scope.emit(scope.call("fail", "'needs `exists` or `blank`'", path=path))
        return ABSENT
    which = "exists" if "exists" in value else "blank"
    asked = scope.value(value[which], join(path, which))
    if which == "blank":
        condition = f"not {scope.call('is_blank', asked.code)}"
    elif asked.code[0] not in "vpk":
        condition = str(asked.code not in ("U", "None"))  # Python warns about `'a' is not None`
    elif asked.optional:
        condition = f"{asked.code} is not U and {asked.code} is not None"
    else:
        condition = f"{asked.code} is not None"
    result = scope.name()
    made = []
    for opening, branch in ((f"if {condition}:", "then"), ("else:", "else")):
        is_there = branch in value and (branch == "then" or _truthy(value[branch]))
        with scope.block(opening):
            made.append(scope.value(value[branch], join(path, branch), raw=raw) if is_there else ABSENT)
            scope.emit(f"{result} = {made[-1].code}")
    # Which branch is taken is not known; what either makes holds for both.
    return Made(result, any(each.optional for each in made), any(each.holey for each in made))


def _case(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    operator = value.get("operator")
    if not operator:
        scope.emit(scope.call("fail", "'needs an `operator`'", path=path))
    if not _truthy(value.get("value")):
        return ABSENT
    made = scope.value(value["value"], join(path, "value"), raw=raw)
    if operator in ("lower", "upper"):
        return made._replace(code=scope.local(scope.call(operator, made.code)))
    return made._replace(code=scope.local(scope.call("unknown_case", made.code, path=path)))


def _replace(scope: Scope, value: dict[str, Any], path: str, _raw: bool) -> Made:
    if not _truthy(value.get("value")):
        return ABSENT
    made = scope.value(value["value"], join(path, "value"))
    changes = [(value["pattern"], value.get("replacement", ""))]
    if "pattern2" in value:
        changes.append((value["pattern2"], value.get("replacement2", "")))
    written = (
        f"{scope.module.helper('replaced')}({made.code}, {scope.module.constant(changes)}, "
        f"ignore_case={value.get('ignorecase', False)}, everywhere={value.get('global', True)}, "
        f"work=work, path={path!r})"
    )
    return Made(scope.local(written))


def _array_path(scope: Scope, value: list[Any], path: str, raw: bool) -> Made:
    where, shape = value[0], value[1] if len(value) > 1 else None
    has_shape = shape.__class__ is dict and bool(shape)
    if where.__class__ is str:
        root = _path(scope, where, path, raw)
    else:
        # Items that are undefined are something else than null to a shape.
        root = scope.value(where, join(path, 0), raw=raw or has_shape)
    if not has_shape:
        return root
    function, item = scope.module.function(shape, join(path, 1), is_object=False, raw=raw)
    each = "each_filled" if item.optional and not raw else "each"
    made = scope.local(scope.call(each, root.code, function, str(_weight(shape)), path=path, work=True))
    holey = root.holey or (raw and (item.optional or item.holey))
    return scope.settled(Made(made, root.optional, holey), path, raw)


def _flatten(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    separator = value.get("separator")
    if not separator:
        scope.emit(scope.call("fail", "'needs a `separator`'", path=path))
        return ABSENT
    made = scope.value(value["value"], join(path, "value"), raw=True) if "value" in value else ABSENT
    omit = repr(value.get("omitArrays", False))
    written = scope.call("flattened", made.code, scope.scalar(separator), omit, path=path, work=True)
    return scope.settled(Made(scope.local(written), holey=made.holey), path, raw)


def _json(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    for name in ("mode", "value"):
        if not _truthy(value[name]):
            scope.emit(scope.call("fail", f"'needs a `{name}`'", path=path))
            return ABSENT
    mode = value["mode"]
    made = scope.value(value["value"], join(path, "value"), raw=raw)
    if mode not in ("encode", "decode"):
        return ABSENT
    written = scope.call("encoded" if mode == "encode" else "decoded", made.code, path=path, work=True)
    return Made(scope.local(written), optional=made.optional, holey=made.holey and mode == "decode")


def _merge(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    direction = value.get("direction")
    if not direction:
        scope.emit(scope.call("fail", "'needs a `direction`'", path=path))
        return ABSENT
    items = [
        scope.value(item, join(join(path, "objects"), index), raw=True)
        for index, item in enumerate(value["objects"])
    ]
    listed = f"[{', '.join(item.code for item in items)}]"
    if direction.__class__ is not str:
        listed = scope.call("directed", listed, scope.value(direction, join(path, "direction")).code)
    elif direction == "left":
        listed = f"[{', '.join(item.code for item in reversed(items))}]"
    made = Made(scope.local(scope.call("merged", listed, path=path, work=True)))
    # An item that is undefined brings nothing; something undefined inside one, or in a list, may hide another.
    return scope.settled(made._replace(holey=any(item.holey for item in items)), path, raw)


def _transform(scope: Scope, value: dict[str, Any], path: str, raw: bool) -> Made:
    applied = scope.value(value["apply"], join(path, "apply"))
    is_object = value["apply"].__class__ is dict and directive_of(value["apply"]) is None
    function, made = scope.module.function(value["mapping"], join(path, "mapping"), is_object=is_object, raw=raw)
    return made._replace(code=scope.local(f"{function}({applied.code}, work)"))


def _exclude(scope: Scope, value: Any, path: str, raw: bool) -> Made:
    made = scope.value(value, path, raw=raw)
    written = scope.call("without_nulls", made.code, path=path, work=True)
    return Made(scope.local(written), optional=True, holey=made.holey)


def _liquid(scope: Scope, value: str, path: str, _raw: bool) -> Made:
    template = scope.module.constant(liquid.Template(value))
    return Made(scope.local(f"{template}.render(p, {path!r})"))


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


WRITERS: Final[Mapping[str, Writer]] = {
    "@path": _path,
    "@template": _template,
    "@literal": _literal,
    "@if": _if,
    "@case": _case,
    "@replace": _replace,
    "@arrayPath": _array_path,
    "@flatten": _flatten,
    "@json": _json,
    "@merge": _merge,
    "@transform": _transform,
    "@excludeWhenNull": _exclude,
    "@liquid": _liquid,
}
