"""What a command has changed in a data folder, in its audit log: as `serve` notes what it is asked for."""

from contextlib import closing
from datetime import UTC, datetime

from headwater.cli.config import author
from headwater.profiles import Platform
from headwater.team.actor import Means
from headwater.team.audit import Entry


def note(platform: Platform, operation: str, subject: str = "") -> None:
    """`operation` is the one of the private API that does the same; of people, no id stands in `subject`."""
    at_ms = int(datetime.now(UTC).timestamp() * 1000)
    with closing(platform.team()) as team:
        team.audit.write(Entry(at_ms, author(), "", None, Means.COMMAND, operation, subject=subject))
