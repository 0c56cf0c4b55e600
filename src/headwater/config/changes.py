"""From the text of a workspace file to a new version: what `plan` and `apply` do, here and behind the API."""

from typing import NamedTuple

from headwater.config.diff import Change, diff, render
from headwater.config.loader import complete, load
from headwater.config.port import ConfigStore, DestinationTypes, Version
from headwater.config.workspace import Workspace


class Plan(NamedTuple):
    workspace: Workspace
    """Complete: write keys that the file leaves out are filled in."""
    changes: list[Change]
    base: int
    """The version that the changes start from; 0: nothing was applied yet."""

    @property
    def text(self) -> str:
        return render(self.changes)


class Applied(NamedTuple):
    version: Version
    changes: list[Change]
    """Empty: the file says what was current already, and no version was made."""

    @property
    def text(self) -> str:
        return render(self.changes)


def plan(store: ConfigStore | None, text: str | bytes, file: str, types: DestinationTypes) -> Plan:
    """What `apply` would change; without a store, compared with nothing. ConfigError when the file is wrong."""
    current = store.current() if store else None
    base = current.number if current else 0
    return plan_after(current.workspace if current else None, base, text, types, file=file)


def plan_after(
    previous: Workspace | None, base: int, text: str | bytes, types: DestinationTypes, *, file: str = ""
) -> Plan:
    """What the file would change of `previous`, which version `base` is, or is but for the names of items."""
    workspace = complete(load(text, types, file=file, previous=previous), previous, base + 1)
    return Plan(workspace, diff(previous, workspace, types), base)


def apply(
    store: ConfigStore, text: str | bytes, file: str, types: DestinationTypes, author: str, note: str = ""
) -> Applied:
    """Make the file the workspace. BusyError when somebody else applied in the meantime: the changes returned
    are exactly those that were made, or none were made.
    """
    planned = plan(store, text, file, types)
    version = store.put(planned.workspace, author=author, note=note, expected=planned.base)
    return Applied(version, planned.changes)
