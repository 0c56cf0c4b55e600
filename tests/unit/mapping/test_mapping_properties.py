"""For random mappings and events: the compiled function agrees with the plain interpreter, changes nothing, gives
the same again, and fails with nothing but MappingError.
"""

import copy
from typing import Any

import mapping_reference
import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mapping_strategies import events, mappings, values

from headwater.mapping.fields import Field
from headwater.mapping.kit import MappingError, compile_mapping, problems
from headwater.mapping.payload import PayloadError, checker

REFUSED = "refused"


def shown(value: Any) -> bytes:
    """With types: 1, 1.0 and true are three values."""
    return repr(value).encode("utf-8", "surrogatepass")


def resolved(mapping: Any, event: dict[str, Any]) -> Any:
    try:
        return compile_mapping(mapping).resolve(event)
    except MappingError:
        return REFUSED


def expected(mapping: Any, event: dict[str, Any]) -> Any:
    try:
        return mapping_reference.resolve(mapping, event)
    except mapping_reference.Refused:
        return REFUSED


@settings(max_examples=1_500)
@given(mappings(), events)
@example({"@merge": {"objects": [{"a": 1}, {"a": {"@path": "$.none"}}], "direction": "right"}}, {})
@example({"@arrayPath": [{"@literal": [{"@path": "$.none"}, None]}, {"x": {"@path": "$.y"}}]}, {})
@example({"@flatten": {"value": [[{"@path": "$.none"}], [None]], "separator": "."}}, {})
def test_resolve_when_any_mapping_meets_any_event_then_it_agrees_with_the_interpreter(
    mapping: Any, event: dict[str, Any]
) -> None:
    assert problems(mapping) == []
    assert shown(resolved(mapping, event)) == shown(expected(mapping, event))


@settings(max_examples=300)
@given(mappings(), events)
def test_resolve_when_asked_twice_then_the_same_and_neither_mapping_nor_event_changed(
    mapping: Any, event: dict[str, Any]
) -> None:
    before = copy.deepcopy((mapping, event))
    first, second = resolved(mapping, event), resolved(mapping, event)
    assert shown(first) == shown(second)
    assert shown((mapping, event)) == shown(before)


@settings(max_examples=300)
@given(mappings(), events)
def test_resolve_when_it_gives_something_then_that_is_json(mapping: Any, event: dict[str, Any]) -> None:
    msgspec.json.encode(resolved(mapping, event))


JUNK = st.recursive(
    values,
    lambda inner: st.one_of(
        st.dictionaries(
            st.sampled_from(
                """@path @template @if @case @replace @arrayPath @flatten @json @merge @transform @liquid
                @excludeWhenNull @literal @foo @ _metadata exists then value separator objects direction apply
                mapping pattern mode operator __segment_internal_directive __segment_internal_sync_mode""".split()  # noqa: SIM905
            ),
            inner,
            max_size=4,
        ),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@settings(max_examples=1_000)
@given(JUNK, events)
def test_mapping_when_it_is_junk_then_it_is_refused_or_applied(mapping: Any, event: dict[str, Any]) -> None:
    try:
        compiled = compile_mapping(mapping)
    except MappingError as error:
        assert error.problems  # noqa: PT017
        assert error.code == "invalid_mapping"  # noqa: PT017
        return
    try:
        compiled.resolve(event)
    except MappingError as error:
        assert not error.problems  # noqa: PT017
        assert error.code == "mapping_failed"  # noqa: PT017


def _fields(inner: st.SearchStrategy[tuple[Field, ...]]) -> st.SearchStrategy[tuple[Field, ...]]:
    field = st.builds(
        Field,
        name=st.sampled_from(["a", "b", "c", "0"]),
        label=st.just("x"),
        type=st.sampled_from(["string", "text", "number", "integer", "datetime", "boolean", "object"]),
        required=st.booleans(),
        multiple=st.booleans(),
        choices=st.sampled_from([(), ("a", "1")]),
        allow_null=st.booleans(),
        additional=st.booleans(),
    )
    nested = st.builds(
        lambda properties, multiple: Field(
            name="b", label="x", type="object", multiple=multiple, properties=properties, additional=not multiple
        ),
        inner,
        st.booleans(),
    )
    return st.lists(st.one_of(field, nested), max_size=3).map(tuple)


@settings(max_examples=500)
@given(st.recursive(st.just(()), _fields, max_leaves=3), values)
def test_check_when_any_payload_meets_any_fields_then_a_payload_of_these_fields_or_an_error(
    fields: tuple[Field, ...], payload: Any
) -> None:
    before = copy.deepcopy(payload)
    try:
        made = checker(fields)(payload)
    except PayloadError as error:
        assert error.code == "invalid_payload"  # noqa: PT017
        assert error.message  # noqa: PT017
        return
    finally:
        assert shown(payload) == shown(before)
    assert made.keys() <= {field.name for field in fields}
    assert shown(checker(fields)(made)) == shown(made), "what is right stays as it is"
