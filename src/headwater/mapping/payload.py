"""Payloads as an action's fields want them: coerced, checked, and of those fields only (spec 2.8)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from headwater.mapping.coercion import COERCIONS, Unfit, to_object
from headwater.mapping.errors import PayloadError, join
from headwater.mapping.fields import Field
from headwater.mapping.formats import FORMATS, instant
from headwater.mapping.javascript import a, number_to_string, to_string, type_name

__all__ = ["PayloadError", "checker"]

Take = Callable[[Any], Any]
"""A value as a field wants it. Unfit, or PayloadError with a path inside the value."""
Fill = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""Puts the members of a payload into a new one, and gives that."""

_CHOICES_SHOWN = 8


class _Member(NamedTuple):
    field: Field
    take: Take
    is_checked: bool
    """Whether a value of the right class may still be wrong."""


def checker(fields: Sequence[Field]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A function that takes what a mapping has resolved to and gives the payload, new, of these fields only.
    PayloadError when they do not allow it.

    >>> check = checker([Field(name="total", label="Total", type="number", required=True)])
    >>> check({"total": "12.5", "more": 1})
    {'total': 12.5}
    """
    fill = _compiled([_member(field) for field in fields])

    def check(payload: dict[str, Any]) -> dict[str, Any]:
        if payload.__class__ is not dict:
            raise PayloadError(f"the mapping should make an object, but makes {a(type_name(payload))}")
        return fill(payload, {})

    return check


def _compiled(members: Sequence[_Member]) -> Fill:
    """Statements for each member instead of a loop over them: a value that is right costs no call."""
    names: dict[str, Any] = {"miss": _miss, "located": _located, "Unfit": Unfit, "PayloadError": PayloadError}
    lines = ["def fill(payload, made):", " get = payload.get", " try:"]
    for index, (field, take, is_checked) in enumerate(members):
        key, names[f"take{index}"] = repr(field.name), take
        right = [f"v.__class__ is {kind.__name__}" for kind in COERCIONS[field.type][0]]
        lines.append(f"  v = get({key})")
        if not (is_checked or field.multiple):
            lines.append(f"  if v and ({' or '.join(right)}): made[{key}] = v")
        lines.append(f"  {'if' if is_checked or field.multiple else 'elif'} v is None or v == '':")
        refusal = f"at = {key}; miss()" if field.required else "pass"
        if field.allow_null:
            lines += [f"   if v is None and {key} in payload: made[{key}] = None", f"   else: {refusal}"]
        else:
            lines.append(f"   {refusal}")
        lines += ["  else:", f"   at = {key}", f"   made[{key}] = take{index}(v)"]
    lines += ["  return made", " except (Unfit, PayloadError) as error:", "  raise located(error, at) from None"]
    exec(compile("\n".join(lines), "<fields>", "exec"), names)  # noqa: S102 - names of fields, as `repr` writes them
    fill: Fill = names["fill"]
    return fill


def _located(error: Unfit | PayloadError, name: str) -> PayloadError:
    if isinstance(error, PayloadError):
        return PayloadError(error.message, join("", name) + _continued(error.path))
    return PayloadError(str(error), join("", name))


def _miss() -> NoReturn:
    raise Unfit("is required, but the mapping gives nothing for this event")


def _continued(path: str) -> str:
    return path if path.startswith("[") or not path else f".{path}"


def _member(field: Field) -> _Member:
    checks = _checks(field)
    take = _chained(COERCIONS[field.type][1], checks)
    return _Member(field, _list_of(take, field.allow_null) if field.multiple else take, bool(checks))


def _chained(coerce: Take, checks: Sequence[Take]) -> Take:
    if not checks:
        return coerce

    def take(value: Any) -> Any:
        value = coerce(value)
        for check in checks:
            value = check(value)
        return value

    return take


def _list_of(take: Take, allows_null: bool) -> Take:
    def take_all(value: Any) -> list[Any]:
        made: list[Any] = []
        try:
            for item in value if value.__class__ is list else [value]:
                made.append(None if item is None and allows_null else take(item))  # noqa: PERF401 - it counts
        except Unfit as unfit:
            raise PayloadError(str(unfit), f"[{len(made)}]") from None
        except PayloadError as error:
            raise PayloadError(error.message, f"[{len(made)}]{_continued(error.path)}") from None
        return made

    return take_all


def _checks(field: Field) -> list[Take]:
    """What a value of the right type must be besides."""
    checks: list[Take] = []
    if field.type == "datetime":
        checks.append(instant)
    if field.format:
        checks.append(FORMATS[field.format])
    if field.choices:
        checks.append(_one_of(field.choices))
    if field.minimum is not None:
        checks.append(_at_least(field.minimum))
    if field.maximum is not None:
        checks.append(_at_most(field.maximum))
    if field.properties:
        checks.append(_object_of(field))
    return checks


def _one_of(choices: tuple[str, ...]) -> Take:
    known = frozenset(choices)
    shown = ", ".join(choices[:_CHOICES_SHOWN]) + (", …" if len(choices) > _CHOICES_SHOWN else "")

    def check(value: Any) -> Any:
        if to_string(value) not in known:
            raise Unfit(f"should be one of {shown}")
        return value

    return check


def _at_least(minimum: float) -> Take:
    def check(value: Any) -> Any:
        if value < minimum:
            raise Unfit(f"should be {number_to_string(minimum)} or more")
        return value

    return check


def _at_most(maximum: float) -> Take:
    def check(value: Any) -> Any:
        if value > maximum:
            raise Unfit(f"should be {number_to_string(maximum)} or less")
        return value

    return check


def _object_of(field: Field) -> Take:
    fill = _compiled([_member(each) for each in field.properties])
    names = frozenset(each.name for each in field.properties)

    def check(value: Any) -> dict[str, Any]:
        value = to_object(value)
        others = {key: of for key, of in value.items() if key not in names} if field.additional else {}
        return fill(value, others)

    return check
