"""The mapping kit once more, as plainly as spec 2.9 says it: the tree is walked, undefined is kept until the end.

It knows no bounds and no errors' paths; `Refused` is an event that a mapping cannot be applied to.
"""

import json
import re
from typing import Any

from headwater.mapping import liquid
from headwater.mapping.javascript import UNDEFINED, expanded, number_to_string, to_string


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    pass


def resolve(mapping: dict[str, Any], event: dict[str, Any]) -> Any:
    resolved = clean(value_of(mapping, event))
    return None if resolved is UNDEFINED else resolved


def clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: clean(member) for key, member in value.items() if member is not UNDEFINED}
    if isinstance(value, list):
        return [None if item is UNDEFINED else clean(item) for item in value]
    return value


def value_of(mapping: Any, payload: Any) -> Any:
    if isinstance(mapping, list):
        return [value_of(item, payload) for item in mapping]
    if not isinstance(mapping, dict):
        return mapping
    for name in mapping:
        if name.startswith("@"):
            return DIRECTIVES[name](mapping[name], payload)
    return {key: value_of(member, payload) for key, member in mapping.items()}


def get(payload: Any, path: str) -> Any:
    value = payload
    for key in re.split(r"""\[(?=["'0-9])|\.|(?<=["'0-9])\]+""", path):
        if not key:
            continue
        if not truthy(value):
            return value
        value = member(value, key.replace("'", "").replace('"', ""))
    return value


def member(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, UNDEFINED)
    if isinstance(value, list | str) and key == "length":
        return len(value)
    if isinstance(value, list | str) and re.fullmatch("0|[1-9][0-9]*", key) and int(key) < len(value):
        return value[int(key)]
    return UNDEFINED


def truthy(value: Any) -> bool:
    return isinstance(value, dict | list) or bool(value)


def argument(options: dict[str, Any], name: str) -> Any:
    return options.get(name, UNDEFINED)


def string(mapping: Any, payload: Any) -> str:
    value = value_of(mapping, payload)
    if not isinstance(value, str):
        raise Refused
    return value


def path(mapping: Any, payload: Any) -> Any:
    return get(payload, string(mapping, payload).replace("$.", "", 1))


def template(mapping: Any, payload: Any) -> Any:
    def fill(found: re.Match[str]) -> str:
        value = get(payload, found[1].strip())
        return "" if value is None or value is UNDEFINED else to_string(value)

    text = re.sub(r"\{\{\{([^}]+)\}\}\}", fill, string(mapping, payload))
    return re.sub(r"\{\{([^}]+)\}\}", fill, text)


def if_(options: dict[str, Any], payload: Any) -> Any:
    if not truthy(argument(options, "exists")) and not truthy(argument(options, "blank")):
        raise Refused
    value = value_of(options["exists" if "exists" in options else "blank"], payload)
    holds = value is not UNDEFINED and value is not None
    if "exists" not in options:
        is_empty = to_string(value) == "" if isinstance(value, list) else value in ("", 0)
        holds = holds and not is_empty
    if holds and "then" in options:
        return value_of(options["then"], payload)
    if not holds and truthy(argument(options, "else")):
        return value_of(options["else"], payload)
    return UNDEFINED


def case(options: dict[str, Any], payload: Any) -> Any:
    if not options.get("operator"):
        raise Refused
    if not truthy(argument(options, "value")):
        return UNDEFINED
    value = value_of(options["value"], payload)
    if not isinstance(value, str):
        return value
    if options["operator"] not in ("lower", "upper"):
        raise Refused
    return value.lower() if options["operator"] == "lower" else value.upper()


def replace(options: dict[str, Any], payload: Any) -> Any:
    if not truthy(options["value"]):
        return UNDEFINED
    value = value_of(options["value"], payload)
    if isinstance(value, bool | int | float):
        value = to_string(value)
    if not isinstance(value, str):
        return ""
    flags = re.IGNORECASE if options.get("ignorecase") else 0
    for pattern, new in (("pattern", "replacement"), ("pattern2", "replacement2")):
        if pattern in options:
            value = re.sub(
                re.escape(options[pattern]),
                lambda m, new=new, value=value: expanded(  # type: ignore[misc]
                    options.get(new, ""), value[: m.start()], m[0], value[m.end() :]
                ),
                value,
                count=0 if options.get("global", True) else 1,
                flags=flags,
            )
    return value


def array_path(options: list[Any], payload: Any) -> Any:
    where, shape = options[0], options[1] if len(options) > 1 else None
    root = path(where, payload) if isinstance(where, str) else value_of(where, payload)
    if isinstance(root, dict | list) and isinstance(shape, dict) and shape:
        return [value_of(shape, item) for item in (root if isinstance(root, list) else [root])]
    return root


def flatten(options: dict[str, Any], payload: Any) -> Any:
    if not options.get("separator"):
        raise Refused
    made: dict[str, Any] = {}

    def add(value: Any, names: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            members = list(value.items())
        elif isinstance(value, list) and not options.get("omitArrays"):
            members = [(str(index), item) for index, item in enumerate(value)]
        else:
            made[options["separator"].join(names)] = value
            return
        for name, member in members:
            add(member, (*names, name))

    add(value_of(argument(options, "value"), payload), ())
    return made


def json_(options: dict[str, Any], payload: Any) -> Any:
    if not options["mode"] or not truthy(options["value"]):
        raise Refused
    value = value_of(options["value"], payload)
    if options["mode"] == "encode":
        return UNDEFINED if value is UNDEFINED else stringified(value)
    if options["mode"] == "decode":
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value, parse_constant=lambda _: json.loads(""))
        except ValueError:
            return value
    return UNDEFINED


def stringified(value: Any) -> str:
    if isinstance(value, dict):
        members = [f"{stringified(k)}:{stringified(v)}" for k, v in value.items() if v is not UNDEFINED]
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(stringified, value))}]"
    if value is UNDEFINED:
        return "null"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_to_string(value)
    return json.dumps(value, ensure_ascii=False)


def merge(options: dict[str, Any], payload: Any) -> Any:
    if not options.get("direction"):
        raise Refused
    direction = value_of(options["direction"], payload)
    items = [value_of(item, payload) for item in options["objects"]]
    made: dict[str, Any] = {}
    for item in reversed(items) if direction == "left" else items:
        if isinstance(item, list | str):
            made |= {str(index): each for index, each in enumerate(item)}
        elif isinstance(item, dict):
            made |= item
    return made


def transform(options: dict[str, Any], payload: Any) -> Any:
    return value_of(options["mapping"], clean(value_of(options["apply"], payload)))


def exclude(mapping: Any, payload: Any) -> Any:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(member) for key, member in value.items() if member is not None}
        return value

    value = value_of(mapping, payload)
    return UNDEFINED if value is None else without(value)


def liquid_(mapping: str, payload: Any) -> str:
    """The same engine: what it makes of templates is a table of its own."""
    return liquid.Template(mapping).render(payload, "")


DIRECTIVES = {
    "@liquid": liquid_,
    "@path": path,
    "@template": template,
    "@literal": value_of,
    "@if": if_,
    "@case": case,
    "@replace": replace,
    "@arrayPath": array_path,
    "@flatten": flatten,
    "@json": json_,
    "@merge": merge,
    "@transform": transform,
    "@excludeWhenNull": exclude,
}
