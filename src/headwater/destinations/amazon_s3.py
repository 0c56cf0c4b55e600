"""Amazon S3, and stores that speak its protocol: events in files by day and source.

    <prefix>date=2026-01-31/source=website/<received>-<digest>.ndjson.gz

The name says which events are inside (`digest` is of their message ids), so that a batch that is written once
more, because its answer was lost, replaces itself.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Final, Literal
from urllib.parse import quote, urlsplit

import msgspec

from headwater.destinations.kit import aws
from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.exchange import ask_all
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    Batch,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
    Request,
)
from headwater.destinations.kit.sigv4 import signed
from headwater.errors import Problem
from headwater.event import OutboundEvent
from headwater.units import MIB

FILE_EVENTS_MAX: Final = 10_000
FILE_BYTES_MAX: Final = 8 * MIB
"""Of events, before compression. Larger files would be read a little faster; but what waits is held in memory, and
compressing them holds up the other destinations: 8 MiB take 50 ms.
"""
TIMEOUT_S: Final = 30.0

_SUFFIXES: Final = {"ndjson": "ndjson.gz", "parquet": "parquet"}
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class S3Settings(aws.AwsSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    bucket: str
    prefix: str = ""
    """Before every name, as in `events/`."""
    format: Literal["ndjson", "parquet"] = "ndjson"
    """Gzipped JSON, one event a line; or Parquet, columns for what all events have and the whole one in `body`."""
    wait_s: Annotated[float, msgspec.Meta(ge=1, le=300)] = 30.0
    """How long a file may wait for more events."""
    path_style: bool = False
    """The bucket in the path instead of the host's name; always so with `endpoint`."""


def problems(settings: S3Settings) -> list[Problem]:
    found = aws.aws_problems(settings)
    if not _BUCKET.fullmatch(settings.bucket):
        found.append(Problem("expected a bucket: 3 to 63 lower-case letters, digits, - and .", "bucket"))
    if settings.prefix.startswith("/") or not settings.prefix.isprintable() or len(settings.prefix) > 500:
        found.append(Problem("expected at most 500 printable characters that do not begin with /", "prefix"))
    return found


def write_files(settings: S3Settings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        files: dict[tuple[str, str], list[int]] = {}
        for index, item in enumerate(items):
            files.setdefault((_day(item.event), item.event.source), []).append(index)
        answers = yield from ask_all(
            [
                _put(settings, attempt, _name(settings, place, events), _contents(settings, events))
                for place, indexes in files.items()
                if (events := [items[index].event for index in indexes])
            ]
        )
        outcomes = {
            index: aws.aws_outcome(answer)
            for indexes, answer in zip(files.values(), answers, strict=True)
            for index in indexes
        }
        return [outcomes[index] for index in range(len(items))]

    return perform


def _day(event: OutboundEvent) -> str:
    return datetime.fromtimestamp(event.received_at_ms / 1000, UTC).date().isoformat()


def _name(settings: S3Settings, place: tuple[str, str], events: Sequence[OutboundEvent]) -> str:
    day, source = place
    digest = blake2b("\0".join(event.message_id for event in events).encode(), digest_size=12).hexdigest()
    at = datetime.fromtimestamp(events[0].received_at_ms / 1000, UTC).strftime("%H%M%S")
    return f"{settings.prefix}date={day}/source={source}/{at}-{digest}.{_SUFFIXES[settings.format]}"


def _contents(settings: S3Settings, events: Sequence[OutboundEvent]) -> bytes:
    if settings.format == "parquet":
        from headwater.lake.export import parquet

        return parquet(events)
    from isal import igzip

    lines = b"".join(event.body + b"\n" for event in events)
    return bytes(igzip.compress(lines, mtime=0))  # the same bytes for the same events


def _put(settings: S3Settings, attempt: Attempt, name: str, contents: bytes) -> Request:
    headers = {"Content-Type": "application/octet-stream", "User-Agent": "Headwater"}
    url = f"{_bucket_url(settings)}/{quote(name, safe='/~')}"
    return signed(
        Request("PUT", url, headers, contents, TIMEOUT_S),
        aws.credentials(settings, attempt),
        service="s3",
        region=settings.region,
        at_s=attempt.at_s,
    )


def _bucket_url(settings: S3Settings) -> str:
    base = aws.base_url(settings, "s3")
    # A dot in the name would ask for a certificate of a domain below AWS's, which there is not.
    if settings.path_style or settings.endpoint or "." in settings.bucket:
        return f"{base}/{settings.bucket}"
    return f"https://{settings.bucket}.{urlsplit(base).netloc}"


def _test_file(settings: S3Settings, attempt: Attempt) -> Request:
    return _put(settings, attempt, f"{settings.prefix}.headwater", b"")


def _batch(settings: S3Settings) -> Batch:
    return Batch(items_max=FILE_EVENTS_MAX, bytes_max=FILE_BYTES_MAX, wait_s=settings.wait_s, person_order=False)


TYPE = DestinationType(
    name="amazon-s3",
    label="Amazon S3",
    category="storage",
    description="Events in files by day and source, as gzipped JSON lines or Parquet.",
    settings=S3Settings,
    problems=problems,
    test=aws.asks(_test_file),
    access=aws.access(),
    actions=(
        Action(
            name="write_files",
            label="Write files",
            description="Whole events, up to 10,000 in a file.",
            perform=write_files,
            whole_event=True,
            batch=_batch,
        ),
    ),
    presets=(Preset(name="Everything", action="write_files", trigger=EVERYTHING),),
)
