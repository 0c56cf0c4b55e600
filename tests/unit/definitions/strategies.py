"""Random definitions: all that either notation can say, and nothing else.

They speak of the names in a `Vocabulary`. `SMALL` has few of everything, so that definitions and random events
have something to do with each other; `EXOTIC` has the names and values that are hard to write down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from hypothesis import strategies as st

from headwater.definitions import ast

HOUR = 3_600_000
DAY = 24 * HOUR

NOT_COMPARABLE = (
    'contains(properties.plan, "o")',
    'properties.plan = "basic" or contains(properties.plan, "p")',
    "length(properties.plan) > 3",
    '"red" in properties.tags',
    "properties.price > properties.total",
    'typeof(properties.price) = "number"',
    'match(properties.plan, "b*")',
    "properties.done = true",
    '!contains(context.page.url, "test")',
    'lowercase(properties.plan) = "basic"',
)
"""FQL, as it is printed, that has no other form here."""


@dataclass(frozen=True)
class Vocabulary:
    events: st.SearchStrategy[str] = field(default_factory=lambda: st.sampled_from(["Order", "Visit", "Refund"]))
    """Names of track events."""
    pages: st.SearchStrategy[str] = field(default_factory=lambda: st.sampled_from(["Home", "Cart"]))
    sources: st.SearchStrategy[str] = field(default_factory=lambda: st.sampled_from(["web", "app"]))
    paths: st.SearchStrategy[tuple[str, ...]] = field(
        default_factory=lambda: st.sampled_from(
            [
                ("properties", "total"),
                ("properties", "price"),
                ("properties", "plan"),
                ("properties", "tags"),
                ("properties", "done"),
                ("properties", "at"),
                ("properties", "cart", "size"),
                ("context", "page", "url"),
                ("timestamp",),
                ("name",),
            ]
        )
    )
    """Inside an event."""
    traits: st.SearchStrategy[tuple[str, ...]] = field(
        default_factory=lambda: st.sampled_from(
            [("plan",), ("country",), ("score",), ("born",), ("vip",), ("address", "city")]
        )
    )
    """Traits that are sent; never keys of definitions."""
    texts: st.SearchStrategy[str] = field(
        default_factory=lambda: st.sampled_from(["basic", "pro", "US", "DE", "red", "b", "5", "true", ""])
    )
    numbers: st.SearchStrategy[Any] = field(
        default_factory=lambda: st.integers(-2, 6) | st.sampled_from([0.5, 5.5, 19.99, 100, -3.0])
    )
    booleans: st.SearchStrategy[Any] = field(default_factory=st.booleans)
    instants: st.SearchStrategy[str] = field(
        default_factory=lambda: st.sampled_from(
            ["2026-01-01", "2026-01-10T12:00:00Z", "2026-01-05T00:00:00+02:00", "1990-05-17"]
        )
    )
    durations: st.SearchStrategy[int] = field(
        default_factory=lambda: st.sampled_from([HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY])
    )


_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_odd = st.sampled_from(["it's", 'a "b"', "a\\b", "a.b", "\\", "\n", "AND", "größe", "1", "(", "%", "true", "-"])
_names = (_odd | _any_text).filter(lambda text: text not in {"", "$"})
_paths = st.lists(_names, min_size=1, max_size=3).map(tuple) | st.tuples(st.just("properties"), _names)

SMALL = Vocabulary()
EXOTIC = Vocabulary(
    events=_names.filter(lambda name: name not in {"Page Viewed", "Screen Viewed"}),
    pages=_names,
    sources=_names,
    paths=_paths | st.sampled_from([("properties", "page_name"), ("context", "timestamp"), ("name",)]),
    traits=_paths,
    texts=_odd | _any_text,
    numbers=st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    durations=st.integers(1, 3_660 * DAY),
)

OPERATORS: tuple[ast.Operator, ...] = get_args(ast.Operator)
COUNTS: tuple[ast.Operator, ...] = ("=", "!=", "<", "<=", ">", ">=")
REDUCERS: tuple[ast.Reducer, ...] = get_args(ast.Reducer)


def operands(
    vocabulary: Vocabulary, operator: ast.Operator, references: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[tuple[Any, ...]]:
    """What an operator can be asked with: values, and now and then one of the `references`."""
    values: st.SearchStrategy[Any]
    most = 3 if operator in ast.MANY_OPERANDS else 1
    match operator:
        case "exists" | "not_exists":
            return st.just(())
        case "within_last" | "before_last" | "within_next" | "after_next":
            return vocabulary.durations.map(lambda ms: (ms,))
        case "<" | "<=" | ">" | ">=":
            values = vocabulary.numbers
        case "before" | "after":
            values = vocabulary.instants
        case "starts_with" | "ends_with":
            values = vocabulary.texts
        case _:
            values = vocabulary.texts | vocabulary.numbers | vocabulary.booleans
    if references is not None:
        values = values | values | references
    return st.lists(values, min_size=1, max_size=most).map(tuple)


@st.composite
def comparisons(
    draw: st.DrawFn,
    vocabulary: Vocabulary,
    operators: Sequence[ast.Operator] = OPERATORS,
    references: st.SearchStrategy[Any] | None = None,
) -> tuple[ast.Operator, tuple[Any, ...]]:
    operator = draw(st.sampled_from(operators))
    return operator, draw(operands(vocabulary, operator, references))


# --- predicates and events ------------------------------------------------------------------------------------


def compares(vocabulary: Vocabulary, *, of_parent: bool = False) -> st.SearchStrategy[ast.Compare]:
    paths: st.SearchStrategy[Any] = st.builds(ast.Path, vocabulary.paths)
    others: st.SearchStrategy[Any] = paths | st.builds(ast.TraitOf, vocabulary.traits)
    if of_parent:
        others = others | st.builds(ast.ParentPath, vocabulary.paths)
    return st.builds(
        lambda left, compared: ast.Compare(left, *compared),
        paths | paths | others,
        comparisons(vocabulary, references=others),
    )


def predicates(
    vocabulary: Vocabulary = SMALL, *, funnels: bool = True, of_parent: bool = False, leaves: int = 4
) -> st.SearchStrategy[ast.Predicate]:
    base: st.SearchStrategy[Any] = compares(vocabulary, of_parent=of_parent)
    base = base | base | st.builds(ast.Fql, st.sampled_from(NOT_COMPARABLE))
    if funnels:
        base = base | followed(vocabulary)
    return st.recursive(
        base,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda items: ast.AllOf(tuple(items)))
            | st.lists(inner, max_size=3).map(lambda items: ast.AnyOf(tuple(items)))
            | st.builds(ast.NotOf, inner)
        ),
        max_leaves=leaves,
    )


def followed(vocabulary: Vocabulary = SMALL) -> st.SearchStrategy[ast.Followed]:
    return st.builds(
        ast.Followed,
        event_queries(vocabulary, funnels=False, of_parent=True),
        vocabulary.durations,
        st.sampled_from(COUNTS),
        st.integers(0, 3),
    )


@st.composite
def event_queries(
    draw: st.DrawFn, vocabulary: Vocabulary = SMALL, *, funnels: bool = True, of_parent: bool = False
) -> ast.EventQuery:
    call = draw(st.sampled_from(["track"] * 6 + ["page", "screen", "identify", "group", "alias"]))
    names = {"track": vocabulary.events, "page": vocabulary.pages, "screen": vocabulary.pages}
    name = draw(names[call]) if call in names and draw(st.integers(0, 5)) else None
    where = predicates(vocabulary, funnels=funnels, of_parent=of_parent, leaves=3)
    return ast.EventQuery(
        call=call,
        name=name,
        where=draw(st.none() | where),
        without_sources=tuple(draw(st.lists(vocabulary.sources, max_size=2))) if draw(st.booleans()) else (),
    )


def windows(vocabulary: Vocabulary = SMALL) -> st.SearchStrategy[ast.Window]:
    pairs = st.lists(vocabulary.durations, min_size=2, max_size=2, unique=True).map(sorted)
    return st.builds(ast.Window, vocabulary.durations) | pairs.map(lambda pair: ast.Window(pair[1], pair[0]))


@st.composite
def aggregates(
    draw: st.DrawFn,
    vocabulary: Vocabulary = SMALL,
    *,
    sessions: bool = True,
    reducers: Sequence[ast.Reducer] = REDUCERS,
) -> ast.Aggregate:
    reducer = draw(st.sampled_from(reducers))
    window: st.SearchStrategy[Any] = st.none() | windows(vocabulary)
    if sessions:
        window = window | st.builds(ast.Session, vocabulary.durations)
    as_type: st.SearchStrategy[Any] = st.just("")
    if reducer == "most_frequent":
        as_type = st.sampled_from(["", "number", "string", "array"])
    elif reducer in {"min", "max"}:
        as_type = st.sampled_from(["", "number", "string"])
    return ast.Aggregate(
        events=draw(event_queries(vocabulary)),
        reducer=reducer,
        path=() if reducer == "count" else draw(vocabulary.paths),
        window=draw(window),
        as_type=draw(as_type),
        frequency_min=draw(st.integers(1, 3)) if reducer == "most_frequent" else 2,
    )


# --- conditions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Definitions that a condition may refer to."""

    traits: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


NUMERIC: tuple[ast.Operator, ...] = (*COUNTS, "in", "not_in")


@st.composite
def event_conditions(draw: st.DrawFn, vocabulary: Vocabulary = SMALL) -> ast.EventCondition:
    aggregate = draw(aggregates(vocabulary, sessions=False, reducers=["count"] * 6 + list(REDUCERS)))
    traits = st.builds(ast.TraitOf, vocabulary.traits)
    match aggregate.reducer:
        case "count" | "unique_count":
            operator = draw(st.sampled_from(NUMERIC))
            compared = operator, draw(operands(_with_numbers_only(vocabulary), operator, traits))
        case "sum" | "avg":
            operator = draw(st.sampled_from((*NUMERIC, *sorted(ast.NO_OPERAND))))
            compared = operator, draw(operands(_with_numbers_only(vocabulary), operator, traits))
        case "unique_list":
            operators = ("contains", "not_contains", "exists", "not_exists")
            compared = draw(comparisons(vocabulary, operators, traits))
        case _:
            compared = draw(comparisons(vocabulary, references=traits))
    return ast.EventCondition(aggregate, *compared)


def _with_numbers_only(vocabulary: Vocabulary) -> Vocabulary:
    return replace(vocabulary, texts=vocabulary.numbers, booleans=vocabulary.numbers)


def conditions(
    vocabulary: Vocabulary = SMALL, known: Known = Known(), *, of_accounts: bool = False, leaves: int = 4
) -> st.SearchStrategy[ast.Condition]:
    traits: st.SearchStrategy[Any] = st.builds(ast.TraitOf, vocabulary.traits)
    if known.traits:
        traits = traits | st.sampled_from(known.traits).map(lambda key: ast.TraitOf((key,)))
    compared = comparisons(vocabulary, references=traits)
    base: st.SearchStrategy[Any] = st.builds(
        lambda segments, pair: ast.TraitCondition(segments, *pair), vocabulary.traits, compared
    )
    base = base | event_conditions(vocabulary) | event_conditions(vocabulary) | sequences(vocabulary)
    if known.traits:
        base = base | st.builds(
            lambda key, pair: ast.Computed(key, *pair), st.sampled_from(known.traits), compared
        )
    if known.audiences:
        base = base | st.builds(ast.InAudience, st.sampled_from(known.audiences))
    if of_accounts:
        of_users = conditions(vocabulary, leaves=2)
        base = base | st.builds(ast.OfUsers, st.sampled_from(["any", "all", "none"]), of_users)
    return st.recursive(
        base,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda items: ast.All(tuple(items)))
            | st.lists(inner, max_size=3).map(lambda items: ast.Any_(tuple(items)))
            | st.builds(ast.Not, inner)
        ),
        max_leaves=leaves,
    )


def sequences(vocabulary: Vocabulary = SMALL) -> st.SearchStrategy[ast.Sequence]:
    steps = st.lists(event_queries(vocabulary, funnels=False), min_size=2, max_size=4).map(tuple)
    return st.builds(ast.Sequence, steps, st.none() | vocabulary.durations)


# --- definitions -----------------------------------------------------------------------------------------------


@st.composite
def definitions(
    draw: st.DrawFn,
    vocabulary: Vocabulary = SMALL,
    known: Known = Known(),
    *,
    key: str = "d0",
    collections: Sequence[str] = ("users",),
) -> ast.Definition:
    collection: Any = draw(st.sampled_from(collections))
    bodies: st.SearchStrategy[Any] = aggregates(vocabulary) | conditions(
        vocabulary, known, of_accounts=collection == "accounts"
    )
    return ast.Definition(key=key, body=draw(bodies), collection=collection, version=1)


@st.composite
def catalogues(
    draw: st.DrawFn, vocabulary: Vocabulary = SMALL, *, most: int = 4, collections: Sequence[str] = ("users",)
) -> tuple[ast.Definition, ...]:
    """Definitions that refer to each other, each after all it refers to; of `accounts` only to accounts' own."""
    found: list[ast.Definition] = []
    for index in range(draw(st.integers(1, most))):
        collection = draw(st.sampled_from(collections))
        same = [d for d in found if d.collection == collection]
        known = Known(
            traits=tuple(d.key for d in same if not d.is_audience),
            audiences=tuple(d.key for d in same if d.is_audience),
        )
        found.append(draw(definitions(vocabulary, known, key=f"d{index}", collections=[collection])))
    return tuple(found)
