"""Pages that list actions and presets list those there are, with their fields and events."""

import re
import textwrap

import pytest
from test_destination_docs import PAGES, codes, rows

from headwater.config.loader import load
from headwater.destinations import registry

HEAD = """workspace: shop
sources: [{name: website, type: javascript}]
destinations:
"""
LISTING = sorted(page.stem for page in PAGES.glob("*.md") if "| action | does | fields |" in page.read_text())


@pytest.mark.parametrize("name", LISTING)
def test_page_when_it_lists_actions_then_with_all_their_fields_and_the_required_in_bold(name: str) -> None:
    type_ = registry.get(name)
    assert type_
    table = [
        # What is in parentheses explains a field.
        (codes(action)[0], re.sub(r"\([^)]*\)", "", fields))
        for action, _, fields in rows(f"{name}.md", "Actions")
    ]
    listed = {action: codes(fields) for action, fields in table}
    assert listed == {action.name: [field.name for field in action.fields] for action in type_.actions}
    bold = {action: re.findall(r"\*\*`(\w+)`\*\*", fields) for action, fields in table}
    assert bold == {a.name: [field.name for field in a.fields if field.required] for a in type_.actions}


@pytest.mark.parametrize("name", LISTING)
def test_page_when_it_lists_presets_then_with_their_actions_and_triggers(name: str) -> None:
    type_ = registry.get(name)
    assert type_
    listed = [
        (preset, *codes(action), *codes(trigger)) for preset, action, trigger in rows(f"{name}.md", "Presets")
    ]
    assert listed == [(preset.name, preset.action, preset.trigger) for preset in type_.presets]


@pytest.mark.parametrize("name", LISTING)
def test_page_when_it_shows_a_destination_then_the_workspace_file_takes_it(name: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (PAGES / f"{name}.md").read_text(), re.DOTALL)
    shown = [block for block in blocks if block.startswith("- name:")]
    # Members of the one before, if it does not begin one itself.
    more = [textwrap.indent(block, "  ") for block in blocks if block.startswith("mappings:")]
    assert shown
    for text in [*shown, *(shown[0] + block for block in more)]:
        if "…" in text:
            continue  # a secret whose form alone says what it is
        load(HEAD + textwrap.indent(text, "  "), registry)
