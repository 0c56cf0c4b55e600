"""Where `headwater audiences` finds them: over the private API, or in a data folder."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec

from headwater.cli.target import Local, Remote, current_workspace, find_target
from headwater.config.workspace import Workspace
from headwater.errors import AbsentError

PAGE: Final = 1_000
"""Lines asked for at once."""


class Source(Protocol):
    """What both can do; answers are those of the private API, as plain data."""

    def workspace(self) -> Workspace: ...
    def audiences(self) -> list[Any]: ...
    def audience(self, key: str, collection: str | None) -> dict[str, Any]: ...
    def sizes(self, key: str, collection: str | None) -> list[Any]: ...
    def members(self, key: str, collection: str | None, traits: str | None, limit: int) -> Iterator[list[Any]]:
        """Without what people would call them, which is for the console: whoever wants it asks for a trait."""
        ...

    def preview(self, section: str, body: dict[str, Any]) -> dict[str, Any]: ...


@contextmanager
def audience_source(data: Path | None) -> Iterator[Source]:
    target = find_target(data)
    if isinstance(target, Remote):
        yield _OverHttp(target)
        return
    workspace = current_workspace(target)
    try:
        state = target.platform().state_view()
    except AbsentError:
        yield _InFolder(target, workspace, None)
        return
    with closing(state):
        yield _InFolder(target, workspace, state)


class _OverHttp:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def workspace(self) -> Workspace:
        return msgspec.convert(self._remote.get("/workspace")["workspace"], Workspace)

    def audiences(self) -> list[Any]:
        return list(self._all("/audiences"))

    def audience(self, key: str, collection: str | None) -> dict[str, Any]:
        found: dict[str, Any] = self._remote.get(_path(key), collection=collection)
        return found

    def sizes(self, key: str, collection: str | None) -> list[Any]:
        return list(self._all(_path(key, "/sizes"), collection=collection))

    def members(self, key: str, collection: str | None, traits: str | None, limit: int) -> Iterator[list[Any]]:
        for page in self._pages(_path(key, "/members"), limit, collection=collection, traits=traits):
            yield [{name: value for name, value in each.items() if name != "name"} for each in page]

    def preview(self, section: str, body: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._remote.send(
            "POST", f"/{section}/-/preview", msgspec.json.encode(body), "application/json"
        )
        return found

    def _all(self, path: str, **query: str | None) -> Iterator[Any]:
        for page in self._pages(path, PAGE, **query):
            yield from page

    def _pages(self, path: str, limit: int, **query: str | None) -> Iterator[list[Any]]:
        cursor = None
        while True:
            page = self._remote.get(path, **query, limit=limit, cursor=cursor)
            yield page["data"]
            cursor = page["next"]
            if cursor is None:
                return


def _path(key: str, rest: str = "") -> str:
    return f"/audiences/{quote(key, safe='')}{rest}"


class _InFolder:
    """Whether or not a platform runs on it."""

    def __init__(self, target: Local, workspace: Workspace, state: Any) -> None:
        self._target = target
        self._workspace = workspace
        self._state = state

    def workspace(self) -> Workspace:
        return self._workspace

    def audiences(self) -> list[Any]:
        from headwater.serve.compute.definitions import audience_lines

        found: list[Any] = msgspec.to_builtins(audience_lines(self._state, self._workspace))
        return found

    def audience(self, key: str, collection: str | None) -> dict[str, Any]:
        from headwater.serve.compute.audiences import find

        found: dict[str, Any] = msgspec.to_builtins(find(self._state, self._workspace, key, collection))
        return found

    def sizes(self, key: str, collection: str | None) -> list[Any]:
        from headwater.serve.compute.audiences import sizes

        self.audience(key, collection)
        page = sizes(self._state, key, since_ms=0, limit=sys.maxsize - 1, cursor=None)
        found: list[Any] = msgspec.to_builtins(page.data)
        return found

    def members(self, key: str, collection: str | None, traits: str | None, limit: int) -> Iterator[list[Any]]:
        from headwater.serve.compute.members import members, trait_keys

        wanted, of = trait_keys(traits), self.audience(key, collection)["collection"]
        cursor = None
        while self._state is not None:
            page = members(self._state, key, of, limit=limit, cursor=cursor, traits=wanted)
            yield msgspec.to_builtins(page.members)
            cursor = page.next
            if cursor is None:
                return

    def preview(self, section: str, body: dict[str, Any]) -> dict[str, Any]:
        from headwater.serve.compute.previews import preview
        from headwater.serve.config.sections import Section

        lake, encoded = self._target.platform().lake(), msgspec.json.encode(body)
        found: dict[str, Any] = msgspec.to_builtins(
            preview(self._state, lake, self._workspace, Section(section), encoded)
        )
        return found
