"""The way back from values to a file."""

import pytest
import yaml
from destination_types import Anything
from hypothesis import given
from workspaces import destination, source, workspace, workspaces

from headwater.config.export import export
from headwater.config.loader import load
from headwater.config.workspace import OAuthClient, Settings, Workspace, canonical


@given(workspaces())
def test_load_when_given_what_export_printed_then_it_is_the_same_workspace(original: Workspace) -> None:
    again = load(export(original), Anything())
    assert again == original
    assert canonical(again) == canonical(original)


@given(workspaces())
def test_export_when_read_by_a_yaml_1_1_reader_then_text_is_still_text(original: Workspace) -> None:
    read = yaml.safe_load(export(original))
    assert isinstance(read["workspace"], str)
    for written, found in zip(original.destinations, read.get("destinations", ()), strict=True):
        assert found["name"] == written.name
        for key, value in found.get("settings", {}).items():
            assert isinstance(value, str) == isinstance(written.settings[key], str)


def test_export_when_printed_then_in_the_order_of_the_format_without_defaults() -> None:
    settings = {"url": "https://x.example", "body": "line 1\nline 2\n"}
    original = workspace(
        settings=Settings(lake_visible_s=2.5),
        sources=(source("website", rate_limit=10.0), source("backend", enabled=False)),
        destinations=(destination("crm", sources=("website",), settings=settings),),
    )
    assert (
        export(original)
        == """\
workspace: shop

settings:
  lake_visible_s: 2.5

sources:
- name: website
  type: javascript
  write_key: wk_website
  rate_limit: 10.0
- name: backend
  type: javascript
  write_key: wk_backend
  enabled: false

destinations:
- name: crm
  type: webhook
  sources:
  - website
  settings:
    url: https://x.example
    body: |
      line 1
      line 2
"""
    )


@pytest.mark.parametrize("text", ["\n", "a\n\n", "\n\n", "a\n", "a\nb"])
def test_export_when_a_text_ends_with_empty_lines_then_what_follows_is_still_read(text: str) -> None:
    original = workspace(sources=(source(oauth_clients=(OAuthClient(id="i", public_key="k", key_id=text),)),))
    data = yaml.safe_load(export(original))
    assert data["sources"][0]["oauth_clients"][0]["key_id"] == text
    assert [each["name"] for each in data["destinations"]] == ["crm"]
