"""Scenarios in data: what happens to people, step by step, and what must then be so. The files are in
`tests/fixtures/scenarios`.

A scenario has a `workspace` (a destination may be only its name) and `steps`. A step says when it is, does at most
one thing, and says under `expect` what must be so afterwards.

    at: 7d               so long after the beginning (2026-01-01); `wait: 7d`: so long after the step before;
                         without either, a second. With nothing else to do, time passes and nothing arrives
    send: […]            events that arrive in one batch. Each is a track call when it does not say; `ago: 2d` and
                         `ahead: 2d` say how long before or after its arrival it happened. Its messageId is `m`,
                         the number of the record in the log (from 0), `-` and its number in it, when it has none
    apply: {…}           another workspace
    sweep: everybody     bring everybody up to date with it; tell whoever had to wait
    unmerge: {profile: user_id:u1, event: m2-0}
                         undo what this event has merged
    release: type:value  no longer in quarantine

What `expect` may have is EXPECTATIONS. Whatever happens, sizes of audiences are the number of their members,
nothing is a dead letter, and the same log in one batch gives the same profiles.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from world import SECOND, START_MS, World

from headwater.aggregation import decisions, tables
from headwater.aggregation.changes import Change
from headwater.definitions.durations import parse_duration
from headwater.event import OutboundEvent, instant

HOOK: Final = {"type": "webhook", "settings": {"url": "https://example.com/hook"}}
ACTIONS: Final = frozenset({"send", "apply", "sweep", "unmerge", "release"})


class Done(NamedTuple):
    """What one step has brought about."""

    changes: list[Change]
    messages: list[OutboundEvent]


class Player:
    """Plays a scenario in a world of its own."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.world = World(as_text(scenario.get("workspace", {})))
        self.happened: list[tuple[str, Any]] = []
        """What arrived, and what was applied or swept in between, in order."""

    def play(self, step: Mapping[str, Any]) -> Done:
        unknown = step.keys() - ACTIONS - {"at", "wait", "expect"}
        actions = step.keys() & ACTIONS
        assert not unknown, f"a step has no {unknown}"
        assert len(actions) <= 1, "one thing after the other"
        messages, arrived = len(self.world.messages), len(self.world.log)
        (action,) = actions or {"pass"}
        changes = getattr(self, f"_{action}")(step.get(action), self._passed_ms(step))
        self.happened += [("arrived", arrival) for arrival in self.world.log[arrived:]]
        if action in {"apply", "sweep"}:
            self.happened.append((action, step[action]))
        return Done(changes, self.world.messages[messages:])

    def repeat(self, happened: Sequence[tuple[str, Any]]) -> None:
        """The same again, with whatever arrived one after the other in one batch."""
        for what, run in groupby(happened, key=_kind):
            values = [value for _, value in run]
            if what in {"arrived", "decided"}:
                for arrivals in [values] if what == "arrived" else [[each] for each in values]:
                    self.world.take(arrivals)
            elif what == "apply":
                for workspace in values:
                    self.world.apply(as_text(workspace))
            else:
                self.world.sweep()

    def _passed_ms(self, step: Mapping[str, Any]) -> int:
        if "at" in step:
            return START_MS + parse_duration(step["at"]) - self.world.now_ms
        return parse_duration(step["wait"]) if "wait" in step else SECOND

    def _pass(self, _: None, ms: int) -> list[Change]:
        return self.world.wait(ms)

    def _send(self, events: list[dict[str, Any]], ms: int) -> list[Change]:
        return self.world.send(*(_timed(event) for event in events), after_ms=ms)

    def _apply(self, workspace: Mapping[str, Any], ms: int) -> list[Change]:
        self.world.now_ms += ms
        self.world.apply(as_text(workspace))
        return []

    def _sweep(self, _: str, ms: int) -> list[Change]:
        self.world.now_ms += ms
        return self.world.sweep()

    def _unmerge(self, what: Mapping[str, str], ms: int) -> list[Change]:
        world = self.world
        world.now_ms += ms
        (gone,) = {
            each.other
            for each in world.decisions(what["profile"])
            if each.kind == "merged" and each.message_id == what["event"]
        }
        return world.unmerge(what["profile"], what["event"], gone)

    def _release(self, text: str, ms: int) -> list[Change]:
        self.world.now_ms += ms
        self.world.release(text)
        return []


def _kind(happened: tuple[str, Any]) -> str:
    what, value = happened
    return "decided" if what == "arrived" and decisions.stands_alone(value.request) else what


def as_text(workspace: Mapping[str, Any]) -> str:
    """The workspace as a file; JSON is YAML."""
    named = dict(workspace)
    if "destinations" in named:
        named["destinations"] = [
            HOOK | ({"name": each} if isinstance(each, str) else each) for each in named["destinations"]
        ]
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in named.items())


def _timed(event: Mapping[str, Any]) -> dict[str, Any]:
    """With its time as the world has it."""
    given = dict(event)
    for word, sign in (("ago", 1), ("ahead", -1)):
        if word in given:
            given["ago"] = sign * parse_duration(given.pop(word))
    return given


# --- what must be so ------------------------------------------------------------------------------------------


def _collection(text: str) -> str:
    return "accounts" if text.startswith("group_id:") else "users"


def _profiles(world: World, _: Done, __: Any) -> Any:
    """All profiles, each as the list of its external ids."""
    return sorted(sorted(world.ids_of(each)) for letter in tables.COLLECTIONS for each in world.profiles(letter))


def _each(read: Callable[[World, str], Any]) -> Callable[[World, Done, Any], Any]:
    """External id → what is read of its profile."""
    return lambda world, _, wanted: {text: read(world, text) for text in wanted}


def _members(world: World, _: Done, wanted: Iterable[str]) -> Any:
    """Audience → one external id of each member: the user id, if there is one."""
    return {key: sorted(world.name_of(each) for each in world.members(key)) for key in wanted}


def _changes(world: World, done: Done, _: Any) -> Any:
    """What the step has changed, in order: whose, which definition, from what to what, why, and when."""
    return [
        {
            "of": world.name_of(each.profile),
            each.key: [each.previous, each.value],
            "because": each.reason.value,
            "at": instant(each.at_ms),
        }
        for each in sorted(done.changes, key=lambda each: each.at_ms)
    ]


def _told(_: World, done: Done, __: Any) -> Any:
    """The messages that the step has brought about, in order: to whom, which call, about whom, with what."""
    return [as_told(each) for each in done.messages]


def _passed(world: World, _: Done, wanted: Mapping[str, Mapping[str, Any]]) -> Any:
    """Message id → members of the event as it left for destinations and the lake."""
    bodies = {each.event.message_id or "": json.loads(each.body) for each in world.events}
    return {name: {member: bodies[name].get(member) for member in members} for name, members in wanted.items()}


EXPECTATIONS: Final[Mapping[str, Callable[[World, Done, Any], Any]]] = {
    "profiles": _profiles,
    "ids": _each(lambda world, text: sorted(world.ids(text, _collection(text)))),
    "traits": _each(lambda world, text: world.traits(text, _collection(text))),
    "values": _each(lambda world, text: world.values(text, _collection(text))),
    "history": _each(lambda world, text: world.history(text, _collection(text))),
    "decisions": _each(lambda world, text: [each.kind for each in world.decisions(text, _collection(text))]),
    "members": _members,
    "changes": _changes,
    "told": _told,
    "passed": _passed,
    "quarantined": lambda world, _, __: sorted(world.quarantined()),
}


def check(world: World, done: Done, expected: Mapping[str, Any]) -> None:
    for name, wanted in expected.items():
        found = EXPECTATIONS[name](world, done, wanted)
        assert found == wanted, f"{name}: {json.dumps(found)}"


def as_told(message: OutboundEvent) -> dict[str, Any]:
    """A message as scenarios write it."""
    event = json.loads(message.body)
    assert event["integrations"] == {"All": False} | dict.fromkeys(message.destinations or (), True)
    said = "properties" if event["type"] == "track" else "traits"
    name = {"event": event["event"]} if "event" in event else {}
    facts = {key: value for key, value in event[said].items() if key != "email"}
    return {
        "to": ", ".join(message.destinations or ()),
        "call": event["type"],
        "id": _about(event),
        **name,
        said: facts,
    }


def _about(event: Mapping[str, Any]) -> str:
    for member, type_ in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("groupId", "group_id")):
        if member in event:
            return f"{type_}:{event[member]}"
    context = event["context"]
    for named in context.get("externalIds", ()):
        return f"{named['type']}:{named['id']}"
    return f"email:{(event.get('traits') or context['traits'])['email']}"
