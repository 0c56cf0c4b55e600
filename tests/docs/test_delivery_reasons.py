"""docs/reference/delivery-reasons.md names every reason that delivery and the destination types can give."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import headwater
from headwater.delivery import jobs_sqlite, reasons, sender
from headwater.delivery.receipts import STATUSES
from headwater.delivery.transports import http, kafka_errors, postgres
from headwater.destinations.kit import outcome

ROOT = Path(headwater.__path__[0])
PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "delivery-reasons.md").read_text()

MAKERS = {"Filtered", "Rejected", "RetryLater", "Failure"}
"""Their first argument is the reason."""

IN_TABLES = {
    *outcome.REASONS.values(),
    *sender.HELD_FOR_PRIVACY.values(),
    *http.MESSAGES,
    *http.LASTING,
    *(reason for _, reason in http.FAILURES),
    *(reason for reason, _ in kafka_errors.REASONS.values()),
    *(reason for _, reason, *_ in postgres.STATES),
    *(reason for _, reason, *_ in postgres.REFUSALS),
    jobs_sqlite.REMOVED,
}


def constants(module: ast.Module) -> dict[str, str]:
    """Names of texts at the top of a module."""
    found = {}
    for node in module.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[target.id] = value.value
    return found


def reasons_written() -> Iterator[tuple[str, str]]:
    """(reason, where) for every one that is written where an outcome is made."""
    for path in sorted([*ROOT.glob("delivery/**/*.py"), *ROOT.glob("destinations/**/*.py")]):
        module = ast.parse(path.read_text())
        named = constants(module)
        for node in ast.walk(module):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            if getattr(node.func, "id", getattr(node.func, "attr", "")) not in MAKERS:
                continue
            reason = node.args[0]
            for either in [reason.body, reason.orelse] if isinstance(reason, ast.IfExp) else [reason]:
                text = either.value if isinstance(either, ast.Constant) else named.get(getattr(either, "id", ""))
                if isinstance(text, str):
                    yield text, f"{path.relative_to(ROOT)}:{node.lineno}"


def listed() -> set[str]:
    """In the first cells of the page's tables."""
    cells = re.findall(r"^\| ((?:`[A-Z0-9_]+`(?:, )?)+) \|", PAGE, flags=re.MULTILINE)
    return {reason for cell in cells for reason in re.findall(r"`(\w+)`", cell)}


def test_page_when_a_reason_can_be_given_then_it_is_explained() -> None:
    written = dict(reasons_written())
    assert len(written) > 20, "the search has lost its way"
    unexplained = {reason: where for reason, where in written.items() if reason not in listed()}
    assert unexplained == {}
    assert {reason for reason in IN_TABLES if reason not in listed()} == set()


def test_page_when_it_explains_a_reason_then_the_source_can_give_it() -> None:
    known = dict(reasons_written()).keys() | IN_TABLES
    modules = [path for path in ROOT.glob("delivery/**/*.py") if path != Path(reasons.__file__)]
    source = "".join(path.read_text() for path in modules)
    assert len(listed()) > 30
    assert {reason for reason in listed() - known if f'"{reason}"' not in source} == set()


def told() -> Iterator[tuple[str, str, str]]:
    """(reason, meaning, what to do) of the page's tables, without links."""
    for codes, rest in re.findall(r"^\| ((?:`[A-Z0-9_]+`(?:, )?)+) \|(.*)\|$", PAGE, flags=re.MULTILINE):
        meaning, *_, advice = (cell.strip() for cell in rest.split("|"))
        for reason in re.findall(r"`(\w+)`", codes):
            yield reason, meaning, re.sub(r"[;:] \[[^]]*\]\([^)]*\)$", "", advice)


def test_page_when_a_reason_is_explained_then_in_the_words_that_the_api_has() -> None:
    assert list(told()) == [(each.reason, each.meaning, each.advice) for each in reasons.EXPLAINED]


def test_page_when_there_is_a_status_then_it_is_explained() -> None:
    assert [status for status in STATUSES if f"| `{status}` |" not in PAGE] == []
