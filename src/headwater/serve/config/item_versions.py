"""How one tracking plan or transformation has become what it is: the versions of the workspace that changed it.

Each says which version brought it as it is (`version`), and so does what it was before that: a chain from change
to change, however many versions of the workspace lie between.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import get

from headwater import limits
from headwater.config.diff import Change, diff
from headwater.config.port import ConfigStore
from headwater.config.tracking_plans import TrackingPlan
from headwater.config.transformations import Transformation
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.errors import NotFoundError, nearest
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.pages import Cursor, Page, place

PER_PAGE: Final = 20
"""Each opens two versions of the workspace, which may be megabytes."""

_NOTHING: Final = Workspace("")

Versioned = TrackingPlan | Transformation


class ItemVersion(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace."""
    at: datetime
    author: str
    note: str
    name: str
    """What it was called."""
    is_first: bool
    """It came with this version, or what it was before is too old to be kept: then there are no changes."""
    changes: list[Change]
    """Paths inside it, secrets masked; at most limits.govern.ITEM_CHANGES_MAX."""
    more_changes: int
    """How many there are beyond that."""


def versions_of(
    config: ConfigStore, section: Section, name: str, *, start: int | None = None, limit: int = PER_PAGE
) -> tuple[list[ItemVersion], int | None]:
    """Newest first, from the version `start` on, which must be one that changed it; and where to go on.
    NotFoundError when there is no such item, or was none then.
    """
    found: list[ItemVersion] = []
    number = _current(config, section, name).version if start is None else start
    while number and len(found) < limit:
        version = config.get(number)
        if version is None:  # too old to be kept
            return found, None
        item = _of_version(version.workspace, section, name, number)
        earlier = config.get(number - 1) if number > 1 else None
        before = _named(earlier.workspace, section, item.name) if earlier else None
        changes = _changes(section, before, item) if before else []
        shown = changes[: limits.govern.ITEM_CHANGES_MAX]
        found.append(
            ItemVersion(
                *version[:4],
                name=item.name,
                is_first=before is None,
                changes=shown,
                more_changes=len(changes) - len(shown),
            )
        )
        number, name = (before.version, before.name) if before else (0, name)
    return found, number or None


def _current(config: ConfigStore, section: Section, name: str) -> Versioned:
    version = config.current()
    workspace = version.workspace if version else Workspace("")
    item = _named(workspace, section, name)
    if item is None:
        known = [item.name for item in _items(workspace, section)]
        raise NotFoundError(f"there is no {section.noun} {name!r}; {nearest(name, known)}")
    return item


def _items(workspace: Workspace, section: Section) -> tuple[Versioned, ...]:
    return workspace.tracking_plans if section is Section.TRACKING_PLANS else workspace.transformations


def _named(workspace: Workspace, section: Section, name: str) -> Versioned | None:
    return next((item for item in _items(workspace, section) if item.name == name), None)


def _of_version(workspace: Workspace, section: Section, name: str, number: int) -> Versioned:
    """The item as this version brought it. Another name alone makes no new version of it."""
    item = _named(workspace, section, name)
    if item is None:
        brought = [item for item in _items(workspace, section) if item.version == number]
        item = brought[0] if len(brought) == 1 else None
    if item is None:
        raise NotFoundError(f"version {number} of the workspace has no {section.noun} {name!r}")
    return item


def _changes(section: Section, before: Versioned, after: Versioned) -> list[Change]:
    """What differs, by paths inside it."""
    old, new = (msgspec.structs.replace(_NOTHING, **{section.value: (item,)}) for item in (before, after))
    prefix = f"{section}[{after.name}]"
    return [
        msgspec.structs.replace(change, path=change.path.removeprefix(prefix).removeprefix("."))
        for change in diff(old, new, registry)
    ]


async def _page(desk: Desk, section: Section, name: str, cursor: str | None) -> Page[ItemVersion]:
    start = place(cursor, numbers=1)
    found, more = await desk.call(
        lambda: versions_of(desk.config, section, name, start=start[0] if start else None)
    )
    return Page(found, str(more) if more else None)


@get("/tracking-plans/{name:str}/versions", responses=NAMED_ERRORS)
async def list_plan_versions(desk: Desk, name: str, cursor: Cursor = None) -> Page[ItemVersion]:
    """What has changed in a plan, when, and by whom; newest first, as far back as versions are kept."""
    return await _page(desk, Section.TRACKING_PLANS, name, cursor)


@get("/transformations/{name:str}/versions", responses=NAMED_ERRORS)
async def list_transformation_versions(desk: Desk, name: str, cursor: Cursor = None) -> Page[ItemVersion]:
    """The same of a transformation."""
    return await _page(desk, Section.TRANSFORMATIONS, name, cursor)


HANDLERS: Final[list[Callable[..., Any]]] = [list_plan_versions, list_transformation_versions]
