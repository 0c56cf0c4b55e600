"""What the pages promise is what the code does."""

import re
from pathlib import Path

import msgspec
import pytest
from prometheus_client import REGISTRY

from headwater.delivery import metrics
from headwater.destinations import registry
from headwater.destinations.kit.model import Delivered, Outcome, Rejected, Response, RetryLater
from headwater.destinations.kit.outcome import http_outcome

PAGES = Path(__file__).parents[3] / "docs" / "destinations"


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first two lines."""
    section = (PAGES / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def test_page_when_a_type_exists_then_it_has_one_and_the_index_names_it() -> None:
    index = (PAGES / "README.md").read_text()
    for name in registry.known_types():
        assert (PAGES / f"{name}.md").exists()
        assert f"[`{name}`]({name}.md)" in index


def test_page_when_types_can_be_asked_to_forget_a_user_then_it_names_just_those() -> None:
    said = (PAGES / "README.md").read_text().split("Those types are ")[1].split(".\n")[0]
    assert codes(said) == [name for name in registry.known_types() if registry.can_delete(name)]


@pytest.mark.parametrize("name", registry.known_types())
def test_page_when_a_setting_exists_then_it_is_explained(name: str) -> None:
    type_ = registry.get(name)
    assert type_
    settings = [field.encode_name for field in msgspec.structs.fields(type_.settings)]
    assert [codes(row[0])[0] for row in rows(f"{name}.md", "Settings")] == settings


def test_page_when_it_shows_python_then_it_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (PAGES / "webhook.md").read_text(), re.DOTALL)
    exec(compile(code, "webhook.md", "exec"), {})


def test_page_when_it_lists_answers_then_they_mean_what_it_says() -> None:
    kinds = {"delivered": Delivered, "dead letter": Rejected, "tried again": RetryLater, "followed": RetryLater}
    expected: dict[int, tuple[type[Outcome], str]] = {}
    for answers, consequence, reason in rows("webhook.md", "The answer"):
        kind = next(kind for word, kind in kinds.items() if consequence.startswith(word))
        for code in codes(answers):
            statuses = range(int(code[0]) * 100, int(code[0]) * 100 + 100) if code.endswith("xx") else [int(code)]
            for status in statuses:
                # Exact statuses go before "other 4xx", wherever they stand.
                if status not in expected or not code.endswith("xx"):
                    expected[status] = kind, codes(reason)[0] if codes(reason) else str(status)
    assert len(expected) == 400
    for status, (kind, reason) in expected.items():
        outcome = http_outcome(Response(status, {}, b"", 0.0))
        assert (type(outcome), outcome.reason) == (kind, reason), status


def test_page_when_a_metric_exists_then_it_is_listed() -> None:
    assert metrics.ATTEMPTS
    registered = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in REGISTRY.collect()
        if metric.name.startswith("headwater_delivery_")
    }
    assert {codes(row[0])[0] for row in rows("README.md", "Metrics")} == registered
