"""Where `headwater dead-letters` finds them: over the private API, or in a data folder."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec

from headwater.cli.noting import note
from headwater.cli.target import Local, Remote, find_target, local_data

JSON: Final = "application/json"


class _Source(Protocol):
    """What both can do; answers are those of the private API."""

    def page(self, wanted: dict[str, str], limit: int, cursor: str | None) -> Any: ...
    def one(self, letter: str) -> Any: ...
    def edit(self, letter: str, body: bytes) -> None: ...
    def decide(self, verb: str, choice: dict[str, Any]) -> Any: ...


class Office:
    """Goes on where one call had enough."""

    def __init__(self, source: _Source) -> None:
        self.one = source.one
        self.edit = source.edit
        self._source = source

    def find(self, wanted: dict[str, str], limit: int) -> tuple[list[Any], bool]:
        """The newest that are wanted, and whether there are more."""
        page = self._source.page(wanted, limit, None)
        letters: list[Any] = page["data"]
        while len(letters) < limit and page["next"] is not None:
            page = self._source.page(wanted, limit - len(letters), page["next"])
            letters += page["data"]
        return letters, page["next"] is not None

    def decide(self, verb: str, chosen: dict[str, Any], *, dry_run: bool) -> tuple[int, list[str]]:
        """How many it was done to, and the ids of those that it cannot be done to."""
        count, skipped, cursor = 0, list[str](), None
        while True:
            done = self._source.decide(verb, {**chosen, "cursor": cursor, "dry_run": dry_run})
            count += done["count"]
            skipped += done["skipped"]
            cursor = done["next"]
            if cursor is None:
                return count, skipped


@contextmanager
def office(data: Path | None) -> Iterator[Office]:
    target = find_target(data)
    with ExitStack() as stack:
        yield Office(_OverHttp(target) if isinstance(target, Remote) else _InFolder(target, stack))


class _OverHttp:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def page(self, wanted: dict[str, str], limit: int, cursor: str | None) -> Any:
        return self._remote.get("/dead-letters", **wanted, limit=limit, cursor=cursor)

    def one(self, letter: str) -> Any:
        return self._remote.get(f"/dead-letters/{quote(letter, safe='')}")

    def edit(self, letter: str, body: bytes) -> None:
        self._remote.send("POST", f"/dead-letters/{quote(letter, safe='')}/replay", body, JSON)

    def decide(self, verb: str, choice: dict[str, Any]) -> Any:
        return self._remote.send("POST", f"/dead-letters/{verb}", msgspec.json.encode(choice), JSON)


class _InFolder:
    """Whether or not a platform runs on it."""

    def __init__(self, target: Local, stack: ExitStack) -> None:
        from headwater.serve.letters import dead_letters
        from headwater.serve.letters.dead_letter_office import Office
        from headwater.serve.letters.letter_filter import Filter

        has_state = (local_data(target) / "state").exists()  # else no pipeline has run yet
        platform = target.platform()
        self._platform = platform
        self._views = dead_letters
        self._filter = Filter
        self._office = Office(
            platform.state_view if has_state else None,
            stack.enter_context(closing(platform.collected())),
            stack.enter_context(closing(platform.jobs())),
        )

    def page(self, wanted: dict[str, str], limit: int, cursor: str | None) -> Any:
        chosen = self._filter(**wanted)
        return msgspec.to_builtins(self._views.listed(self._office, chosen, limit=limit, cursor=cursor))

    def one(self, letter: str) -> Any:
        return msgspec.to_builtins(self._views.whole(self._office.one(letter)))

    def edit(self, letter: str, body: bytes) -> None:
        self._office.replay(letter, body)
        note(self._platform, "replay_dead_letter", letter)

    def decide(self, verb: str, choice: dict[str, Any]) -> Any:
        wanted = msgspec.convert(choice, self._views.Choice)
        act = {"replay": self._office.replay_all, "discard": self._office.discard_all}[verb]
        decided = self._views.decide(self._office, act, wanted)
        if not wanted.dry_run:
            note(self._platform, f"{verb}_dead_letters")
        return msgspec.to_builtins(decided)
