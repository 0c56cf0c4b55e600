"""Payloads against fields: what is coerced as AJV does, what is left out, what is refused and where."""

from typing import Any

import pytest

from headwater.mapping.fields import Field
from headwater.mapping.payload import PayloadError, checker


def field(type_: Any = "string", name: str = "f", **more: Any) -> Field:
    return Field(name=name, label=name, type=type_, **more)


COERCED = [
    ("string", "x", "x"),
    ("string", 1, "1"),
    ("string", 1.0, "1"),
    ("string", 1e21, "1e+21"),
    ("string", True, "true"),
    ("string", ["x"], "x"),
    ("string", [1], "1"),
    ("text", "x", "x"),
    ("text", False, "false"),
    ("number", 1.5, 1.5),
    ("number", "1.5", 1.5),
    ("number", "12", 12),
    ("number", " 12 ", 12),
    ("number", "-1e3", -1000),
    ("number", ".5", 0.5),
    ("number", "0x10", 16),
    ("number", " ", 0),
    ("number", True, 1),
    ("number", False, 0),
    ("number", ["3"], 3),
    ("integer", 3, 3),
    ("integer", 3.0, 3),
    ("integer", "3", 3),
    ("integer", "3.0", 3),
    ("integer", "1e2", 100),
    ("integer", True, 1),
    ("boolean", True, True),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("boolean", 1, True),
    ("boolean", 0, False),
    ("boolean", 1.0, True),
    ("boolean", ["true"], True),
    ("datetime", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
    ("datetime", "2026-01-02", "2026-01-02"),
    ("datetime", "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
    ("datetime", "2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05+02:00"),
    ("datetime", "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:05 GMT"),
    ("datetime", "1/2/2026", "1/2/2026"),
    ("datetime", 1767323045, 1767323045),
    ("datetime", 1767323045678.5, 1767323045678.5),
    ("datetime", "1767323045", "1767323045"),
    ("object", {"a": {"b": None}}, {"a": {"b": None}}),
]


@pytest.mark.parametrize(("type_", "value", "made"), COERCED)
def test_check_when_a_value_can_be_made_right_then_it_is(type_: str, value: Any, made: Any) -> None:
    got = checker([field(type_)])({"f": value})["f"]
    assert (got, type(got)) == (made, type(made))


WRONG = [
    ("string", {"a": 1}, "should be a string, but is an object"),
    ("string", ["a", "b"], "should be a string, but is an array"),
    ("string", [[]], "should be a string, but is an array"),
    ("number", "x", "should be a number, but is a text that is none"),
    ("number", "1,5", "should be a number, but is a text that is none"),
    ("number", "Infinity", "should be a number, but is a text that is none"),
    ("number", "1e999", "should be a number, but is a text that is none"),
    ("number", {}, "should be a number, but is an object"),
    ("number", [1, 2], "should be a number, but is an array"),
    ("integer", 3.5, "should be a whole number, but is a number"),
    ("integer", "3.5", "should be a whole number, but is a text that is none"),
    ("integer", {}, "should be a whole number, but is an object"),
    ("boolean", "True", "should be true or false, but is a string"),
    ("boolean", "yes", "should be true or false, but is a string"),
    ("boolean", 2, "should be true or false, but is a number"),
    ("boolean", {}, "should be true or false, but is an object"),
    ("datetime", "soon", "should be a date or an instant, like 2026-01-02T03:04:05Z"),
    ("datetime", "2026-13-02", "should be a date or an instant, like 2026-01-02T03:04:05Z"),
    ("datetime", {}, "should be a string, but is an object"),
    ("object", "x", "should be an object, but is a string"),
    ("object", [], "should be an object, but is an array"),
    ("object", [{}], "should be an object, but is an array"),
]


@pytest.mark.parametrize(("type_", "value", "message"), WRONG)
def test_check_when_a_value_is_wrong_then_the_field_and_what_it_should_be(
    type_: str, value: Any, message: str
) -> None:
    with pytest.raises(PayloadError) as caught:
        checker([field(type_)])({"f": value})
    assert (caught.value.path, caught.value.message, caught.value.code) == ("f", message, "invalid_payload")


@pytest.mark.parametrize("empty", [None, ""])
def test_check_when_a_value_is_empty_then_the_field_is_left_out(empty: Any) -> None:
    assert checker([field()])({"f": empty}) == {}
    assert checker([field("object", multiple=True)])({"f": empty}) == {}


@pytest.mark.parametrize("payload", [{}, {"f": None}, {"f": ""}])
def test_check_when_a_required_field_is_empty_then_it_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(PayloadError, match="f: is required"):
        checker([field(required=True)])(payload)


@pytest.mark.parametrize("value", [0, False, [], {}])
def test_check_when_a_required_field_is_falsy_then_it_is_there(value: Any) -> None:
    types = {int: "number", bool: "boolean", dict: "object"}
    made = checker([field(types.get(type(value), "string"), required=True, multiple=value == [])])({"f": value})
    assert made == {"f": value}


def test_check_when_null_is_allowed_then_it_is_kept_and_an_empty_text_is_not() -> None:
    check = checker([field(allow_null=True)])
    assert check({"f": None}) == {"f": None}
    assert check({"f": ""}) == {}
    assert check({}) == {}
    with pytest.raises(PayloadError):
        checker([field(allow_null=True, required=True)])({})


def test_check_when_a_key_is_unknown_then_it_is_left_out() -> None:
    assert checker([field()])({"f": "x", "g": 1}) == {"f": "x"}


def test_check_when_the_mapping_makes_no_object_then_it_is_refused() -> None:
    for made in (None, [], "x", 1):
        with pytest.raises(PayloadError, match="the mapping should make an object"):
            checker([field()])(made)  # type: ignore[arg-type]


MULTIPLE = [
    ("string", "x", ["x"]),
    ("string", ["x", 1, True], ["x", "1", "true"]),
    ("string", [None], [""]),
    ("string", [], []),
    ("number", "1", [1]),
    ("number", ["1", 2], [1, 2]),
    ("object", {"a": 1}, [{"a": 1}]),
    ("object", [{"a": 1}, {}], [{"a": 1}, {}]),
]


@pytest.mark.parametrize(("type_", "value", "made"), MULTIPLE)
def test_check_when_a_field_is_a_list_then_one_value_is_a_list_of_one(type_: str, value: Any, made: Any) -> None:
    assert checker([field(type_, multiple=True)])({"f": value}) == {"f": made}


ITEM = field(
    "object",
    name="items",
    multiple=True,
    properties=(
        field("number", name="price", required=True, minimum=0),
        field(name="sku"),
        field("object", name="o", properties=(field("integer", name="n"),), additional=False),
    ),
)
NESTED = [
    ([{"price": "x"}], "items[0].price", "should be a number"),
    ([{"price": 1}, {"sku": "s"}], "items[1].price", "is required"),
    ([{"price": 1}, {"price": -1}], "items[1].price", "should be 0 or more"),
    ([{"price": 1, "o": {"n": "x"}}], "items[0].o.n", "should be a whole number"),
    ([{"price": 1, "o": 5}], "items[0].o", "should be an object, but is a number"),
    ([{"price": 1}, None], "items[1]", "should be an object, but is null"),
    ({"price": {}}, "items[0].price", "should be a number"),
]


@pytest.mark.parametrize(("value", "path", "message"), NESTED)
def test_check_when_it_is_wrong_inside_then_the_whole_path(value: Any, path: str, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        checker([ITEM])({"items": value})
    assert caught.value.path == path
    assert caught.value.message.startswith(message)


def test_check_when_properties_are_declared_then_they_are_coerced_and_others_stay_if_they_may() -> None:
    given = {"items": [{"price": "1", "sku": None, "more": None, "o": {"n": "2", "more": 1}}]}
    assert checker([ITEM])(given) == {"items": [{"price": 1, "more": None, "o": {"n": 2}}]}


CHECKS = [
    (field(choices=("a", "b")), "a", "c", "should be one of a, b"),
    (field("integer", choices=("1", "2")), "1", 3, "should be one of 1, 2"),
    (field("number", minimum=1, maximum=2.5), 2.5, 3, "should be 2.5 or less"),
    (field("number", minimum=1), "1", 0, "should be 1 or more"),
    (field(format="email"), "ann@example.com", "ann", "should be an email address"),
    (field(format="email"), "a.b+c@ex-ample.co.uk", "ann@example", "should be an email address"),
    (field(format="uri"), "https://example.com/?a=b", "/path", "should be an address with its scheme"),
    (field(format="uri"), "mailto:a@b", "https://exa mple.com", "should be an address with its scheme"),
    (field(format="date-time"), "2026-01-02T03:04:05Z", "2026-01-02", "should be an instant with its zone"),
    (
        field("datetime", format="date-time"),
        "2026-01-02T03:04:05.1+01:00",
        "5",
        "should be an instant with its zone",
    ),
]


@pytest.mark.parametrize(("of", "right", "wrong", "message"), CHECKS)
def test_check_when_a_field_wants_more_than_a_type_then_that_too(
    of: Field, right: Any, wrong: Any, message: str
) -> None:
    assert checker([of])({"f": right})
    with pytest.raises(PayloadError, match=message):
        checker([of])({"f": wrong})


def test_check_when_choices_are_many_then_the_message_is_short() -> None:
    with pytest.raises(PayloadError, match=r"one of 0, 1, 2, 3, 4, 5, 6, 7, …$"):
        checker([field(choices=tuple(map(str, range(100))))])({"f": "x"})


def test_check_when_it_refuses_then_the_value_is_not_told() -> None:
    with pytest.raises(PayloadError) as caught:
        checker([field("number"), field(name="g")])({"f": "secret-4711"})
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("text", ["9" * 100_000, "a@" * 50_000, "." * 100_000, "1" * 100_000 + "x", "a:" * 50_000])
@pytest.mark.parametrize(
    "of", [field("number"), field("integer"), field("datetime"), field(format="email"), field(format="uri")]
)
def test_check_when_a_text_is_long_then_it_ends(of: Field, text: str) -> None:
    try:
        checker([of])({"f": text})
    except PayloadError as error:
        assert error.path == "f"  # noqa: PT017
