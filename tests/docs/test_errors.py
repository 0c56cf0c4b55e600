"""docs/reference/errors.md names every code that the source can produce."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import headwater
from headwater import limits
from headwater.collection import admission
from headwater.processing import validate
from headwater.serve import errors
from headwater.units import KIB, MIB

ROOT = Path(headwater.__path__[0])
PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "errors.md").read_text()

CODE_AT = {
    "InputError": 0,
    "Refusal": 0,
    "Unreadable": 0,
    "ErrorBody": 0,
    "refusal": 1,
    "later": 1,
    "_Refused": 1,
    "_refused": 1,
    "DeadLetter": 3,
}
"""What makes an error → which of its arguments is the code."""

BY_IMPORT = {
    admission.EMPTY_BATCH,
    admission.TOO_MANY_EVENTS,
    *validate._OBJECTS.values(),
    *validate._TEXTS.values(),
    *errors._CODES.values(),
    "invalid_config",
}


def codes_written() -> Iterator[tuple[str, str]]:
    """(code, where) for every literal code in a call that makes an error."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = CODE_AT.get(name)
            if at is None or len(node.args) <= at:
                continue
            code = node.args[at]
            literals = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
            for literal in literals:
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    yield literal.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_page_when_the_source_has_a_code_then_it_is_explained() -> None:
    written = dict(codes_written())
    assert len(written) > 40, "the search has lost its way"
    missing = {code: where for code, where in written.items() if f"`{code}`" not in PAGE}
    assert missing == {}
    assert {code for code in BY_IMPORT if f"`{code}`" not in PAGE} == set()


def test_page_when_it_explains_a_code_then_the_source_has_it() -> None:
    known = {code for code, _ in codes_written()} | BY_IMPORT
    source = "".join(path.read_text() for path in ROOT.rglob("*.py"))
    first_cells = re.findall(r"^\| (?:\d{3} \| )?((?:`\w+`(?:, )?)+) \|", PAGE, flags=re.MULTILINE)
    listed = {code for cell in first_cells for code in re.findall(r"`(\w+)`", cell)}
    assert len(listed) > 60
    assert {code for code in listed - known if f'"{code}"' not in source} == set()


@pytest.mark.parametrize(
    "stated",
    [
        f"{limits.collection.EVENT_BYTES_MAX:,} bytes",
        f"{limits.collection.BATCH_BYTES_MAX:,} bytes",
        f"{limits.collection.BATCH_EVENTS_MAX:,} events",
        f"{limits.processing.PROPERTIES_MAX:,} properties",
        f"{limits.processing.BATCH_SHARED_BYTES_MAX:,} bytes",
        f"longer than {limits.collection.BODY_READ_S_MAX} s",
        f"{limits.collection.REQUESTS_IN_FLIGHT_MAX:,} requests",
        f"query over {limits.collection.PIXEL_QUERY_BYTES_MAX // KIB} KiB",
        f"over {limits.operations.CONTROL_BODY_BYTES_MAX // MIB} MiB",
    ],
)
def test_page_when_it_states_a_bound_then_it_is_the_bound(stated: str) -> None:
    assert stated in PAGE.replace("\n", " ")
