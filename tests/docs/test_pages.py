"""Pages point at things that exist, and show what can be run."""

import re
from pathlib import Path

import pytest
import yaml

from headwater.config.loader import load
from headwater.destinations import registry
from headwater.pipeline import STAGES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text()


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_when_it_links_inside_then_the_target_exists(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_when_it_is_in_the_index_or_beside_then_it_can_be_found(page: Path) -> None:
    linked = {
        (other.parent / target.partition("#")[0]).resolve()
        for other in PAGES
        for target in re.findall(r"\]\(([^)]+)\)", other.read_text())
    }
    assert page.resolve() in linked or page == ROOT / "README.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_when_it_shows_a_whole_workspace_then_it_can_be_applied(page: Path) -> None:
    for example in re.findall(r"^```yaml\n(workspace:.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        assert load(example, registry).workspace


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_when_it_shows_yaml_then_it_is_yaml(page: Path) -> None:
    for example in re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        assert yaml.safe_load(example) is not None


def test_demo_workspace_when_loaded_then_it_is_right() -> None:
    text = (ROOT / "examples" / "shop" / "workspace.yaml").read_text()
    assert load(text, registry, file="workspace.yaml").workspace == "shop"


def test_architecture_when_it_names_a_test_then_there_is_one() -> None:
    named = set(re.findall(r"`(test_\w+)`", ARCHITECTURE))
    written = "\n".join(
        path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts
    )
    assert len(named) > 10
    assert {test for test in named if f"def {test}(" not in written} == set()


def test_architecture_when_there_is_a_folder_then_it_says_what_it_owns() -> None:
    table = ARCHITECTURE.partition("## Where things are")[2].partition("\n## ")[0]
    folders = {path.parent.name for path in (ROOT / "src" / "headwater").glob("*/__init__.py")}
    assert {folder for folder in folders if f"`{folder}/`" not in table} == set()


def test_architecture_when_there_is_a_stage_then_the_path_names_it() -> None:
    for stage in STAGES:
        assert f"{stage.name}:" in ARCHITECTURE
