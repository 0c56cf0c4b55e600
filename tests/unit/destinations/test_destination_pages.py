"""Pages that list actions and presets list those there are, with their fields and events."""

import re

import pytest
from test_destination_docs import PAGES, codes, rows

from headwater.destinations import registry

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
