"""Several processes' metrics as one Prometheus exposition.

A family may appear only once in an exposition, so samples of the same family are gathered from all processes and
told apart by a `role` label, and a `worker` label where a role has several processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Source(NamedTuple):
    """One process's exposition, and the labels that tell it from the others."""

    labels: dict[str, str]
    text: str


@dataclass
class _Family:
    type: str
    help: str
    lines: list[str] = field(default_factory=list)


def merge(sources: Sequence[Source]) -> str:
    """One valid exposition. A source that is not valid is left out from where it stops being so; a family that
    processes declare with different types becomes `untyped`, since no single type would be true.
    """
    families: dict[str, _Family] = {}
    for source in sources:
        _add(families, source)
    return "".join(
        f"# HELP {name} {_escape_help(family.help)}\n# TYPE {name} {family.type}\n{''.join(family.lines)}"
        for name, family in sorted(families.items())
    )


def _add(families: dict[str, _Family], source: Source) -> None:
    try:
        for parsed in text_string_to_metric_families(source.text):
            # The parser takes a counter's `_total` off the family's name; in this format it belongs to it.
            name = f"{parsed.name}_total" if parsed.type == "counter" else parsed.name
            kind = "untyped" if parsed.type == "unknown" else parsed.type
            family = families.setdefault(name, _Family(kind, parsed.documentation))
            if family.type != kind:
                family.type = "untyped"
            family.lines += [
                f"{sample.name}{_render_labels(sample.labels, source.labels)} {_number(sample.value)}\n"
                for sample in parsed.samples
            ]
    except ValueError:  # a process that was killed while it answered
        return


def _render_labels(own: dict[str, str], ours: dict[str, str]) -> str:
    # A sample's own label of our name is kept under Prometheus' name for that case.
    labels = {(f"exported_{key}" if key in ours else key): value for key, value in own.items()} | ours
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escape(value)}"' for key, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _escape_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))
