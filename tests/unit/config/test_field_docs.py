"""What the fields of the workspace file mean, from the place where they are written."""

import msgspec
import pytest

from headwater.config.destinations import DestinationPace, DestinationRetry
from headwater.config.field_docs import field_docs
from headwater.config.identity import ExternalIdRule, Identity, Period
from headwater.config.workspace import Flag, ProfileApi, Settings, Source


@pytest.mark.parametrize(
    "type_", [Settings, Source, Identity, ExternalIdRule, ProfileApi, Flag, DestinationPace, DestinationRetry]
)
def test_field_docs_when_asked_then_every_key_of_the_file_is_there_in_order(type_: type[msgspec.Struct]) -> None:
    docs = field_docs(type_)
    assert [doc.name for doc in docs] == [field.encode_name for field in msgspec.structs.fields(type_)]
    assert all(doc.type in {"boolean", "integer", "number", "text", "list", "mapping"} for doc in docs)


@pytest.mark.parametrize("type_", [Settings, Identity])
def test_field_docs_when_people_set_them_in_forms_then_each_is_explained(type_: type[msgspec.Struct]) -> None:
    for doc in field_docs(type_):
        assert doc.description[:1].isupper(), doc.name
        assert doc.description.endswith("."), doc.name
        assert "..." not in doc.description, doc.name


def test_field_docs_when_a_field_has_bounds_a_unit_or_choices_then_they_are_told() -> None:
    settings = {doc.name: doc for doc in field_docs(Settings)}
    assert (settings["dedupe_window_s"].type, settings["dedupe_window_s"].unit) == ("integer", "seconds")
    assert (settings["dedupe_window_s"].minimum, settings["dedupe_window_s"].maximum) == (0, 7_776_000)
    assert settings["lake_visible_s"].exclusive_minimum == 0
    assert settings["log_retention_bytes"].unit == "bytes"
    assert (settings["trusted_proxies"].type, settings["trusted_proxies"].default) == ("list", [])
    rule = {doc.name: doc for doc in field_docs(ExternalIdRule)}
    assert rule["period"].choices == tuple(Period)
    assert (rule["type"].required, rule["limit"].required, rule["limit"].minimum) == (True, False, 1)
    assert {doc.name: doc.unit for doc in field_docs(DestinationPace)}["per_s"] == "per second"
    assert {doc.name: doc.type for doc in field_docs(Source)}["rate_limit"] == "number"
