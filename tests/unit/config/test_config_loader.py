"""From the text of a workspace file to values, or to every mistake in it."""

import contextlib
import json
from pathlib import Path

import pytest
from destination_types import Anything, WebhookOnly
from hypothesis import given
from hypothesis import strategies as st
from workspaces import PUBLIC_KEY, source, workspace

from headwater import limits
from headwater.config.document import DEPTH_MAX, KEY_CHARS_MAX, PROBLEMS_MAX, VALUES_MAX
from headwater.config.export import export
from headwater.config.loader import WRITE_KEY, complete, load
from headwater.config.workspace import Destination, Settings, Source, SourceType, Workspace
from headwater.errors import ConfigError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "workspaces"
WRONG = sorted(FIXTURES.glob("*.yaml"))


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, WebhookOnly())
    return caught.value.lines()


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_load_when_a_file_is_wrong_then_every_mistake_is_named_with_its_line(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(path.read_bytes(), WebhookOnly(), file=path.name)
    assert caught.value.lines() == path.with_suffix(".expected").read_text().splitlines()


def test_fixtures_when_listed_then_each_expectation_has_its_file() -> None:
    assert [p.stem for p in WRONG] == sorted(p.stem for p in FIXTURES.glob("*.expected"))


def test_load_when_everything_is_said_then_everything_is_kept() -> None:
    text = """
workspace: shop
settings: {allow_private_destinations: true, lake_visible_s: 2, public_url: "https://cdp.example.com"}
sources:
  - name: website
    type: javascript
    write_key: wk_website
    rate_limit: 50
    oauth_clients: [{id: billing, public_key: PEM, key_id: k1}]
  - {name: backend, enabled: false}
destinations:
  - {name: hook, type: webhook, sources: [website], enabled: false, settings: {url: "https://x.example"}}
"""
    loaded = load(text.replace("PEM", json.dumps(PUBLIC_KEY)), WebhookOnly())
    website = loaded.source("website")
    assert loaded.settings == Settings(
        allow_private_destinations=True, lake_visible_s=2, public_url="https://cdp.example.com"
    )
    assert website is not None
    assert (website.type, website.rate_limit, website.oauth_clients[0].key_id) == (
        SourceType.JAVASCRIPT,
        50.0,
        "k1",
    )
    assert loaded.source("backend") == Source(name="backend", enabled=False)
    assert loaded.destinations == (
        Destination(
            name="hook", type="webhook", sources=("website",), enabled=False, settings={"url": "https://x.example"}
        ),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("2026-01-01", "2026-01-01"),
        ("1:30", "1:30"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("12", 12),
        ("-12", -12),
        ("1.5e3", 1500.0),
        ("true", True),
        ("null", None),
        ("~", None),
        ("|\n    a\n    b", "a\nb\n"),
    ],
)
def test_load_when_a_word_has_two_meanings_then_it_has_that_of_json(written: str, read: object) -> None:
    text = f"workspace: w\ndestinations:\n- name: d\n  type: log\n  settings:\n   x: {written}\n"
    assert load(text, Anything()).destinations[0].settings == {"x": read}


def test_load_when_a_section_has_no_value_then_it_counts_as_left_out() -> None:
    assert load("workspace: w\nsettings:\nsources:\ndestinations:\n", WebhookOnly()) == Workspace(workspace="w")


def test_load_when_the_text_begins_with_a_byte_order_mark_then_it_is_skipped() -> None:
    assert load("\ufeffworkspace: w", WebhookOnly()) == Workspace(workspace="w")
    assert load(b"\xef\xbb\xbfworkspace: w", WebhookOnly()) == Workspace(workspace="w")


def test_load_when_larger_than_the_bound_then_refused_unread() -> None:
    fits = b"workspace: w\n#".ljust(limits.operations.CONTROL_BODY_BYTES_MAX, b".")
    assert load(fits, WebhookOnly()) == Workspace(workspace="w")
    assert problems(fits + b".") == ["workspace: larger than 4 MiB"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_load_when_nested_without_end_then_refused_at_the_bound(opening: str) -> None:
    (problem,) = problems("workspace: w\nsettings:\n  " + opening * 100_000)
    assert problem.startswith("3: ")
    # libyaml looks ahead, and newer ones have a bound of their own that they may meet first.
    assert problem.endswith((f"nested deeper than {DEPTH_MAX} levels", "exceeded maximum nesting depth"))


def test_load_when_aliases_would_multiply_then_none_is_followed() -> None:
    bomb = "workspace: w\na0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert sum("aliases are not part of the format" in line for line in problems(bomb)) == 39 * 2


def test_load_when_almost_everything_is_wrong_then_it_stops_looking() -> None:
    for wrong in ("*a", "1e999", "{name: a, name: b}", "{nam: a}"):
        found = problems("workspace: w\nsources: [" + f"{wrong}, " * 1_000 + "]")
        assert len(found) == PROBLEMS_MAX + 1
        assert found[-1] == "workspace: so many problems that the rest was not looked at"


def test_load_when_there_are_more_values_than_the_bound_then_refused() -> None:
    text = "workspace: w\ntraits:\n" + "- a\n" * VALUES_MAX
    assert problems(text) == [f"{VALUES_MAX}: workspace: more than {VALUES_MAX} values"]


def test_load_when_a_key_is_longer_than_the_bound_then_refused() -> None:
    assert "unknown key" in problems(f"workspace: w\n{'k' * KEY_CHARS_MAX}: 1")[0]
    assert problems(f"workspace: w\n{'k' * (KEY_CHARS_MAX + 1)}: 1") == [
        f"2: workspace: a key must be text of at most {KEY_CHARS_MAX} characters"
    ]


FRAGMENTS = [
    *("workspace: w\n", "sources:\n", "destinations: ", "settings:", "name", ": ", "- ", "  ", "\n", "\t", ","),
    *("[", "]", "{", "}", "&a ", "*a", "!!int ", "'", '"', "|\n", "? ", "#", "---\n", "%YAML 1.1\n", "~"),
    *("9" * 30, "1e999"),
]


@given(st.text() | st.binary() | st.lists(st.sampled_from(FRAGMENTS)).map("".join))
def test_load_when_given_anything_then_it_answers_with_a_workspace_or_a_config_error(text: str | bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(load(text, Anything()), Workspace)


def test_problems_when_keys_collide_then_no_write_key_is_shown() -> None:
    sources = "".join(
        f"- {{name: {n}, write_key: {k}}}\n" for n, k in [("a", "hush1"), ("b", "hush1"), ("c", "hush!")]
    )
    said = "\n".join(problems(f"workspace: w\nsources:\n{sources}"))
    assert "the same write key as sources[0]" in said
    assert "hush" not in said


def test_complete_when_keys_are_left_out_then_each_source_gets_one_of_its_own() -> None:
    completed = complete(workspace(sources=(source("a", write_key=""), source("b", write_key=""))), None)
    generated = [s.write_key for s in completed.sources]
    assert len(set(generated)) == 2
    assert all(len(key) == 32 and key.startswith("wk_") and WRITE_KEY.match(key) for key in generated)


def test_complete_when_the_name_had_a_key_before_then_it_keeps_it() -> None:
    before = workspace(sources=(source("a", write_key="wk_before"),))
    after = complete(workspace(sources=(source("a", write_key=""), source("b"))), before)
    assert [s.write_key for s in after.sources] == ["wk_before", "wk_b"]


def test_complete_when_another_source_took_the_old_key_then_a_new_one_is_made() -> None:
    before = workspace(sources=(source("a", write_key="wk_before"),))
    after = complete(workspace(sources=(source("a", write_key=""), source("b", write_key="wk_before"))), before)
    assert after.sources[0].write_key not in {"", "wk_before"}
    assert after.sources[1].write_key == "wk_before"


def test_load_when_a_source_has_the_name_of_our_own_then_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        load("workspace: shop\nsources: [{name: profiles}]\n", WebhookOnly())
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("sources[0].name", 2)
    assert "where messages about traits and audiences come from" in problem.message


@pytest.mark.parametrize(
    ("type_", "said", "expected"),
    [
        ("texts", "", "phone"),
        ("texts", 'dedupes_on: ""', ""),
        ("texts", "dedupes_on: email", "email"),
        ("log", "", None),
        ("log", "dedupes_on: email", "email"),
    ],
)
def test_load_when_a_type_takes_people_once_then_its_destinations_do_unless_the_file_says_otherwise(
    type_: str, said: str, expected: str | None
) -> None:
    text = f"workspace: shop\ndestinations:\n  - name: d\n    type: {type_}\n    {said}\n"
    (destination,) = load(text, Anything()).destinations
    assert destination.dedupes_on == expected
    again = load(export(load(text, Anything())), Anything())
    assert again.destinations == (destination,)
