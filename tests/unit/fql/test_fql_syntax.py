"""What is FQL and what is not, and what somebody who got it wrong is told."""

import pickle

import pytest

from headwater import fql, limits
from headwater.fql.ast import (
    And,
    Boolean,
    Call,
    Compare,
    Expression,
    List,
    Not,
    Null,
    Number,
    Or,
    Path,
    String,
)

A, B, C = Path(("a",)), Path(("b",)), Path(("c",))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("null", Null()),
        ("true", Boolean(True)),
        ("false", Boolean(False)),
        ("'x'", String("x")),
        ('"it\'s"', String("it's")),
        (r"'a\*b'", String(r"a\*b")),
        ("'two\nlines'", String("two\nlines")),
        ("5", Number(5)),
        ("+5", Number(5)),
        ("-5.25", Number(-5.25)),
        ("1.0", Number(1)),
        ("[]", List(())),
        ("[1, 'x', a, [null]]", List((Number(1), String("x"), A, List((Null(),))))),
        ("a = b", Compare("=", A, B)),
        ("a=b", Compare("=", A, B)),
        ("a>=-1", Compare(">=", A, Number(-1))),
        ("a in[1]", Compare("in", A, List((Number(1),)))),
        ("!a", Not(A)),
        ("!a = b", Not(Compare("=", A, B))),
        ("(!a) = b", Compare("=", Not(A), B)),
        ("!(!a)", Not(Not(A))),
        ("a or b and c", Or((A, And((B, C))))),
        ("(a or b) and c", And((Or((A, B)), C))),
        ("a and b and c", And((A, B, C))),
        ("(a and b) and c", And((And((A, B)), C))),
        ("a\n\tand b", And((A, B))),
        ("length(a) > 1", Compare(">", Call("length", (A,)), Number(1))),
        ("contains(a, 'x') and b", And((Call("contains", (A, String("x"))), B))),
        ("properties.product-id_1", Path(("properties", "product-id_1"))),
        (r"properties.product\ 1.price", Path(("properties", "product 1", "price"))),
        (r"properties.a\.b", Path(("properties", "a.b"))),
        (r"properties.\1st", Path(("properties", "1st"))),
        (r"properties.gr\ö\ße", Path(("properties", "größe"))),
        (r"properties.\\", Path(("properties", "\\"))),
        (r"properties.\"", Path(("properties", '"'))),
        ("properties.__proto__", Path(("properties", "__proto__"))),
        ("properties.and = 1", Compare("=", Path(("properties", "and")), Number(1))),
        (r"\and", Path(("and",))),
        (r"\true", Path(("true",))),
        ("true.x", Path(("true", "x"))),
        ("in in in", Compare("in", Path(("in",)), Path(("in",)))),
        # Keywords only before white space, `,`, `]`, `)` or the end.
        ("null=a", Compare("=", Path(("null",)), A)),
        ("[null]", List((Null(),))),
        ("typeof(null)", Call("typeof", (Null(),))),
        ("android", Path(("android",))),
        ("and.x", Path(("and", "x"))),
    ],
)
def test_parse_when_it_is_fql_then_this_tree(text: str, tree: Expression) -> None:
    parsed = fql.parse(text)
    assert parsed == tree
    assert repr(parsed) == repr(tree)
    assert fql.parse(fql.render(parsed)) == tree


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  ((a))  =  'x' ", 'a = "x"'),
        ("'say \"x\"'", "'say \"x\"'"),
        ("!(a)", "!a"),
        ("!a = b", "!(a = b)"),
        ("!(_a)", "!(_a)"),
        (r"!(\1)", r"!(\1)"),
        (r"\and", r"\and"),
        (r"a\b\-c", "ab-c"),
        (r"\-a", r"\-a"),
        ("null=1", r"\null = 1"),
        ("1.50", "1.5"),
        ("-0.0", "0"),
        ("10000000000000000000000.5", "10000000000000000000000"),
        ("0.00000000000000000000000000001", "0.00000000000000000000000000001"),
        ("[a,b]", "[a, b]"),
        ("contains ( a , 'b' )", 'contains(a, "b")'),
        ("(a and (b and c)) or (a)", "a and (b and c) or a"),
        ("((a or b)) and (c and a)", "(a or b) and (c and a)"),
        ("(a = b) = c", "(a = b) = c"),
        ("[(a = b)]", "[(a = b)]"),
        ("typeof((a = b))", "typeof(a = b)"),
    ],
)
def test_render_when_there_are_many_ways_to_write_it_then_the_canonical_one(text: str, canonical: str) -> None:
    assert fql.render(fql.parse(text)) == canonical
    assert fql.render(fql.parse(canonical)) == canonical


def test_render_when_a_string_has_both_quotes_then_refused() -> None:
    with pytest.raises(ValueError, match="both kinds of quotes"):
        fql.render(String("'\""))


MISTAKES = {
    "": "1:1 expected an expression (a path, string, number, null, true, false, list, function or `(`), "
    "found nothing; `true` is true of every event",
    "a == 1": "1:3 `==` means nothing in FQL; use `=`",
    "a === 1": "1:3 `===` means nothing in FQL; use `=`",
    "a <> 1": "1:3 `<>` means nothing in FQL; use `!=`",
    "a && b": "1:3 `&&` means nothing in FQL; use `and`",
    "a || b": "1:3 `||` means nothing in FQL; use `or`",
    "a = “x”": '1:5 `“` means nothing in FQL; use straight quotes: "…"',
    "a AND b": "1:3 expected an operator or the end, found `AND`; operators are in lower case: `and`",
    "a IN [1]": "1:3 expected an operator or the end, found `IN`; operators are in lower case: `in`",
    "a is 1": "1:3 expected an operator or the end, found `is`; use `=`",
    "a contains 'x'": "1:3 expected an operator or the end, found `contains`; "
    "functions stand before what they are about: contains(text, part)",
    "a not in [1]": "1:3 expected an operator or the end, found `not`; negate with `!`, as in `!(…)` or `!=`",
    "a b": "1:3 expected an operator or the end, found `b`; join two conditions with `and` or `or`",
    "a and(b)": "1:3 expected an operator or the end, found `and`; "
    "`and` is an operator only with white space after it",
    "and(b)": "1:1 there is no function `and`; `and` is an operator only with white space after it",
    "a = 'x": "1:5 this string is never closed; close it with '",
    r"a = 'it\'s'": "1:11 this string is never closed; "
    "strings have no escapes: one that holds ' stands in the other kind of quotes",
    "(a": "1:3 expected `)`, found the end; the `(` at column 1 is never closed",
    "[a": "1:3 expected `]`, found the end; the `[` at column 1 is never closed",
    "a)": "1:2 expected an operator or the end, found `)`; no `(` is open here",
    "a\n= ]": "2:3 expected a path, string, number, null, true, false, list, function or `(`, found `]`; "
    "there is nothing to compare or to join here",
    "a = b = c": "1:7 expected `and`, `or` or the end, found `=`; "
    "comparisons cannot be chained; put one in parentheses or join them with `and`",
    "a =": "1:4 expected a path, string, number, null, true, false, list, function or `(`, found the end; "
    "the expression stops in the middle",
    "= a": "1:1 expected a path, string, number, null, true, false, list, function or `(`, found `=`; "
    "a comparison needs something on both sides",
    "a = !b": "1:5 expected a path, string, number, null, true, false, list, function or `(`, found `!`; "
    "put a negation inside a comparison in parentheses: `(!a) = b`",
    "or a": "1:1 expected a path, string, number, null, true, false, list, function or `(`, found `or`; "
    r"a member of this name is written `\or`",
    "!!a": "1:2 expected `=`, a letter or `(` after `!`, found `!`; "
    "to negate anything, put it in parentheses: `!(…)`",
    "! a": "1:2 expected `=`, a letter or `(` after `!`, found white space; "
    "to negate anything, put it in parentheses: `!(…)`",
    "!_a": "1:2 expected `=`, a letter or `(` after `!`, found `_`; "
    "to negate anything, put it in parentheses: `!(…)`",
    "a = 1e5": "1:5 `1e5` is not a number; numbers have no exponent: write out the zeros",
    "a = 1.2.3": "1:5 `1.2.3` is not a number; a number has one decimal point",
    "a = 5.": "1:5 `5.` is not a number; a decimal point needs digits on both sides",
    "a = .5": "1:5 `.` means nothing in FQL; a number needs a digit before the point, a path a name",
    "a = 1+1": "1:5 `1+1` is not a number; FQL does not calculate",
    "a - b": "1:3 `-` means nothing in FQL; a sign needs a digit after it; FQL does not calculate",
    "2nd = 1": "1:1 `2nd` is not a number; a name cannot begin with a digit unless it is escaped: "
    r"`\2nd`",
    "properties.": "1:12 expected a name after `.`, found the end",
    "properties.0.a": "1:12 expected a name after `.`, found `0`; "
    r"a member whose name begins with a digit is `\0…`; the items of a list cannot be addressed",
    "properties.$.a": "1:12 expected a name after `.`, found `$`; "
    "the items of a list cannot be addressed; `value in path` looks through all of them",
    "properties.a[0]": "1:13 expected an operator or the end, found `[`; "
    "the items of a list cannot be addressed; `value in path` looks through all of them",
    "größe = 1": r"1:3 `ö` means nothing in FQL; in a name, write it with a backslash: `\ö`",
    "a@b": r"1:2 `@` means nothing in FQL; in a name, write it with a backslash: `\@`",
    "a\\": "1:2 a backslash at the end escapes nothing",
    "a\r\nor b": "1:2 the character U+000D means nothing in FQL; lines end with a line feed alone",
    "contain(a, 'x')": "1:1 there is no function `contain`; did you mean contains(text, part)?",
    "lower(a)": "1:1 there is no function `lower`; did you mean lowercase(text)?",
    "quux(a)": "1:1 there is no function `quux`; there are: contains, match, length, lowercase, uppercase, "
    "snakecase, kebabcase, titlecase, typeof, bool, string, number",
    "contains(a)": "1:1 contains takes 2 arguments, not 1; write contains(text, part)",
    "length()": "1:1 length takes 1 argument, not 0; write length(value)",
    "contains(a b)": "1:12 expected `)`, found `b`; join two conditions with `and` or `or`",
    "match(a, '[z')": "1:11 this class is never closed; a `[` itself is written `\\[`",
    "match(a, '[^z]')": "1:12 a class cannot be negated; to mean the character itself, write `\\^`",
    "match(a, 'x[z-a]')": "1:13 the range z-a is empty; write a-z",
    "match(a, 'x[]')": "1:12 a class needs a character; `[` and `]` themselves are written `\\[` and `\\]`",
    "match(a, 'x\\')": "1:12 a backslash at the end of a pattern escapes nothing; a backslash itself is `\\\\`",
    "a = 1 # one": "1:7 `#` means nothing in FQL; FQL has no comments",
    "a; b": "1:2 `;` means nothing in FQL; one expression only; join two with `and` or `or`",
    "a = \ud800": "1:5 this is no Unicode character; the text must be UTF-8",
}
TRIGGER_MISTAKES = {
    "": "1:1 expected an expression (a path, string, number, null, true, false, list, function or `(`), "
    "found nothing; a trigger cannot be empty",
    " \n": "2:1 expected an expression (a path, string, number, null, true, false, list, function or `(`), "
    "found nothing; a trigger cannot be empty",
    "anonymousId = 'x'": "1:1 a trigger cannot look at `anonymousId`, only at type, event, name, userId, "
    "properties.*, traits.*, context.*",
    "user_id = 'x'": "1:1 a trigger cannot look at `user_id`, only at type, event, name, userId, "
    "properties.*, traits.*, context.*; did you mean userId?",
    "property.x = 'x'": "1:1 a trigger cannot look at `property.x`, only at type, event, name, userId, "
    "properties.*, traits.*, context.*; did you mean properties?",
    "type = 'track' and traits = null": "1:20 a trigger cannot look at `traits`, only at type, event, name, "
    "userId, properties.*, traits.*, context.*; name a member: `traits.…`",
    "event.x = 1": "1:1 a trigger cannot look at `event.x`, only at type, event, name, userId, "
    "properties.*, traits.*, context.*; did you mean event?",
}


@pytest.mark.parametrize("text", MISTAKES, ids=repr)
def test_parse_when_it_is_not_fql_then_place_problem_and_hint(text: str) -> None:
    assert told(text) == MISTAKES[text]


@pytest.mark.parametrize("text", TRIGGER_MISTAKES, ids=repr)
def test_parse_when_it_is_no_trigger_then_place_problem_and_hint(text: str) -> None:
    assert told(text, trigger=True) == TRIGGER_MISTAKES[text]


def told(text: str, *, trigger: bool = False) -> str:
    with pytest.raises(fql.FqlError) as caught:
        fql.parse(text, trigger=trigger)
    error = caught.value
    said = f"{error.line}:{error.column} {error.problem}{f'; {error.hint}' if error.hint else ''}"
    assert str(error) == f"line {error.line}, column {error.column}: " + said.partition(" ")[2]
    return said


def test_error_when_shown_on_a_terminal_then_a_caret_is_under_the_place() -> None:
    with pytest.raises(fql.FqlError) as caught:
        fql.parse('event = "A"\n\tAND type = "track"')
    assert caught.value.pointed().splitlines() == [
        "line 2, column 2: expected an operator or the end, found `AND`",
        '   AND type = "track"',
        "   ^^^",
        "hint: operators are in lower case: `and`",
    ]


def test_error_when_the_line_is_long_then_the_part_around_the_place_is_shown() -> None:
    with pytest.raises(fql.FqlError) as caught:
        fql.parse(" or ".join(["a = 1"] * 100) + " AND " + " or ".join(["b = 2"] * 100))
    _, line, carets, _ = caught.value.pointed().splitlines()
    assert len(line) < 110
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[carets.index("^") : carets.index("^") + 3] == "AND"
    assert carets.count("^") == 3


def test_error_when_sent_to_another_process_then_the_same() -> None:
    with pytest.raises(fql.FqlError) as caught:
        fql.parse("a == 1")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.hint, again.offset, again.length) == (str(caught.value), "use `=`", 2, 2)


@pytest.mark.parametrize("text", ["(" * 10_000, "(" * 2_000 + "a" + ")" * 2_000, "[" * 2_000, "length(" * 500])
def test_parse_when_nested_deeply_then_an_error(text: str) -> None:
    with pytest.raises(fql.FqlError, match=r"may have 5,120 bytes|nested deeper than 32 levels"):
        fql.parse(text)


def test_parse_when_negated_ten_thousand_times_then_an_error() -> None:
    with pytest.raises(fql.FqlError, match=r"5,120 bytes"):
        fql.parse("!" * 10_000 + "a")
    with pytest.raises(fql.FqlError, match="nested deeper than 32 levels"):
        fql.parse("!(" * 1_000 + "a" + ")" * 1_000)


def test_parse_when_at_the_bounds_then_taken() -> None:
    deep = "(" * limits.fql.DEPTH_MAX + "a" + ")" * limits.fql.DEPTH_MAX
    assert fql.parse(deep) == A
    with pytest.raises(fql.FqlError, match="nested deeper"):
        fql.parse(f"({deep})")
    wide = "a or " * 1_023 + "abcde"
    assert len(wide) == limits.fql.BYTES_MAX
    assert fql.compile_filter(wide).matches(b'{"abcde":true}')
    with pytest.raises(fql.FqlError, match="5,120 bytes, this one has 5,121"):
        fql.parse(wide + " ")
    with pytest.raises(fql.FqlError, match="5,120 bytes"):
        fql.parse(f"a = '{'ö' * 2_560}'")
    fql.parse(".".join(["a"] * limits.fql.PATH_NAMES_MAX))
    with pytest.raises(fql.FqlError, match="a path may have 32 names, this one has 33"):
        fql.parse(".".join(["a"] * (limits.fql.PATH_NAMES_MAX + 1)))
    fql.parse("1" * limits.fql.NUMBER_CHARS_MAX)
    with pytest.raises(fql.FqlError, match="a number may have 400 characters"):
        fql.parse("1" * (limits.fql.NUMBER_CHARS_MAX + 1))
    with pytest.raises(fql.FqlError, match="this number is too large"):
        fql.parse("1" * 350 + ".5")
    with pytest.raises(fql.FqlError, match="a pattern may have 512 characters"):
        fql.parse(f"match(a, '{'x' * 513}')")
