"""Random mappings and events. They share few names, so that places are often there."""

from typing import Any

from hypothesis import strategies as st

names = st.sampled_from(["a", "b", "c", "0", "1", ""])
texts = st.one_of(
    st.sampled_from(["", "a", "b", "A", "aa", "ab", "1", "[1]", '{"a":[1,null]}', "{{a}}", "$&", " "]),
    st.text("aAb{}. $é", max_size=6),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 12), st.sampled_from([0.5, -1.25, 1e21, 1e-7, 2.0]), texts
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
events = st.dictionaries(names, values, max_size=4)

paths = st.one_of(
    st.sampled_from(["$.", "", ".", "$.a.b[0]", "$.a['b'].c", "$.a.length", "$.a.0", "b[1].a", "$.a..b"]),
    st.lists(names, max_size=3).map(lambda found: "$." + ".".join(found)),
)
templates = st.lists(
    st.one_of(
        texts, paths.map(lambda path: f"{{{{{path[2:]}}}}}"), names.map(lambda name: f"{{{{{{ {name} }}}}}}")
    ),
    max_size=4,
).map("".join)


_PATTERNS = st.sampled_from(["a", "b", "aa", ".", "$", " "])
_NEWS = st.sampled_from(["", "x", "$&$&", "$`", "$'", "$$"])
_BOOLEANS = st.booleans()
DEPTH = 4


@st.composite
def mappings(draw: st.DrawFn, depth: int = DEPTH) -> Any:
    """Raw values and directives inside each other. They are well-formed, and some fail for every event."""
    kind = draw(st.integers(0, 9 if depth else 2))
    if kind <= 1:
        return draw(scalars)
    if kind == 2:
        return {"@path": draw(paths)}
    inner = mappings(depth - 1)
    if kind == 3:
        return draw(st.lists(inner, max_size=3))
    if kind == 4:
        return draw(st.dictionaries(names, inner, max_size=3))
    return draw(_directives(depth))


@st.composite
def _directives(draw: st.DrawFn, depth: int) -> dict[str, Any]:  # noqa: C901 - one case for each
    inner = mappings(depth - 1)

    def some(needed: dict[str, Any], **optional: st.SearchStrategy[Any]) -> dict[str, Any]:
        made = {name: draw(strategy) for name, strategy in needed.items()}
        for name, strategy in optional.items():
            if draw(st.integers(0, 3)):
                made[name.rstrip("_")] = draw(strategy)
        return made

    def text_or_directive(plain: st.SearchStrategy[str]) -> Any:
        return draw(_directives(depth - 1) if depth > 1 and not draw(st.integers(0, 2)) else plain)

    def objects() -> Any:
        return draw(st.one_of(st.dictionaries(names, inner, max_size=3), inner))

    name = draw(st.sampled_from(sorted(DIRECTIVES)))
    match name:
        case "@path":
            return {name: text_or_directive(paths)}
        case "@template":
            return {name: text_or_directive(templates)}
        case "@if":
            return {name: some({}, exists=inner, blank=inner, then=inner, else_=inner)}
        case "@case":
            operators = st.sampled_from(["lower", "upper", "other"])
            return {name: some({}, operator=operators) | {"value": text_or_directive(texts)}}
        case "@replace":
            more = some(
                {"pattern": _PATTERNS},
                replacement=_NEWS,
                pattern2=_PATTERNS,
                replacement2=_NEWS,
                ignorecase=_BOOLEANS,
                global_=_BOOLEANS,
            )
            return {name: {"value": text_or_directive(texts)} | more}
        case "@arrayPath":
            return {name: [text_or_directive(paths), objects()]}
        case "@flatten":
            return {name: some({}, value=inner, separator=st.sampled_from([".", "_", ""]), omitArrays=_BOOLEANS)}
        case "@json":
            modes = st.sampled_from(["encode", "decode", "encode", "decode", "", "x"])
            return {name: some({"value": inner, "mode": modes})}
        case "@merge":
            items = [objects() for _ in range(draw(st.integers(0, 3)))]
            return {name: {"objects": items} | some({}, direction=st.sampled_from(["left", "right"]))}
        case "@transform":
            return {name: {"apply": objects(), "mapping": draw(inner)}}
    return {name: draw(inner)}


DIRECTIVES = {
    "@path",
    "@template",
    "@literal",
    "@if",
    "@case",
    "@replace",
    "@arrayPath",
    "@flatten",
    "@json",
    "@merge",
    "@transform",
    "@excludeWhenNull",
}
