"""Random expressions and random events that have something to do with each other."""

import json
from typing import Any

from hypothesis import strategies as st

from headwater.fql.ast import And, Boolean, Call, Compare, Expression, List, Not, Null, Number, Or, Path, String
from headwater.fql.functions import FUNCTIONS
from headwater.fql.glob import GlobError, compile_glob

NAMES = [
    "total",
    "page",
    "path",
    "and",
    "__proto__",
    "__class__",
    "a b",
    "größe",
    "a.b",
    "1st",
    "-x",
    'q"',
    "b\\s",
    "\n",
]
TEXTS = [
    "",
    "Order Completed",
    "/checkout",
    "1",
    "true",
    "a",
    "ab",
    "A b",
    "größe",
    "*",
    "a*",
    "?b",
    "[a-b]*",
    "\\*",
    "[^a]",
    "[",
]
SMALL = [0, 1, -1, 2, 50, 1.0, 0.0, 1.5, -0.25, 2**53, 2**53 + 1, 10**30, 1e30, 1e22, 5e-324]

texts = st.sampled_from(TEXTS) | st.text(max_size=6)
numbers = st.sampled_from(SMALL) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
names = st.sampled_from(NAMES) | st.text(min_size=1, max_size=4)

values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
members = st.dictionaries(names, values, max_size=5)
likely = st.fixed_dictionaries(
    {},
    optional={
        "total": st.sampled_from(SMALL) | values,
        "page": st.fixed_dictionaries({"path": texts}) | values,
        "path": st.sampled_from(TEXTS) | values,
        "tags": st.lists(scalars, max_size=4) | values,
        "flag": st.booleans() | values,
    },
)
objects = likely | members

events = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page"]),
        "event": texts,
        "name": texts,
        "userId": texts,
        "properties": objects,
        "traits": objects,
        "context": objects,
        "receivedAt": st.just("2026-11-21T09:15:42.678Z"),
        "version": numbers,
        "Größe": values,
    },
)
"""What the pipeline's envelope can hold, as Python objects. `Größe` is a member that it does not know."""

trigger_paths = st.sampled_from([("type",), ("event",), ("name",), ("userId",)]) | st.builds(
    lambda first, rest: (first, *rest),
    st.sampled_from(["properties", "traits", "context"]),
    st.lists(names, min_size=1, max_size=3),
)
filter_paths = (
    trigger_paths
    | st.sampled_from(
        [
            ("properties",),
            ("context",),
            ("received_at",),
            ("receivedAt",),
            ("version",),
            ("Größe",),
            ("Größe", "page"),
        ]
    )
    | st.lists(names, min_size=1, max_size=3).map(tuple)
)


def writable(text: str) -> bool:
    return not ('"' in text and "'" in text)


def is_glob(text: str) -> bool:
    try:
        compile_glob(text)
    except GlobError:
        return False
    return True


def whole(number: float) -> int | float:
    """As the parser reads it."""
    return int(number) if float(number).is_integer() and not isinstance(number, int) else number


literal_numbers = numbers.filter(lambda n: abs(n) < 10**300).map(whole)
strings = texts.filter(writable).map(String)


LIKELY = [("total",), ("page", "path"), ("path",), ("tags",), ("flag",)]
likely_paths = st.builds(
    lambda first, rest: (first, *rest),
    st.sampled_from(["properties", "traits", "context"]),
    st.sampled_from(LIKELY),
)


def expressions(paths: st.SearchStrategy[tuple[str, ...]]) -> st.SearchStrategy[Expression]:
    """Half of them what somebody might write, half of them anything that can be written."""
    leaves = st.one_of(
        paths.map(Path),
        paths.map(Path),
        strings,
        literal_numbers.map(Number),
        st.booleans().map(Boolean),
        st.just(Null()),
    )
    return (
        conditions(likely_paths | paths) | conditions(likely_paths) | st.recursive(leaves, compound, max_leaves=8)
    )


def conditions(paths: st.SearchStrategy[tuple[str, ...]]) -> st.SearchStrategy[Expression]:
    """Comparisons and tests joined by `and`, `or` and `!`; they mostly have a value."""
    path = paths.map(Path)
    text = st.sampled_from(TEXTS).map(String)
    number = st.sampled_from(SMALL).map(whole).map(Number)
    constant = text | number | st.sampled_from([Boolean(True), Boolean(False), Null()])
    glob = st.sampled_from([pattern for pattern in TEXTS if is_glob(pattern)]).map(String)
    changed = st.builds(
        lambda name, argument: Call(name, (argument,)), st.sampled_from(["lowercase", "titlecase", "typeof"]), path
    )
    return st.recursive(
        st.one_of(
            st.builds(Compare, st.sampled_from(["=", "!="]), path | changed, constant | path),
            st.builds(Compare, st.sampled_from(["=", "!="]), constant, path),
            st.builds(Compare, st.sampled_from([">", ">=", "<", "<="]), path, number),
            st.builds(
                lambda left, items: Compare("in", left, List(items)),
                path,
                st.lists(constant, max_size=3).map(tuple),
            ),
            st.builds(lambda left, right: Compare("in", left, right), constant, path),
            st.builds(lambda *arguments: Call("contains", arguments), path, text),
            st.builds(lambda *arguments: Call("match", arguments), path, glob),
            path,
        ),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
            inner.map(Not),
        ),
        max_leaves=6,
    )


def compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operators = st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "in"])
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    unary = st.sampled_from([name for name, function in FUNCTIONS.items() if len(function.parameters) == 1])
    patterns = strings.filter(lambda node: is_glob(node.value)) | inner.filter(lambda n: not isinstance(n, String))
    return st.one_of(
        st.builds(Compare, operators, inner, inner),
        st.builds(Compare, operators, inner, inner),
        st.builds(
            lambda left, items: Compare("in", left, List(items)), inner, st.lists(strings, max_size=3).map(tuple)
        ),
        several.map(And),
        several.map(Or),
        inner.map(Not),
        st.lists(inner, max_size=3).map(tuple).map(List),
        st.builds(lambda name, argument: Call(name, (argument,)), unary, inner),
        st.builds(lambda *arguments: Call("contains", arguments), inner, inner),
        st.builds(lambda *arguments: Call("match", arguments), inner, patterns),
    )


def encode(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()
