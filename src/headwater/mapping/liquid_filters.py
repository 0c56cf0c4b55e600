"""The filters of `@liquid`, as LiquidJS has them. Each pays for what it is given and for what it makes; where that
may be much more, before it is made.
"""

import base64
import binascii
import math
import re
import urllib.parse
from collections.abc import Callable
from typing import Any, Final

from headwater.mapping.directives import encoded
from headwater.mapping.errors import MappingError
from headwater.mapping.javascript import SPACES
from headwater.mapping.liquid_dates import date
from headwater.mapping.liquid_values import (
    ITEM_COST,
    Costs,
    Filter,
    LiquidError,
    is_nothing,
    number_of,
    paid,
    read,
)
from headwater.mapping.work import Work

# --- numbers ----------------------------------------------------------------------------------------------


def _divided(dividend: float, divisor: float, whole: float = 0) -> float:
    if not divisor:
        return math.nan if not dividend else math.copysign(math.inf, dividend)
    return float(math.floor(dividend / divisor)) if whole else dividend / divisor


def _modulo(dividend: float, divisor: float) -> float:
    return math.fmod(dividend, divisor) if divisor and math.isfinite(dividend) else math.nan


def _whole(rounding: Callable[[float], int]) -> Callable[[float], float]:
    return lambda value: float(rounding(value)) if math.isfinite(value) else value


_DIGITS_MAX: Final = 20


def _round(value: float, digits: float = 0) -> float:
    shift = 10 ** max(-_DIGITS_MAX, min(_DIGITS_MAX, int(digits) if math.isfinite(digits) else 0))
    shifted = value * shift + 0.5
    return math.floor(shifted) / shift if math.isfinite(shifted) else value


# --- text -------------------------------------------------------------------------------------------------


def _replace(costs: Costs, value: str, old: str, new: str = "", count: int = -1) -> str:
    found = value.count(old) if count < 0 else count
    costs.spend(len(value) + found * len(new))
    if not old and count < 0:
        return new.join(value)  # as `split` and `join` do
    return value.replace(old, new, count)


def _replace_last(costs: Costs, value: str, old: str, new: str = "") -> str:
    costs.spend(len(value) + len(new))
    before, found, after = value.rpartition(old) if old else (value, "-", "")
    return before + new + after if found else value


_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
_ESCAPED: Final = str.maketrans(_ESCAPES)
_ENTITY: Final = re.compile("|".join(_ESCAPES.values()))
_UNESCAPES: Final = {entity: char for char, entity in _ESCAPES.items()}


def _escape(costs: Costs, value: str) -> str:
    return paid(costs, value.translate(_ESCAPED))


def _escape_once(costs: Costs, value: str) -> str:
    return _escape(costs, _ENTITY.sub(lambda entity: _UNESCAPES[entity[0]], value))


_PAIRS: Final = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"))


def _strip_html(costs: Costs, value: str) -> str:
    """Without tags, and without scripts, styles and comments with what is in them. Each text is looked for once in
    what is left, so that a page of `<` costs no more than any other.
    """
    kept: list[str] = []
    done = 0
    gone: set[str] = set()
    while (at := value.find("<", done)) >= 0:
        end = -1
        for opening, closing in _PAIRS:
            if closing not in gone and value.startswith(opening, at):
                end = value.find(closing, at)
                if end < 0:
                    gone.add(closing)
                else:
                    end += len(closing)
                break
        if end < 0:
            end = value.find(">", at) + 1
            if not end:
                break
        kept.append(value[done:at])
        done = end
    return paid(costs, "".join(kept) + value[done:])


def _truncate(_: Costs, value: str, length: str = "50", end: str = "...") -> str:
    most = int(read(length)) if math.isfinite(read(length)) else len(value)
    return value if len(value) <= most else value[: max(0, most - len(end))] + end


def _truncate_words(_: Costs, value: str, count: str = "15", end: str = "...") -> str:
    most = max(1, int(read(count))) if math.isfinite(read(count)) else len(value)
    words = value.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + end


def _split(costs: Costs, value: str, separator: str) -> list[str]:
    costs.spend(ITEM_COST * (value.count(separator) + 1))
    items = value.split(separator) if separator else list(value)
    while items and not items[-1]:
        items.pop()
    return items


def _url_encode(costs: Costs, value: str) -> str:
    costs.spend(2 * len(value))
    return urllib.parse.quote(value, safe="!~*'()-_.", errors="replace").replace("%20", "+")


def _base64_decode(_: Costs, value: str) -> str:
    try:
        return base64.b64decode(value, validate=False).decode(errors="replace")
    except (binascii.Error, ValueError):
        raise LiquidError("`base64_decode` is given what is no Base64") from None


# --- lists and values -------------------------------------------------------------------------------------


def _join(costs: Costs, value: Any, separator: Any = " ") -> str:
    items = costs.items(value)
    between = costs.text(separator)
    costs.spend(len(items) * len(between))
    return between.join(map(costs.text, items))


def _slice(costs: Costs, value: Any, start: Any, length: Any = 1) -> Any:
    sliced = costs.items(value) if value.__class__ in (list, range) else costs.text(value)
    first, count = read(start), read(length)
    if not (math.isfinite(first) and math.isfinite(count)):
        return sliced[:0]
    begin = int(first) if first >= 0 else max(0, len(sliced) + int(first))
    return sliced[begin : begin + max(0, int(count))]


def _size(_: Costs, value: Any) -> int:
    return len(value) if value.__class__ in (str, list, range) else 0


def _first(_: Costs, value: Any) -> Any:
    return value[0] if value.__class__ in (list, range) and value else ""


def _last(_: Costs, value: Any) -> Any:
    return value[-1] if value.__class__ in (list, range) and value else ""


def _compact(costs: Costs, value: Any) -> list[Any]:
    return [item for item in costs.items(value) if item is not None]


def _member(item: Any, name: str) -> Any:
    return item.get(name) if item.__class__ is dict else None


def _where(costs: Costs, value: Any, name: Any, wanted: Any = True) -> list[Any]:
    key = costs.text(name)
    found = [(item, _member(item, key)) for item in costs.items(value)]
    if wanted is True:
        return [item for item, member in found if member not in (None, False)]
    return [item for item, member in found if member == wanted and (member is True) == (wanted is True)]


def _sum(costs: Costs, value: Any, name: Any = None) -> float:
    items = costs.items(value)
    if name is not None:
        key = costs.text(name)
        items = [_member(item, key) for item in items]
    return number_of(float(sum(map(read, items))))


def _default(_: Costs, value: Any, otherwise: Any = "", *, allow_false: Any = False) -> Any:
    if value is False:
        return value if allow_false is True else otherwise
    return otherwise if is_nothing(value) or value in ("", []) else value


def _json(costs: Costs, value: Any) -> str:
    if value.__class__ is range:
        value = costs.items(value)
    try:
        written = encoded(None if is_nothing(value) else value, Work(), "")
    except MappingError as error:
        raise LiquidError(error.message) from None
    return paid(costs, str(written))


# --- all of them ------------------------------------------------------------------------------------------


def _text(function: Callable[..., Any], least: int = 0, most: int | None = None) -> Filter:
    return Filter(function, range(least, (least if most is None else most) + 1), "text")


def _count(function: Callable[..., Any], least: int = 0, most: int | None = None) -> Filter:
    return Filter(function, range(least, (least if most is None else most) + 1), "number")


def _any(function: Callable[..., Any], least: int = 0, most: int | None = None) -> Filter:
    return Filter(function, range(least, (least if most is None else most) + 1), "any")


FILTERS: Final[dict[str, Filter]] = {
    "abs": _count(abs),
    "append": _text(lambda costs, value, more: paid(costs, value + more), 1),
    "at_least": _count(max, 1),
    "at_most": _count(min, 1),
    "base64_decode": _text(_base64_decode),
    "base64_encode": _text(
        lambda costs, value: paid(costs, base64.b64encode(value.encode(errors="replace")).decode())
    ),
    "capitalize": _text(lambda _, value: value[:1].upper() + value[1:].lower()),
    "ceil": _count(_whole(math.ceil)),
    "compact": _any(_compact),
    "date": _any(date, 0, 1),
    "default": _any(_default, 0, 1)._replace(names=frozenset({"allow_false"})),
    "divided_by": _count(_divided, 1, 2),
    "downcase": _text(lambda _, value: value.lower()),
    "escape": _text(_escape),
    "escape_once": _text(_escape_once),
    "first": _any(_first),
    "floor": _count(_whole(math.floor)),
    "join": _any(_join, 0, 1),
    "json": _any(_json),
    "last": _any(_last),
    "lstrip": _text(lambda _, value: value.lstrip(SPACES)),
    "minus": _count(lambda value, less: value - less, 1),
    "modulo": _count(_modulo, 1),
    "plus": _count(lambda value, more: value + more, 1),
    "prepend": _text(lambda costs, value, before: paid(costs, before + value), 1),
    "remove": _text(_replace, 1),
    "remove_first": _text(lambda costs, value, old: _replace(costs, value, old, "", 1), 1),
    "remove_last": _text(_replace_last, 1),
    "replace": _text(_replace, 1, 2),
    "replace_first": _text(lambda costs, value, old, new="": _replace(costs, value, old, new, 1), 1, 2),
    "replace_last": _text(_replace_last, 1, 2),
    "round": _count(_round, 0, 1),
    "rstrip": _text(lambda _, value: value.rstrip(SPACES)),
    "size": _any(_size),
    "slice": _any(_slice, 1, 2),
    "split": _text(_split, 1),
    "strip": _text(lambda _, value: value.strip(SPACES)),
    "strip_html": _text(_strip_html),
    "strip_newlines": _text(lambda _, value: value.replace("\r\n", "").replace("\n", "")),
    "sum": _any(_sum, 0, 1),
    "times": _count(lambda value, by: value * by, 1),
    "truncate": _text(_truncate, 0, 2),
    "truncatewords": _text(_truncate_words, 0, 2),
    "upcase": _text(lambda _, value: value.upper()),
    "url_decode": _text(lambda _, value: urllib.parse.unquote_plus(value)),
    "url_encode": _text(_url_encode),
    "where": _any(_where, 1, 2),
}
