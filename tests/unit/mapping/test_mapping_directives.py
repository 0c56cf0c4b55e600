"""Each directive in tables: what people write, and where JavaScript is odd."""

from typing import Any

import pytest

from headwater.mapping.kit import MappingError, compile_mapping

EVENT: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "n": 101,
    "one": 1.0,
    "big": 1e21,
    "zero": 0,
    "no": False,
    "yes": True,
    "empty": "",
    "null": None,
    "list": ["a", None, 2],
    "none": [],
    "nested": [["x"], {"y": [1]}],
    "text": "aAbB.aA",
    "o": {"a": {"b": 1}, "c": [5], "d": None, "e": {}, "f": []},
    "keys": {"a b": 1, "a[b]": 2, "0": "zero", "": "nameless", "$": "dollar", "it's": 3},
    "products": [{"sku": "s1", "price": 1}, {"sku": "s2"}, None, 7, 0],
    "product": {"sku": "s"},
    "json": '{"a": [1, 2.0, null]}',
    "emoji": "a🙂b",
    "traits": {"name": "Ann", "email": "ann@example.com"},
}
ABSENT = {"there": "nothing"}
"""Stands for a member that is left out."""


def resolved(mapping: Any, event: dict[str, Any] = EVENT) -> Any:
    return compile_mapping({"v": mapping}).resolve(event).get("v", ABSENT)


def of(path: str) -> dict[str, Any]:
    return {"@path": path}


SPEC = [
    ({"a": of("$.x.y"), "b": of("$.none"), "c": None}, {"x": {"y": 1}}, {"a": 1, "c": None}),
    ({"@template": "{{a}}-{{ b }}-{{z}}"}, {"a": "p", "b": 2}, "p-2-"),
    ({"v": {"@if": {"exists": of("$.a"), "then": of("$.a"), "else": "d"}}}, {"a": False}, {"v": False}),
    ({"v": {"@if": {"blank": of("$.a"), "then": "t", "else": "e"}}}, {"a": 0}, {"v": "e"}),
    ({"v": {"@arrayPath": ["$.p", {"id": of("$.sku")}]}}, {"p": {"sku": "s"}}, {"v": [{"id": "s"}]}),
    ({"v": {"@replace": {"value": of("$.n"), "pattern": "1", "replacement": "x"}}}, {"n": 101}, {"v": "x0x"}),
    (
        {"@merge": {"objects": [{"a": 1}, of("$.t")], "direction": "left"}},
        {"t": {"a": 2, "b": 3}},
        {"a": 1, "b": 3},
    ),
    (
        {"v": {"@flatten": {"value": of("$.o"), "separator": "."}}},
        {"o": {"a": {"b": 1}, "c": [5]}},
        {"v": {"a.b": 1, "c.0": 5}},
    ),
    ({"v": {"@excludeWhenNull": of("$.o")}}, {"o": {"a": None, "b": {"c": None}}}, {"v": {"b": {}}}),
]


@pytest.mark.parametrize(("mapping", "event", "made"), SPEC)
def test_resolve_when_it_is_a_vector_of_the_spec_then_its_output(mapping: Any, event: Any, made: Any) -> None:
    assert compile_mapping(mapping).resolve(event) == made


RAW = [
    (1, 1),
    ("text", "text"),
    (None, None),
    ([1, [None]], [1, [None]]),
    ({"a": {"b": []}}, {"a": {"b": []}}),
    ({"_metadata": {"x": 1}}, {"_metadata": {"x": 1}}),
    ({**of("$.n"), "_metadata": {"label": "N"}}, 101),
    ([of("$.n"), of("$.missing"), of("$.null")], [101, None, None]),
    ({"a": of("$.missing"), "b": {"c": of("$.missing")}}, {"b": {}}),
    (12345678901234567890123, 1.2345678901234568e22),
]

PATH = [
    ("$.event", "Order Completed"),
    ("event", "Order Completed"),
    ("$.o.a.b", 1),
    ("$.", EVENT),
    ("", EVENT),
    (".", EVENT),
    ("$", ABSENT),
    ("keys.$", "dollar"),
    ("keys.$.0", "zero"),  # the first `$.` goes, wherever it is
    ("$.list[0]", "a"),
    ("$.list.0", "a"),
    ("$.list['0']", "a"),
    ('$.list["0"]', "a"),
    ("$.list[9]", ABSENT),
    ("$.list[01]", ABSENT),
    ("$.list[-1]", ABSENT),
    ("$.list.length", 3),
    ("$.none.length", 0),
    ("$.none.a", ABSENT),
    ("$.none.a.b", ABSENT),
    ("$.event.length", 15),
    ("$.event[0]", "O"),
    ("$.emoji.length", 4),
    ("$.nested[1].y[0]", 1),
    ("$.nested[0][0]", "x"),
    ("$.keys['a b']", 1),
    ("$.keys.a b", 1),
    ("$.keys.a[b]", 2),
    ("$.keys.it's", ABSENT),  # quotes are dropped wherever they are
    ("$..event", "Order Completed"),
    ("$.zero.a", 0),
    ("$.no.a.b", False),
    ("$.empty.length", ""),
    ("$.null.a", None),
    ("$.null", None),
    ("$.yes.a", ABSENT),
    ("$.n.toFixed", ABSENT),
    ("$.o.constructor", ABSENT),
    ("$.missing", ABSENT),
    ("$.missing.a", ABSENT),
    ("$.products[*].sku", ABSENT),
]

TEMPLATE = [
    ("plain", "plain"),
    ("", ""),
    ("{{event}}", "Order Completed"),
    ("{{ event }}!{{userId}}", "Order Completed!u1"),
    ("{{{event}}}", "Order Completed"),
    ("{{missing}}|{{null}}|{{empty}}", "||"),
    ("{{zero}} {{no}} {{yes}}", "0 false true"),
    ("{{one}} {{big}}", "1 1e+21"),
    ("{{list}} {{none}} {{o}} {{nested}}", "a,,2  [object Object] x,[object Object]"),
    ("{{list[0]}}{{keys['a b']}}", "a1"),
    ("{{$.event}}", ""),  # only @path forgives `$.`
    ("{{}}{{ }}", "{{}}[object Object]"),
    ("{{event}", "{{event}"),
    ("{{{{event}}}}", "}"),
    ("{{a{event}}", ""),
    ("{{{missing}}}x", "x"),
    ("<{{empty}}>", "<>"),
    ("&{{traits.email}}", "&ann@example.com"),
]

IF = [
    ({"exists": of("$.event"), "then": "t", "else": "e"}, "t"),
    ({"exists": of("$.missing"), "then": "t", "else": "e"}, "e"),
    ({"exists": of("$.null"), "then": "t", "else": "e"}, "e"),
    ({"exists": of("$.zero"), "then": "t", "else": "e"}, "t"),
    ({"exists": of("$.empty"), "then": "t", "else": "e"}, "t"),
    ({"exists": "raw", "then": "t"}, "t"),
    ({"exists": [], "then": "t"}, "t"),
    ({"blank": of("$.event"), "then": "t", "else": "e"}, "t"),
    ({"blank": of("$.empty"), "then": "t", "else": "e"}, "e"),
    ({"blank": of("$.no"), "then": "t", "else": "e"}, "e"),
    ({"blank": of("$.none"), "then": "t", "else": "e"}, "e"),
    ({"blank": of("$.null"), "then": "t", "else": "e"}, "e"),
    ({"blank": of("$.missing"), "then": "t", "else": "e"}, "e"),
    ({"blank": [None], "then": "t", "else": "e"}, "e"),
    ({"blank": [[]], "then": "t", "else": "e"}, "e"),
    ({"blank": [0], "then": "t", "else": "e"}, "t"),
    ({"blank": of("$.o"), "then": "t", "else": "e"}, "t"),
    ({"blank": of("$.yes"), "then": "t", "else": "e"}, "t"),
    ({"exists": of("$.missing"), "blank": of("$.event"), "then": "t", "else": "e"}, "e"),
    ({"exists": None, "blank": of("$.event"), "then": "t", "else": "e"}, "e"),
    ({"exists": of("$.event"), "then": None}, None),
    ({"exists": of("$.event"), "then": 0}, 0),
    ({"exists": of("$.event"), "then": of("$.missing")}, ABSENT),
    ({"exists": of("$.event")}, ABSENT),
    ({"exists": of("$.missing"), "else": 0}, ABSENT),
    ({"exists": of("$.missing"), "else": ""}, ABSENT),
    ({"exists": of("$.missing"), "else": False}, ABSENT),
    ({"exists": of("$.missing"), "else": None}, ABSENT),
    ({"exists": of("$.missing"), "else": {}}, {}),
    ({"exists": of("$.missing"), "else": []}, []),
    ({"exists": of("$.missing"), "else": {"@literal": 0}}, 0),
]

CASE = [
    ({"operator": "upper", "value": of("$.event")}, "ORDER COMPLETED"),
    ({"operator": "lower", "value": of("$.event")}, "order completed"),
    ({"operator": "upper", "value": "straße"}, "STRASSE"),
    ({"operator": "lower", "value": of("$.n")}, 101),
    ({"operator": "other", "value": of("$.n")}, 101),
    ({"operator": "lower", "value": of("$.list")}, ["a", None, 2]),
    ({"operator": "lower", "value": of("$.missing")}, ABSENT),
    ({"operator": "lower", "value": ""}, ABSENT),
    ({"operator": "lower", "value": of("$.empty")}, ""),
    ({"operator": "lower"}, ABSENT),
]

REPLACE = [
    ({"value": of("$.text"), "pattern": "a", "replacement": "x"}, "xAbB.xA"),
    ({"value": of("$.text"), "pattern": "a", "replacement": "x", "global": False}, "xAbB.aA"),
    ({"value": of("$.text"), "pattern": "a", "replacement": "x", "ignorecase": True}, "xxbB.xx"),
    ({"value": of("$.text"), "pattern": "A", "ignorecase": True, "global": False}, "AbB.aA"),
    ({"value": of("$.text"), "pattern": "a"}, "AbB.A"),
    ({"value": of("$.text"), "pattern": ".", "replacement": "!"}, "aAbB!aA"),
    ({"value": "a+b*c", "pattern": "+b*", "replacement": "-"}, "a-c"),
    ({"value": "a b", "pattern": " ", "replacement": "_"}, "a_b"),
    ({"value": "(x)", "pattern": "(", "pattern2": ")", "replacement2": "]"}, "x]"),
    ({"value": "aa", "pattern": "a", "replacement": "b", "pattern2": "b", "replacement2": "c"}, "cc"),
    ({"value": "aAbB", "pattern": "a", "pattern2": "b", "ignorecase": True}, ""),
    ({"value": of("$.n"), "pattern": "0"}, "11"),
    ({"value": of("$.one"), "pattern": ".", "replacement": "x"}, "1"),
    ({"value": of("$.yes"), "pattern": "t", "replacement": "T"}, "True"),
    ({"value": of("$.null"), "pattern": "a"}, ""),
    ({"value": of("$.missing"), "pattern": "a"}, ""),
    ({"value": of("$.list"), "pattern": "a"}, ""),
    ({"value": of("$.o"), "pattern": "a"}, ""),
    ({"value": "", "pattern": "a"}, ABSENT),
    ({"value": "xay", "pattern": "a", "replacement": "[$&]"}, "x[a]y"),
    ({"value": "xay", "pattern": "a", "replacement": "$$"}, "x$y"),
    ({"value": "xay", "pattern": "a", "replacement": "$`$'"}, "xxyy"),
    ({"value": "xay", "pattern": "a", "replacement": "$1$<n>"}, "x$1$<n>y"),
    ({"value": "aXaY", "pattern": "a", "replacement": "$'"}, "XaYXYY"),
    ({"value": "a$b", "pattern": "$", "replacement": "$$$"}, "a$$b"),
    ({"value": "ſs", "pattern": "S", "replacement": "x", "ignorecase": True}, "ſx"),
    ({"value": "ÄÖ", "pattern": "ä", "replacement": "ae", "ignorecase": True}, "aeÖ"),
    ({"value": "aaa", "pattern": "aa", "replacement": "b"}, "ba"),
]

SHAPE = {"id": of("$.sku"), "n": 1}
ARRAY_PATH = [
    (
        ["$.products", SHAPE],
        [{"id": "s1", "n": 1}, {"id": "s2", "n": 1}, {"id": None, "n": 1}, {"n": 1}, {"id": 0, "n": 1}],
    ),
    (["products", {"id": of("$.sku")}], [{"id": "s1"}, {"id": "s2"}, {"id": None}, {}, {"id": 0}]),
    (["$.product", SHAPE], [{"id": "s", "n": 1}]),
    (["$.none", SHAPE], []),
    (["$.products[0]", {"whole": of("$.")}], [{"whole": {"sku": "s1", "price": 1}}]),
    ([of("$.product"), SHAPE], [{"id": "s", "n": 1}]),
    ([{"@literal": [of("$.missing"), None]}, {"x": of("$.y")}], [{}, {"x": None}]),
    (["$.event", SHAPE], "Order Completed"),
    (["$.n", SHAPE], 101),
    (["$.missing", SHAPE], ABSENT),
    (["$.null", SHAPE], None),
    (["$.list"], ["a", None, 2]),
    (["$.list", {}], ["a", None, 2]),
    (["$.list", "x"], ["a", None, 2]),
    (["$.list", of("$.")], ["a", None, 2]),
    (["$.list", {"@template": "<{{length}}>"}], ["<1>", "<>", "<>"]),
    (["$.products", {"@path": "$.price"}], [1, None, None, None, 0]),
    (["$.nested", {"in": {"@arrayPath": ["$.y", {"n": of("$.")}]}}], [{}, {"in": [{"n": 1}]}]),
]

FLATTEN = [
    ({"value": of("$.o"), "separator": "."}, {"a.b": 1, "c.0": 5, "d": None}),
    ({"value": of("$.o"), "separator": "_"}, {"a_b": 1, "c_0": 5, "d": None}),
    ({"value": of("$.o"), "separator": ".", "omitArrays": True}, {"a.b": 1, "c": [5], "d": None, "f": []}),
    ({"value": of("$.list"), "separator": "."}, {"0": "a", "1": None, "2": 2}),
    ({"value": of("$.list"), "separator": ".", "omitArrays": True}, {"": ["a", None, 2]}),
    ({"value": of("$.n"), "separator": "."}, {"": 101}),
    ({"value": of("$.null"), "separator": "."}, {"": None}),
    ({"value": of("$.missing"), "separator": "."}, {}),
    ({"separator": "."}, {}),
    ({"value": {}, "separator": "."}, {}),
    ({"value": {"a": {"": 1}, "": {"b": 2}}, "separator": "."}, {"a.": 1, ".b": 2}),
    ({"value": {"a.b": 1, "a": {"b": 2}}, "separator": "."}, {"a.b": 2}),
    ({"value": {"a": of("$.missing"), "b": [of("$.missing")]}, "separator": "."}, {}),
]

JSON = [
    ({"value": of("$.o"), "mode": "encode"}, '{"a":{"b":1},"c":[5],"d":null,"e":{},"f":[]}'),
    ({"value": of("$.one"), "mode": "encode"}, "1"),
    ({"value": of("$.big"), "mode": "encode"}, "1e+21"),
    ({"value": of("$.event"), "mode": "encode"}, '"Order Completed"'),
    ({"value": 'ü"\n\u2028', "mode": "encode"}, '"ü\\"\\n\u2028"'),
    ({"value": of("$.null"), "mode": "encode"}, "null"),
    ({"value": of("$.missing"), "mode": "encode"}, ABSENT),
    ({"value": {"a": of("$.missing"), "b": [of("$.missing")]}, "mode": "encode"}, '{"b":[null]}'),
    ({"value": of("$.json"), "mode": "decode"}, {"a": [1, 2.0, None]}),
    ({"value": of("$.event"), "mode": "decode"}, "Order Completed"),
    ({"value": "NaN", "mode": "decode"}, "NaN"),
    ({"value": "12", "mode": "decode"}, 12),
    ({"value": of("$.n"), "mode": "decode"}, 101),
    ({"value": of("$.list"), "mode": "decode"}, ["a", None, 2]),
    ({"value": of("$.missing"), "mode": "decode"}, ABSENT),
    ({"value": '"\\ud800"', "mode": "decode"}, '"\\ud800"'),  # half a character cannot be sent
    ({"value": of("$.json"), "mode": "other"}, ABSENT),
]

MERGE = [
    ({"objects": [{"a": 1, "b": 1}, {"a": 2}], "direction": "right"}, {"a": 2, "b": 1}),
    ({"objects": [{"a": 1, "b": 1}, {"a": 2}], "direction": "left"}, {"a": 1, "b": 1}),
    ({"objects": [{"a": 1}, {"a": 2}], "direction": "up"}, {"a": 2}),
    ({"objects": [{"a": 1}, {"a": 2}], "direction": {"@template": "left"}}, {"a": 1}),
    ({"objects": [{"a": 1}, of("$.missing"), of("$.null"), 5, True], "direction": "right"}, {"a": 1}),
    ({"objects": [{"a": 1}, {"a": of("$.missing")}], "direction": "right"}, {}),
    ({"objects": [{"a": 1}, {"a": of("$.null")}], "direction": "right"}, {"a": None}),
    ({"objects": [{"a": {"b": 1}}, {"a": {"c": 2}}], "direction": "right"}, {"a": {"c": 2}}),
    ({"objects": ["ab", ["x"]], "direction": "right"}, {"0": "x", "1": "b"}),
    ({"objects": [], "direction": "right"}, {}),
    (
        {"objects": [of("$.traits"), {"name": "Bob"}], "direction": "right"},
        {"name": "Bob", "email": "ann@example.com"},
    ),
    (
        {
            "objects": [{"a": 1}, {"@if": {"exists": of("$.n"), "then": {"a": of("$.missing")}}}],
            "direction": "right",
        },
        {},
    ),
]

TRANSFORM = [
    ({"apply": {"who": of("$.userId")}, "mapping": {"@template": "<{{who}}>"}}, "<u1>"),
    ({"apply": {"who": of("$.userId")}, "mapping": of("$.event")}, ABSENT),
    ({"apply": {"who": of("$.missing")}, "mapping": {"@if": {"exists": of("$.who"), "else": "none"}}}, "none"),
    ({"apply": {"l": [of("$.missing")]}, "mapping": of("$.l[0]")}, None),
    ({"apply": of("$.traits"), "mapping": of("$.name")}, "Ann"),
    (
        {
            "apply": {"t": of("$.traits")},
            "mapping": {"@transform": {"apply": of("$.t"), "mapping": of("$.email")}},
        },
        "ann@example.com",
    ),
]

EXCLUDE = [
    (of("$.null"), ABSENT),
    (of("$.missing"), ABSENT),
    (of("$.zero"), 0),
    (of("$.o"), {"a": {"b": 1}, "c": [5], "e": {}, "f": []}),
    (of("$.list"), ["a", None, 2]),
    ({"a": None, "b": [{"c": None}], "d": {"e": {"f": None}}}, {"b": [{"c": None}], "d": {"e": {}}}),
]

LITERAL = [
    (True, True),
    (None, None),
    ("{{event}}", "{{event}}"),
    ({"a": of("$.n")}, {"a": 101}),
    (of("$.missing"), ABSENT),
]

TABLES = {
    "@path": PATH,
    "@template": TEMPLATE,
    "@if": IF,
    "@case": CASE,
    "@replace": REPLACE,
    "@arrayPath": ARRAY_PATH,
    "@flatten": FLATTEN,
    "@json": JSON,
    "@merge": MERGE,
    "@transform": TRANSFORM,
    "@excludeWhenNull": EXCLUDE,
    "@literal": LITERAL,
}
ROWS = [({name: argument}, made) for name, table in TABLES.items() for argument, made in table]


@pytest.mark.parametrize(("mapping", "made"), [*RAW, *ROWS], ids=str)
def test_resolve_when_a_value_is_written_so_then_it_is(mapping: Any, made: Any) -> None:
    got = resolved(mapping)
    assert (got, type(got)) == (made, type(made))


FROM_DIRECTIVES = [
    ({"@path": {"@template": "$.{{traits.name}}"}}, {"Ann": 5, "traits": {"name": "Ann"}}, 5),
    ({"@template": {"@path": "$.t"}}, {"t": "Hi {{n}}", "n": "Bo"}, "Hi Bo"),
    ({"@template": "{{{t}}}"}, {"t": "{{n}}", "n": "Bo"}, "Bo"),  # two braces are looked for after three
    ({"@template": "{{t}}"}, {"t": "{{n}}", "n": "Bo"}, "{{n}}"),
    ({"@arrayPath": [{"@template": "$.p"}, {"x": 1}]}, {"p": [1]}, "$.p"),
]


@pytest.mark.parametrize(("mapping", "event", "made"), FROM_DIRECTIVES)
def test_resolve_when_an_argument_comes_from_the_event_then_it_counts(mapping: Any, event: Any, made: Any) -> None:
    assert resolved(mapping, event) == made


FAILING = [
    ({"@path": of("$.n")}, "v.@path", "expected a string, got a number"),
    ({"@path": of("$.missing")}, "v.@path", "expected a string, got undefined"),
    ({"@template": of("$.list")}, "v.@template", "expected a string, got an array"),
    ({"@if": {"then": 1}}, "v.@if", "needs `exists` or `blank`"),
    ({"@if": {"exists": ""}}, "v.@if", "needs `exists` or `blank`"),
    ({"@if": {"exists": 0, "blank": False}}, "v.@if", "needs `exists` or `blank`"),
    ({"@case": {"value": "x"}}, "v.@case", "needs an `operator`"),
    ({"@case": {"operator": "title", "value": of("$.event")}}, "v.@case", '`operator` is "lower" or "upper"'),
    ({"@flatten": {"value": of("$.o")}}, "v.@flatten", "needs a `separator`"),
    ({"@flatten": {"value": of("$.o"), "separator": ""}}, "v.@flatten", "needs a `separator`"),
    ({"@json": {"value": of("$.o"), "mode": ""}}, "v.@json", "needs a `mode`"),
    ({"@json": {"value": 0, "mode": "encode"}}, "v.@json", "needs a `value`"),
    ({"@merge": {"objects": []}}, "v.@merge", "needs a `direction`"),
    ({"a": [{"b c": {"@path": of("$.n")}}]}, "v.a[0].b c.@path", "expected a string, got a number"),
    (
        {"@arrayPath": ["$.products", {"x": {"@path": of("$.price")}}]},
        "v.@arrayPath[1].x.@path",
        "expected a string, got a number",
    ),
]


@pytest.mark.parametrize(("mapping", "path", "message"), FAILING, ids=str)
def test_resolve_when_a_directive_cannot_then_it_says_where_and_why(mapping: Any, path: str, message: str) -> None:
    compiled = compile_mapping({"v": mapping})
    with pytest.raises(MappingError) as caught:
        compiled.resolve(EVENT)
    assert (caught.value.path, caught.value.message, caught.value.problems) == (path, message, ())


def test_resolve_when_the_failing_branch_is_not_taken_then_nothing_fails() -> None:
    assert resolved({"@if": {"exists": of("$.n"), "then": 1, "else": {"@merge": {"objects": []}}}}) == 1


def test_resolve_when_the_payload_is_no_object_then_it_is_refused() -> None:
    with pytest.raises(MappingError, match="an event should be an object, but is an array"):
        compile_mapping({}).resolve([])  # type: ignore[arg-type]


def test_resolve_when_the_whole_mapping_is_undefined_then_nothing() -> None:
    assert compile_mapping({"@path": "$.missing"}).resolve({}) is None


INTERNAL = [
    ({"__segment_internal_sync_mode": "add", "__segment_internal_matching_key": "id", "a": 1}, {"a": 1}),
    (
        {
            "__segment_internal_directive": {"@transform": {"apply": {"t": of("$.traits")}}},
            "__segment_internal_sync_mode": "add",
            "name": of("$.t.name"),
        },
        {"name": "Ann"},
    ),
    (
        {
            "__segment_internal_directive": {"@merge": {"objects": [of("$.traits")], "direction": "right"}},
            "name": 1,
        },
        {"name": "Ann", "email": "ann@example.com"},
    ),
]


@pytest.mark.parametrize(("mapping", "made"), INTERNAL)
def test_resolve_when_a_key_is_internal_then_it_directs_and_is_not_sent(mapping: Any, made: Any) -> None:
    assert compile_mapping(mapping).resolve(EVENT) == made
