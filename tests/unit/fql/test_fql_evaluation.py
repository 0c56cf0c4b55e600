"""What expressions mean: the tables of the specification, row by row, and what hostile events do to them."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from headwater import fql
from headwater.event import Event
from headwater.fql import filters
from headwater.fql.glob import compile_glob

EVENT = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "receivedAt": "2026-11-21T09:15:42.678Z",
    "properties": {
        "total": 99.5,
        "count": 3,
        "one": 1.0,
        "zero": 0,
        "text": "Hello World",
        "umlaut": "größe",
        "empty": "",
        "digits": "12",
        "yes": True,
        "no": False,
        "nothing": None,
        "tags": ["a", "b", 1, None, True],
        "object": {"a": 1},
        "same": {"a": 1.0},
        "product 1": {"price": 5},
        "a.b": 1,
        "and": 1,
        "__proto__": 1,
        "__class__": 2,
        "größe": 3,
        'q"\\': 4,
        "big": 123456789012345678901234567890,
    },
    "context": {"page": {"path": "/checkout"}},
}
BODY = json.dumps(EVENT).encode()
ENVELOPE = msgspec.json.decode(BODY, type=Event)
NO_VALUE = "no value"


def attempt(ask: Callable[..., bool], *about: Any) -> bool | str:
    """The answer, or NO_VALUE."""
    error: fql.FqlEvaluationError | None = None
    try:
        return ask(*about)
    except fql.FqlEvaluationError as raised:
        error = raised
    assert error.code in {"unreadable_event", "fql_type"}
    return NO_VALUE


def asked(text: str, *, trigger: bool = False) -> bool | str:
    """Both ways to ask; they have to agree."""
    question = fql.compile_filter(text, trigger=trigger)
    answer = attempt(question.matches, BODY)
    assert attempt(question.matches_event, ENVELOPE) is answer
    return answer


OPERATORS = {
    # and, or: bool or null, null is false, left to right as far as needed
    "properties.yes and properties.yes": True,
    "properties.yes and properties.nothing": False,
    "properties.missing or properties.yes": True,
    "properties.missing or properties.missing": False,
    "properties.total and properties.yes": NO_VALUE,
    "properties.yes and properties.total": NO_VALUE,
    "properties.no and properties.total": False,
    "properties.yes or properties.total": True,
    "properties.text or properties.yes": NO_VALUE,
    # !
    "!properties.no": True,
    "!properties.total": NO_VALUE,
    "!properties.missing": NO_VALUE,
    "!(properties.missing = 1)": True,
    # = and !=
    "event = 'Order Completed'": True,
    "event = 'order completed'": False,
    "properties.digits = 12": False,
    "properties.digits != 12": True,
    "properties.one = 1": True,
    "properties.count = 3.0": True,
    "properties.yes = 1": False,
    "properties.yes != 1": True,
    "properties.zero = false": False,
    "properties.zero = 0": True,
    "properties.yes = true": True,
    "properties.missing = null": True,
    "properties.nothing = null": True,
    "properties.total != null": True,
    "properties.missing != 5": True,
    "properties.total = properties.total": True,
    "properties.tags = ['a', 'b', 1.0, null, true]": True,
    "properties.tags = ['a', 'b', true, null, 1]": False,
    "properties.object = properties.same": True,
    "properties.object != context": True,
    "properties.big = 123456789012345678901234567890": True,
    "properties.big = 123456789012345678901234567891": False,
    "'x' = 'x'": True,
    "1 = true": False,
    "(event = 'x') = false": True,
    # order: numbers, or strings; null is in no order
    "properties.total > 99": True,
    "properties.total >= 99.5": True,
    "properties.total < 99.5": False,
    "properties.total <= 99.5": True,
    "99 < properties.total": True,
    "properties.missing > 0": False,
    "properties.missing <= 0": False,
    "properties.text > 0": NO_VALUE,
    "properties.yes > 0": NO_VALUE,
    "properties.tags > 0": NO_VALUE,
    "receivedAt >= '2026-01-01'": True,
    "received_at >= '2026-01-01'": True,
    "received_at < '2026-01-01'": False,
    "properties.text > 'Hello'": True,
    # in
    "event in ['x', 'Order Completed']": True,
    "event in []": False,
    "properties.missing in ['x']": False,
    "properties.missing in [null]": True,
    "properties.count in [1, 2, 3.0]": True,
    "properties.yes in [1]": False,
    "properties.tags in ['a']": NO_VALUE,
    "properties.object in ['a']": NO_VALUE,
    "'a' in properties.tags": True,
    "1.0 in properties.tags": True,
    "'z' in properties.tags": False,
    "'a' in properties.missing": False,
    "'a' in properties.text": NO_VALUE,
    "event in [properties.text, event]": True,
    # the result of a filter
    "properties.yes": True,
    "properties.nothing": False,
    "properties.missing.deeper": False,
    "properties.text.deeper": False,
    "properties.total": NO_VALUE,
    "'text'": NO_VALUE,
    "properties": NO_VALUE,
    "all": False,
    # names
    r"properties.product\ 1.price = 5": True,
    r"properties.a\.b = 1": True,
    "properties.and = 1": True,
    "properties.__proto__ = 1": True,
    "properties.__class__ = 2": True,
    r"properties.gr\ö\ße = 3": True,
    r"properties.q\"\\ = 4": True,
    "properties.object.__class__ = null": True,
    "__class__ = null": True,
}
FUNCTIONS = {
    "contains(properties.text, 'lo W')": True,
    "contains(properties.text, 'LO')": False,
    "contains(properties.text, '')": True,
    "contains(properties.missing, 'x')": False,
    "contains(properties.text, null)": False,
    "contains(properties.total, '9')": NO_VALUE,
    "contains(properties.tags, 'a')": NO_VALUE,
    "contains('Hello World!', properties.text)": True,
    "length(properties.tags) = 5": True,
    "length(properties.text) = 11": True,
    "length(properties.umlaut) = 7": True,
    "length(properties.empty) = 0": True,
    "length(properties.missing) = 0": True,
    "length(properties.object) = 1": NO_VALUE,
    "length(properties.total) = 1": NO_VALUE,
    "lowercase(event) = 'order completed'": True,
    "uppercase(event) = 'ORDER COMPLETED'": True,
    "lowercase(properties.missing) = null": True,
    "lowercase(properties.total) = ''": NO_VALUE,
    "snakecase(event) = 'Order_Completed'": True,
    "kebabcase(event) = 'Order-Completed'": True,
    "titlecase('a bc  dE') = 'A Bc  DE'": True,
    "snakecase(null) = null": True,
    "kebabcase(null) = null": True,
    "titlecase(null) = null": True,
    "typeof(event) = 'string'": True,
    "typeof(properties.total) = 'number'": True,
    "typeof(properties.tags) = 'list'": True,
    "typeof(properties.no) = 'bool'": True,
    "typeof(properties.missing) = 'null'": True,
    "typeof(properties) = 'object'": True,
    "match(event, 'Order*')": True,
    "match(event, 'order*')": False,
    "match(event, 'Order')": False,
    "match(properties.missing, '*')": False,
    "match(event, null)": False,
    "match(properties.total, '9*')": NO_VALUE,
    "match(event, event)": True,
    "match('[', properties.digits)": False,
    "bool(properties.digits)": NO_VALUE,
    "bool('TRUE')": True,
    "bool('0')": False,
    "bool('')": False,
    "bool(properties.count)": True,
    "bool(properties.zero)": False,
    "bool(null)": False,
    "bool(properties.yes)": True,
    "bool(properties.tags)": NO_VALUE,
    "string(properties.one) = '1'": True,
    "string(properties.total) = '99.5'": True,
    "string(properties.yes) = 'true'": True,
    "string(properties.text) = properties.text": True,
    "string(null) = null": True,
    "string(properties.big) = '123456789012345678901234567890'": True,
    "string(properties.object) = ''": NO_VALUE,
    "number(properties.digits) = 12": True,
    "number(' -1.50e1 ') = -15": True,
    "number(properties.yes) = 1": True,
    "number(null) = null": True,
    "number(properties.text) = 1": NO_VALUE,
    "number('') = 0": NO_VALUE,
    "number('1e999') = 0": NO_VALUE,
    "number('0x10') = 16": NO_VALUE,
    "number('١') = 1": NO_VALUE,
    "number(properties.tags) = 1": NO_VALUE,
}
TRIGGERS = {
    # is, is not
    "event = 'Order Completed'": True,
    'event = "Order Completed"': True,
    "properties.count = '3'": False,
    "properties.count != '3'": True,
    "properties.missing != 'x'": True,
    # number equals, does not equal
    "properties.count = 3": True,
    "properties.digits = 12": False,
    "properties.count != 4": True,
    "properties.count != 3": False,
    "properties.missing != 5": False,
    "properties.text != 5": False,
    # order
    "properties.total > 99": True,
    "properties.missing > 0": False,
    "properties.text > 0": False,
    "properties.text > 'A'": False,
    # contains, does not contain
    "contains(properties.text, 'lo')": True,
    "!contains(properties.text, 'lo')": False,
    "!contains(properties.text, 'xx')": True,
    "contains(properties.missing, 'x')": False,
    "!contains(properties.missing, 'x')": False,
    "contains(properties.total, '9')": False,
    "!contains(properties.total, '9')": False,
    "!(!contains(properties.missing, 'x'))": True,
    # starts and ends with, and not
    "match(event, 'Order*')": True,
    "match(event, '*Completed')": True,
    "match(event, 'O?der*')": True,
    "!match(event, 'Order*')": False,
    "!match(event, '*X')": True,
    "!match(properties.missing, 'x*')": False,
    "!match(properties.missing, properties.text)": False,
    # exists
    "properties.total != null": True,
    "properties.nothing != null": False,
    "properties.missing = null": True,
    "event = null": False,
    # is true, is false
    "properties.yes = true": True,
    "properties.no = false": True,
    "properties.missing = false": False,
    "properties.one = true": False,
    # groups
    "type = 'track' and (event = 'x' or contains(event, 'Order'))": True,
    "type = 'track' or event = 'x' and event = 'y'": True,
    r"properties.product\ 1.price = 5": True,
    "userId = 'u1'": True,
    "name = null": True,
    "traits.x = null": True,
    # what the specification of triggers does not mention means what it means in a filter
    "properties.total and properties.yes": NO_VALUE,
    "'a' in properties.tags": True,
    "length(properties.tags) = 5": True,
}


@pytest.mark.parametrize("text", OPERATORS)
def test_operator_when_asked_then_as_specified(text: str) -> None:
    assert asked(text) is OPERATORS[text]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_function_when_asked_then_as_specified(text: str) -> None:
    assert asked(text) is FUNCTIONS[text]


@pytest.mark.parametrize("text", TRIGGERS)
def test_trigger_when_asked_then_as_specified(text: str) -> None:
    assert asked(text, trigger=True) is TRIGGERS[text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lowercase(properties.text)", "hello world"),
        ("properties.total", 99.5),
        ("properties.tags", ["a", "b", 1, None, True]),
        ("properties.object", {"a": 1}),
        ("properties.missing", None),
        ("[event, 1, [true]]", ["Order Completed", 1, [True]]),
        ("properties.total > 50", True),
        ("properties.yes and properties.no", False),
        ("string(properties.count)", "3"),
    ],
)
def test_value_when_computed_then_this(text: str, value: Any) -> None:
    computed = fql.compile_value(text)
    assert repr(computed.of(BODY)) == repr(computed.of_event(ENVELOPE)) == repr(value)


def test_value_when_changed_by_its_receiver_then_the_next_one_is_not() -> None:
    computed = fql.compile_value("[1, 2]")
    computed.of(BODY).append(3)
    assert computed.of(BODY) == [1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("properties.total and true", "`and` takes true, false or null, not a number, in: properties.total"),
        ("!event", "`!` takes true or false, not a string, in: event"),
        ("properties", "a filter takes true, false or null, not an object, in: properties"),
        (
            "properties.text > 5",
            "`>` compares two numbers or two strings, not a string with a number, in: properties.text > 5",
        ),
        (
            "contains(properties.tags, 'a')",
            'contains looks into a string, not a list; write `value in list`, in: contains(properties.tags, "a")',
        ),
        ("event in event", "`in` takes a list on its right, not a string, in: event in event"),
    ],
)
def test_filter_when_there_is_no_value_then_says_why(text: str, message: str) -> None:
    with pytest.raises(fql.FqlEvaluationError) as caught:
        fql.compile_filter(text).matches(BODY)
    assert (caught.value.code, caught.value.message) == ("fql_type", message)


HOSTILE = {
    "properties is a string": (b'{"properties":"x"}', "properties.a = null", True),
    "properties is a list": (b'{"properties":[1]}', "properties.a = null", True),
    "properties is null": (b'{"properties":null}', "properties.a.b = null", True),
    "properties is a number": (b'{"properties":5}', "properties.a > 5", False),
    "the event is an object": (b'{"event":{"a":1}}', "event = 'x'", False),
    "the last of two members counts": (b'{"a":1,"a":2}', "a = 2", True),
    "the last of two objects counts": (b'{"a":{"b":1},"a":{"c":2}}', "a.b = null", True),
    "the last, whatever the first was": (b'{"a":"x","a":{"b":2}}', "a.b = 2", True),
    "an escaped name": (rb'{"ev\u0065nt":"x"}', "event = 'x'", True),
    "white space": (b' {\n"event" :\t"x" } ', "event = 'x'", True),
    "a big integer": (b'{"a":1' + b"0" * 400 + b"}", "a > 5", True),
    "an integer of 5,000 digits that is read": (b'{"a":' + b"1" * 5_000 + b"}", "a > 5", NO_VALUE),
    "1e999 that is read": (b'{"a":1e999}', "a > 5", NO_VALUE),
    "1e999 that is not read": (b'{"a":1e999,"b":1}', "b = 1", True),
    "1e999 that is not reached": (b'{"a":1e999,"b":1}', "b = 2 and a > 5", False),
    "half a surrogate pair": (rb'{"a":"x\ud800"}', "match(a, 'x?')", True),
    "half a surrogate pair elsewhere": (rb'{"a":"x\ud800","b":1}', "b = 1", True),
    "half a surrogate pair in a name": (rb'{"\ud800":1,"b":{"c":1}}', "b.c = 1", True),
    "a whole pair": (rb'{"a":"\ud83d\ude00"}', "length(a) = 4", True),
    "bytes that are no UTF-8": (b'{"a":"\xff"}', "a = 'x'", NO_VALUE),
    "nested deeply": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "a = 'x'", NO_VALUE),
    "nested deeply elsewhere": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b',"b":1}', "b = 1", NO_VALUE),
    "no object": (b"[1]", "true", NO_VALUE),
    "a string": (b'"x"', "true", NO_VALUE),
    "null": (b"null", "a = null", NO_VALUE),
    "nothing": (b"", "true", NO_VALUE),
    "no JSON": (b"{nope}", "true", NO_VALUE),
    "JSON and more": (b"{}{}", "true", NO_VALUE),
    "a byte order mark": (b"\xef\xbb\xbf{}", "true", NO_VALUE),
    "no members": (b"{}", "properties.a.b.c = null", True),
    "a NUL": (rb'{"a":"\u0000"}', "length(a) = 1", True),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_filter_when_the_event_is_hostile_then_an_answer_or_an_evaluation_error(name: str) -> None:
    body, text, expected = HOSTILE[name]
    assert attempt(fql.compile_filter(text).matches, body) is expected


@pytest.mark.parametrize("raw", [b'"x"', b"[1]", b"null", b"5", b"1e999", b'{"a":1e999}', b"[" * 50_000, b""])
@pytest.mark.parametrize(
    "text", ["properties.a = 1", "properties.a.b", "length(properties) = 1", "properties.a > 1"]
)
def test_filter_when_a_raw_member_is_hostile_then_an_answer_or_an_evaluation_error(raw: bytes, text: str) -> None:
    event = Event(type="track", properties=msgspec.Raw(raw))
    assert attempt(fql.compile_filter(text).matches_event, event) in {True, False, NO_VALUE}


def test_compare_when_values_are_nested_to_the_limit_then_no_recursion_error() -> None:
    for depth in (100, 400, 800, 900, 950, 1_000):
        nested = b"[" * depth + b"]" * depth
        body = b'{"a":' + nested + b',"b":' + nested + b"}"
        assert attempt(fql.compile_filter("a = b").matches, body) in {True, NO_VALUE}


def deepest(level: str) -> str:
    """As many levels as are allowed, one of each shape the compiler knows."""
    text = "properties.flag"
    for _ in range(32):
        text = level.replace("@", text)
    return text


@pytest.mark.parametrize(
    "level",
    [
        "(@)",
        "(@ = true)",
        "string(@)",
        "contains(@, 'x')",
        "match(@, 'x')",
        "match(@, 'x') = 1 and true or true",
        "contains(@, 'x') = 1 and true or true",
        "string(@) and true or true",
        "typeof(@) in ['a'] and true or true",
        "[@]",
    ],
)
@pytest.mark.parametrize("trigger", [False, True])
def test_filter_when_nested_to_the_limit_then_compiles_and_answers(level: str, trigger: bool) -> None:
    question = fql.Filter(deepest(level), trigger=trigger)
    assert attempt(question.matches, BODY) is attempt(question.matches_event, ENVELOPE)


def test_filter_when_the_fast_way_suffices_then_the_careful_one_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unexpected(*_args: Any, **_options: Any) -> bool:
        raise AssertionError("asked the careful way")

    monkeypatch.setattr(filters, "decide", unexpected)
    for text in (
        'event = "Order Completed" and properties.total > 50 and context.page.path = "/checkout"',
        "properties.missing > 5 or context.missing.too = 1 or traits.x != null",
        "contains(properties.missing, 'x') or match(event, 'x*') or event in ['x'] or 'x' in properties.tags",
    ):
        question = fql.Filter(text)
        question.matches(BODY)
        question.matches_event(ENVELOPE)


@pytest.mark.parametrize(
    ("text", "event", "type_"),
    [
        ("event = 'A'", "A", None),
        ("'A' = event", "A", None),
        ("type = 'track' and event = 'A' and properties.x > 5", "A", "track"),
        ("(type = 'track' and (event = 'A')) and properties.x", "A", "track"),
        ("event = 'A' or event = 'B'", None, None),
        ("event = 'A' and properties.x or event = 'A' and properties.y", "A", None),
        ("event != 'A'", None, None),
        ("!(event = 'A')", None, None),
        ("properties.event = 'A'", None, None),
        # What stands before could fail, and a failure is not a false.
        ("properties.x > 5 and event = 'A'", None, None),
        ("properties.x and event = 'A'", None, None),
        ("!(type = 'page') and event = 'A'", "A", None),
    ],
)
def test_required_when_only_one_value_can_pass_then_named(text: str, event: str | None, type_: str | None) -> None:
    question = fql.compile_filter(text)
    assert (question.required_event, question.required_type) == (event, type_)


def test_paths_when_read_twice_then_named_once_and_without_alias() -> None:
    question = fql.compile_filter("received_at > '2' and receivedAt < '3' and properties.a.b in [event, 'x']")
    assert question.paths == (("event",), ("properties", "a", "b"), ("receivedAt",))
    assert fql.compile_value("lowercase(properties.a)").paths == (("properties", "a"),)


def test_compile_when_asked_again_then_the_same_filter() -> None:
    assert fql.compile_filter("a = 1") is fql.compile_filter("a = 1")
    assert fql.compile_filter("type = 'x'") is not fql.compile_filter("type = 'x'", trigger=True)
    assert fql.compile_filter("a = 1").text == "a = 1"


def unraw(event: Event) -> Event:
    return event


@pytest.mark.parametrize(
    "decode", [unraw, lambda event: msgspec.json.decode(msgspec.json.encode(event), type=Event)]
)
def test_matches_event_when_members_are_absent_then_null(decode: Callable[[Event], Event]) -> None:
    event = decode(Event(type="page"))
    for path in (
        "properties",
        "properties.a",
        "userId",
        "version",
        "_metadata.x",
        "writeKey",
        "unknown",
        "type.x",
    ):
        text = path.replace("_metadata", r"\_metadata")
        assert fql.compile_filter(f"{text} = null").matches_event(event)


GLOBS = [
    ("*", "", True),
    ("", "", True),
    ("", "a", False),
    ("a*", "abc", True),
    ("*c", "abc", True),
    ("*b*", "abc", True),
    ("a*c", "ac", True),
    ("a*c", "a", False),
    ("a*a", "a", False),
    ("a*b*c", "a-b-b-c", True),
    ("**a**", "bab", True),
    ("?", "", False),
    ("?", "ö", True),
    ("???", "ab", False),
    ("a?c*", "abcd", True),
    ("*?", "", False),
    ("[abc]", "b", True),
    ("[a-c]x", "bx", True),
    ("[a-c]", "d", False),
    ("[-a]", "-", True),
    ("[a-]", "-", True),
    (r"[\]]", "]", True),
    (r"[a\-c]", "b", False),
    (r"\*", "*", True),
    (r"\*", "a", False),
    (r"a\?", "a?", True),
    (r"\\", "\\", True),
    (r"\a", "a", True),
    ("a.c", "abc", False),
    ("(a|b)+$", "(a|b)+$", True),
    ("a\nb*", "a\nb\nc", True),
    ("A*", "abc", False),
    ("*[0-9][0-9]*", "ab12", True),
    ("*ab?b*c", "abxabybc", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), GLOBS)
def test_glob_when_matched_then_as_specified(pattern: str, text: str, expected: bool) -> None:
    assert compile_glob(pattern)(text) is expected


@pytest.mark.parametrize("pattern", ["*a" * 256, "a*" * 256, "*?a" * 170, "*[ab]" * 100, "?" * 511 + "b"])
def test_glob_when_made_to_backtrack_then_ends(pattern: str) -> None:
    assert compile_glob(pattern)("a" * 32_000 + "c") is pattern.endswith("*")
