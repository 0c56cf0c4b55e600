"""`@liquid`: what templates make of an event, which are refused, and what they may cost."""

import contextlib
import tracemalloc
from typing import Any

import pytest

from headwater import limits
from headwater.mapping.kit import MappingError, compile_mapping
from headwater.mapping.liquid import DISABLED_FILTERS, DISABLED_TAGS
from headwater.mapping.liquid_filters import FILTERS

EVENT: dict[str, Any] = {
    "type": "track",
    "userId": "u1",
    "timestamp": "2026-01-02T03:04:05.678Z",
    "receivedAt": "2026-01-02T03:04:06.000Z",
    "properties": {
        "name": "Ann <Lee> & co",
        "one": 1.0,
        "n": 7,
        "yes": True,
        "nix": None,
        "blank_": "",
        "list": ["a", 1.5, None, True],
        "o": {"a": 1},
        "items": [{"n": 1, "on": True}, {"n": 2.5}, {"n": "3", "on": False}],
        "html": "<p>Hi <b>you</b></p><script>x < y</script><!-- <a> -->!",
        "base64": "SGk=",
    },
}
P = "properties"

RENDERED = [
    ("", ""),
    ("Hi {{ userId }}", "Hi u1"),
    ("{{ properties.one }} {{ properties.n }} {{ properties.yes }}", "1 7 true"),
    ("{{ missing }}{{ properties.nix }}{{ properties.missing.deep }}", ""),
    ("{{ properties.list }} {{ properties.o }}", "a1.5true [object Object]"),
    ("{{ properties.list[0] }}{{ properties['n'] }}{{ properties.items[1].n }}", "a72.5"),
    ("{{ properties.list.size }}{{ properties.list.first }}{{ properties.items.last.n }}", "4a3"),
    # tags
    ("{% if properties.n > 5 %}many{% elsif properties.n > 1 %}some{% else %}none{% endif %}", "many"),
    ("{% unless properties.missing %}none{% endunless %}", "none"),
    ("{% if properties.name contains 'Lee' and userId == 'u1' %}yes{% endif %}", "yes"),
    ("{% case properties.n %}{% when 1 %}one{% when 7 %}seven{% endcase %}", "seven"),
    ("{% assign x = userId | upcase %}{{ x }}", "U1"),
    ("{% capture x %}<{{ userId }}>{% endcapture %}{{ x }}{{ x | size }}", "<u1>4"),
    ("{% increment c %}{% increment c %}{% decrement d %}", "01-1"),
    ("{% comment %}x{% endcomment %}{% # y %}{% raw %}{{ z }}{% endraw %}", "{{ z }}"),
    ("{% echo userId %}{% liquid\nassign x = 1\necho x %}", "u11"),
    (" {%- if true -%} x {%- endif -%} ", "x"),
    # numbers
    ("{{ 7 | divided_by: 2 }} {{ 7 | divided_by: 2 | floor }} {{ 7 | divided_by: 2, true }}", "3.5 3 3"),
    ("{{ 1 | divided_by: 0 }} {{ 0 | divided_by: 0 }} {{ 5 | modulo: 0 }}", "Infinity NaN NaN"),
    (
        "{{ 0.1 | plus: 0.2 }} {{ 3 | minus: 5 }} {{ 4 | times: 2.5 }} {{ -7 | modulo: 3 }}",
        "0.30000000000000004 -2 10 -1",
    ),
    ("{{ 'x' | plus: 1 }} {{ '2' | plus: '3' }} {{ nil | plus: 1 }}", "1 5 1"),
    (
        "{{ 1.2 | ceil }} {{ 1.8 | floor }} {{ 2.5 | round }} {{ -2.5 | round }} {{ 2.345 | round: 2 }}",
        "2 1 3 -2 2.35",
    ),
    ("{{ -5 | abs }} {{ 5 | at_most: 3 }} {{ 5 | at_least: 8 }}", "5 3 8"),
    ("{{ 9007199254740993 | times: 9007199254740993 }}", "8.112963841460668e+31"),
    # text
    ("{{ 'a' | append: 'b' | prepend: 'c' | upcase | downcase | capitalize }}", "Cab"),
    ("{{ properties.one | append: properties.yes }}", "1true"),
    ("{{ properties.name | escape }}", "Ann &lt;Lee&gt; &amp; co"),
    ("{{ '&lt; <' | escape_once }}", "&lt; &lt;"),
    ("{{ properties.html | strip_html }}", "Hi you!"),
    (
        (
            "{% assign x = 'a-b-a' %}{{ x | replace: 'a', 'x' }} {{ x | replace_first: 'a', 'x' }} "
            "{{ x | replace_last: 'a', 'x' }}"
        ),
        "x-b-x x-b-a a-b-x",
    ),
    ("{{ 'abc' | replace: '', '-' }}", "a-b-c"),
    (
        "{{ 'a-b-a' | remove: 'a' }} {{ 'a-b-a' | remove_first: 'a' }} {{ 'a-b-a' | remove_last: 'a' }}",
        "-b- -b-a a-b-",
    ),
    ("[{{ ' x ' | strip }}{{ ' x ' | lstrip }}{{ ' x ' | rstrip }}]", "[xx  x]"),
    (
        "{% assign x = 'a b c' | split: ' ' %}{{ x | join: '+' }}{{ x | size }}{{ x | first }}{{ x | last }}",
        "a+b+c3ac",
    ),
    ("{{ 'abc' | split: '' | join }}", "a b c"),
    ("{{ 'abcdef' | slice: 1, 3 }}{{ 'abcdef' | slice: -2 }}{{ 'abcdef' | slice: 9 }}", "bcde"),
    ("{{ 'one two three' | truncate: 7 }} {{ 'one two three' | truncate: 5, '' }}", "one ... one t"),
    ("{{ 'one two three' | truncatewords: 2 }} {{ 'one' | truncatewords: 2 }}", "one two... one"),
    ("{{ 'a b&c/ü!' | url_encode }} {{ 'a+b%26' | url_decode }}", "a+b%26c%2F%C3%BC! a b&"),
    ("{{ 'Hi' | base64_encode }} {{ properties.base64 | base64_decode }}", "SGk= Hi"),
    ("{{ properties.o | json }} {{ properties.list | json }}", '{"a":1} ["a",1.5,null,true]'),
    ("{{ properties.missing | json }}", "null"),
    # lists and values
    (
        "{{ properties.list | join: '-' }} {{ properties.list | compact | size }} {{ properties.o | size }}",
        "a-1.5--true 3 0",
    ),
    (
        (
            "{% assign x = properties.items %}{{ x | sum: 'n' }} {{ x | where: 'on' | size }} "
            "{{ x | where: 'n', 2.5 | size }}"
        ),
        "6.5 1 1",
    ),
    (
        (
            "{{ properties.missing | default: 'd' }}{{ properties.blank_ | default: 'd' }}"
            "{{ false | default: 'd' }}{{ 0 | default: 'd' }}"
        ),
        "ddd0",
    ),
    ("{{ false | default: 'd', allow_false: true }}", "false"),
    # instants
    ("{{ timestamp | date: '%Y-%m-%d %H:%M:%S.%L' }}", "2026-01-02 03:04:05.678"),
    ("{{ 'now' | date: '%H:%M:%S' }} {{ 'today' | date: '%F' }}", "03:04:06 2026-01-02"),
    ("{{ 0 | date: '%s %Y' }} {{ '1767323045' | date: '%Y' }} {{ 1.5 | date: '%L' }}", "0 1970 2026 500"),
    ("{{ '2026-01-02T05:00:00+02:00' | date: '%H %-d%q %b' }}", "03 2nd Jan"),
    ("{{ 'Fri, 02 Jan 2026 03:04:05 GMT' | date: '%a' }}{{ 'soon' | date: '%Y' }}", "Frisoon"),
]


@pytest.mark.parametrize(("template", "text"), RENDERED)
def test_template_when_it_is_rendered_then_the_text(template: str, text: str) -> None:
    assert compile_mapping({"v": {"@liquid": template}}).resolve(EVENT) == {"v": text}


def test_filters_when_there_is_one_then_a_row_uses_it() -> None:
    templates = " ".join(template for template, _ in RENDERED)
    assert [name for name in FILTERS if f"| {name}" not in templates] == ["strip_newlines"]
    assert compile_mapping({"@liquid": "{{ x | strip_newlines }}"}).resolve({"x": "a\r\nb\nc"}) == "abc"


REFUSED = [
    *((f"{{{{ userId | {name} }}}}", f"the filter `{name}` is disabled") for name in sorted(DISABLED_FILTERS)),
    *((f"{{% {name} x %}}", f"the tag `{name}` is disabled") for name in sorted(DISABLED_TAGS)),
    ("{{ userId | upcased }}", "there is no filter `upcased`; did you mean upcase?"),
    ("{% if x %}{{ userId | upcased }}{% endif %}", "there is no filter `upcased`"),
    ("{% assign x = userId | upcased %}", "there is no filter `upcased`"),
    ("{% nothing %}", "the tag `nothing` is not expected here; there are #, assign, "),
    ("{% endif %}", "the tag `endif` is not expected here"),
    ("{{ x", "expected '}}', found end of file"),
    ("{% if %}{% endif %}", "missing expression"),
    ("{% if x %}", "expected tag"),
    ("{% if x %}" * 40 + "{% endif %}" * 40, ""),
]


@pytest.mark.parametrize(("template", "message"), REFUSED)
def test_template_when_it_cannot_be_used_then_it_is_refused_before_the_first_event(
    template: str, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping({"v": {"@liquid": template}})
    assert (caught.value.path, caught.value.code) == ("v.@liquid", "invalid_mapping")
    assert message in caught.value.message


FAILING = [
    ("{{ 'x' | append }}", "`append` takes 1 arguments, not 0"),
    ("{{ 'x' | upcase: 1 }}", "`upcase` takes 0 arguments, not 1"),
    ("{{ 'x' | replace: 'a', 'b', 'c' }}", "`replace` takes 1 to 2 arguments, not 3"),
    ("{{ '\u00fc' | base64_decode }}", "`base64_decode` is given what is no Base64"),
    ("{{ 0 | date: '%999999999d' }}", "`date` pads to 99 characters at most"),
    ("{% if properties.n > 'x' %}{% endif %}", "not supported between"),
]


@pytest.mark.parametrize(("template", "message"), FAILING)
def test_template_when_it_fails_for_an_event_then_it_says_why(template: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping({"v": {"@liquid": template}}).resolve(EVENT)
    assert (caught.value.path, caught.value.code) == ("v.@liquid", "mapping_failed")
    assert message in caught.value.message


LONG = "a" * 30_000
COSTLY = {
    "text that doubles": "{% assign x = 'aaaaaaaa' %}" + "{% assign x = x | append: x %}" * 30,
    "a product of products": "{% assign x = x | replace: 'a', x %}" * 4,
    "a range": "{{ (1..999999999) | join }}",
    "a range written out": "{{ (1..999999999) }}",
    "a range as JSON": "{{ (1..999999999) | json }}",
    "a long value often": "{{ x }}" * 40,
    "captured": "{% capture y %}{{ x }}{{ x }}{% endcapture %}"
    + "{% capture y %}{{ y }}{{ y }}{% endcapture %}" * 10,
    "a long separator": "{{ x | split: '' | join: x }}",
    "between all letters": "{{ x | replace: '', x }}",
    "escaped again": "{% assign y = '&&&&&&&&' %}" + "{% assign y = y | escape | append: y %}" * 20,
    "encoded again": "{% assign y = x %}" + "{% assign y = y | url_encode | base64_encode %}" * 15,
    "a long format": "{% assign y = '%c%c%c%c' %}" + "{% assign y = y | append: y %}" * 16 + "{{ 0 | date: y }}",
    "JSON of JSON": "{% assign y = x | json %}" + "{% assign y = y | json | append: y %}" * 10,
}


@pytest.mark.parametrize("template", COSTLY.values(), ids=COSTLY)
def test_template_when_it_would_cost_too_much_then_it_is_stopped(template: str) -> None:
    assert len(template) <= limits.mapping.LIQUID_CHARS_MAX
    compiled = compile_mapping({"@liquid": template})
    with pytest.raises(
        MappingError, match=f"more than {limits.mapping.LIQUID_WORK_MAX:,} characters of this event"
    ):
        compiled.resolve({"x": LONG})


SPENDING = [
    *COSTLY.values(),
    "{% assign y = x | split: '' %}{{ y | join | split: ' ' | compact | size }}",
    "{{ x | json | escape | url_encode | base64_encode | base64_decode | url_decode | escape_once }}",
    "{{ x | split: 'a' | json }}{{ x | strip_html }}{{ x | truncatewords: 9999 }}",
]


@pytest.mark.parametrize("value", [LONG, "\U0001f642" * 16_000, "<\u1234" * 16_000], ids=["a", "wide", "tags"])
def test_template_when_it_spends_all_it_may_then_it_has_taken_little_memory(value: str) -> None:
    compiled = [compile_mapping({"@liquid": template}) for template in SPENDING]
    tracemalloc.start()
    try:
        for each in compiled:
            with contextlib.suppress(MappingError):
                each.resolve({"x": value})
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 50_000_000, "half of the 100 MB of spec 2.9"


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(
    "value", ["<" * 30_000, "<\n" * 15_000, "&" * 30_000, LONG, "9" * 30_000], ids=lambda v: v[:2]
)
def test_filter_when_its_value_is_awkward_then_it_ends(name: str, value: str) -> None:
    arguments = FILTERS[name].arguments[0]
    given = ": " + ", ".join(["x"] * arguments) if arguments else ""
    try:
        made = compile_mapping({"@liquid": f"{{{{ x | {name}{given} }}}}"}).resolve({"x": value})
    except MappingError as error:
        assert error.code == "mapping_failed"  # noqa: PT017
    else:
        assert len(made) <= limits.mapping.LIQUID_WORK_MAX
