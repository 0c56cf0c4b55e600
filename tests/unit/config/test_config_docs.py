"""docs/reference/workspace.md says what the format is, no less and no more."""

import inspect
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from destination_types import Anything
from msgspec import NODEFAULT

from headwater import limits
from headwater.config.definitions import (
    AudienceDefinition,
    Connection,
    IdChoice,
    Send,
    TraitDefinition,
    TraitKind,
    ValueType,
)
from headwater.config.destinations import (
    BatchBounds,
    DestinationFilter,
    DestinationMapping,
    DestinationPace,
    DestinationRetry,
    FilterAction,
    FilterType,
    FilterVerb,
)
from headwater.config.document import DEPTH_MAX
from headwater.config.identity import (
    SUGGESTED_BLOCK,
    SUGGESTED_BLOCK_REGEX,
    ExternalIdRule,
    Identity,
    Period,
)
from headwater.config.loader import load
from headwater.config.tracking_plans import (
    Controls,
    OnViolation,
    Rule,
    RuleType,
    SourceSchema,
    TrackingPlan,
    TraitControls,
)
from headwater.config.transformations import Hashing, Transformation
from headwater.config.workspace import (
    FLAGS,
    ApiToken,
    Destination,
    Flag,
    OAuthClient,
    ProfileApi,
    Settings,
    Source,
    SourceType,
    Workspace,
)
from headwater.units import KIB

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "workspace.md").read_text()
SECTIONS: dict[str, type[msgspec.Struct]] = {
    "Top level": Workspace,
    "settings": Settings,
    "sources": Source,
    "oauth_clients": OAuthClient,
    "destinations": Destination,
    "filters": DestinationFilter,
    "actions": FilterAction,
    "mappings": DestinationMapping,
    "batch": BatchBounds,
    "pace": DestinationPace,
    "retry": DestinationRetry,
    "schema": SourceSchema,
    "tracking_plans": TrackingPlan,
    "rules": Rule,
    "controls": Controls,
    "identify and group": TraitControls,
    "transformations": Transformation,
    "hash_values": Hashing,
    "identity": Identity,
    "external_ids": ExternalIdRule,
    "traits": TraitDefinition,
    "audiences": AudienceDefinition,
    "connections": Connection,
    "profile_api": ProfileApi,
    "tokens": ApiToken,
    "flags": Flag,
}
IN_WORDS: dict[str, object] = {
    "required": NODEFAULT,
    "as Segment suggests": Identity(),
    "no token": ProfileApi(),
    "1 of `user_id`, else 5": None,
    "the suggested values": SUGGESTED_BLOCK,
    "zeros and dashes": SUGGESTED_BLOCK_REGEX,
    "twice": None,
    "identify, and track of audiences": (),
    "empty": {},
    "all defaults": Settings(),
    "no hashing": Hashing(),
    "no limit": None,
    "all sources": None,
    "generated": "",
    "allowed": None,
    "nowhere": None,
    "the plan's": None,
    "nothing is switched off": SourceSchema(),
    "as below": DestinationRetry(),
}
NOTHING = (None, ())
"""What "none" may be: nothing was said, or an empty list."""
LEFT_OPEN = {"pace": DestinationPace(), "batch": BatchBounds()}
"""What "as the type says" and "as the action says" are of keys that have several inside; of others: None."""
ALL_ALLOWED = {"tracking_plans": Controls(), "controls": TraitControls()}
"""What "everything is allowed" is in which section."""


def structs(type_: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """The struct and all that can stand inside it."""
    found = {type_}
    for field in msgspec.structs.fields(type_):
        for part in (field.type, *get_args(field.type)):
            if inspect.isclass(part) and issubclass(part, msgspec.Struct):
                found |= structs(part)
    return found


def rows(section: str) -> dict[str, list[str]]:
    text = re.split(rf"^##+ {section}$", PAGE, flags=re.MULTILINE)[1]
    text = re.split(r"^##+ ", text, flags=re.MULTILINE)[0]
    cells = [re.split(r"\s*\|\s*", line.strip(" |")) for line in text.splitlines() if line.startswith("| `")]
    return {key.strip("`"): rest for key, *rest in cells}


def default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def test_page_when_a_struct_is_new_then_it_has_a_section() -> None:
    assert structs(Workspace) == set(SECTIONS.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_page_when_a_key_is_in_the_format_then_its_section_has_it_and_no_other(section: str) -> None:
    keys = [field.encode_name for field in msgspec.structs.fields(SECTIONS[section])]
    assert list(rows(section)) == keys


@pytest.mark.parametrize("section", SECTIONS)
def test_page_when_it_states_a_default_then_it_is_the_default(section: str) -> None:
    for field in msgspec.structs.fields(SECTIONS[section]):
        type_, said, meaning = rows(section)[field.encode_name]
        documented = IN_WORDS[said] if said in IN_WORDS else said.strip("`")
        if said == "everything is allowed":
            documented = ALL_ALLOWED[section]
        actual = default(field)
        if said in {"as the type says", "as the action says"}:
            documented = LEFT_OPEN.get(field.name)
        if said == "none":
            documented = actual if actual in NOTHING else None
        if documented == said.strip("`"):
            actual = actual if isinstance(actual, StrEnum) else msgspec.json.encode(actual).decode()
        assert documented == actual, field.name
        assert type_, field.name
        assert meaning.endswith((".", ")")), field.name


def test_page_when_it_names_types_and_bounds_then_they_are_these() -> None:
    types = ", ".join(f"`{type_}`" for type_ in SourceType)
    assert f"`type` is one of {types}." in PAGE.replace("\n", " ")
    assert f"nested at most {DEPTH_MAX} levels" in PAGE
    rules = ", ".join(f"`{type_}`" for type_ in RuleType)
    assert f"`type` is one of {rules}." in PAGE.replace("\n", " ")
    assert all(f"`{choice}`" in PAGE for choice in OnViolation)
    assert f"at most {limits.govern.PLAN_RULES_MAX:,}." in PAGE
    assert f"at most {limits.govern.SCHEMA_BYTES_MAX // KIB} KiB" in PAGE
    assert f"at most {limits.govern.PLAN_EVENT_CHARS_MAX} characters" in PAGE
    assert f"{limits.govern.SCHEMA_SIZE_MAX:,} values" in PAGE
    assert f"at most {limits.definitions.DEFINITIONS_MAX:,} traits and audiences" in PAGE
    assert f"Patterns have at most {limits.identity.BLOCK_PATTERN_CHARS_MAX} characters" in PAGE
    assert f"sent along; at most {limits.sync.ENRICHMENT_TRAITS_MAX}" in PAGE
    assert f"not sent, or not all of it; at most {limits.delivery.FILTERS_PER_DESTINATION_MAX}." in PAGE
    assert f"which events; at most {limits.delivery.MAPPINGS_PER_DESTINATION_MAX}." in PAGE
    assert f"at most {limits.fql.BYTES_MAX // KIB} KB." in PAGE
    assert f"For people; at most {limits.delivery.FILTER_TITLE_CHARS_MAX} characters." in PAGE
    assert f"have at most {limits.delivery.FILTER_FIELDS_MAX} names." in PAGE
    assert f"for company, at most {limits.delivery.BATCH_WAIT_S_MAX:g}." in PAGE
    assert f"under way at once, at most {limits.delivery.CONCURRENCY_MAX}." in PAGE
    assert f"at most {limits.delivery.RETRY_WINDOW_S_MAX // 86_400} days" in PAGE
    assert all(f"`{choice}`" in PAGE for choice in (*FilterVerb, *FilterType))
    for choices in (Period, TraitKind, ValueType):
        assert ", ".join(f"`{choice}`" for choice in choices) in PAGE.replace("\n", " ")
    assert all(f"`{choice}`" in PAGE for choice in (*Send, *IdChoice, *FLAGS))
    assert all(f"`{value}`" in PAGE for value in (*SUGGESTED_BLOCK[1:], *SUGGESTED_BLOCK_REGEX))


def test_page_when_it_shows_a_workspace_then_it_can_be_loaded() -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(examples) == 13
    for example in examples:
        assert load(example, Anything()).workspace == "shop"
