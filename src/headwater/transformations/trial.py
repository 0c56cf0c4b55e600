"""What transformations would do to an event, step by step, with what was before and after."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from headwater.config.transformations import Transformation
from headwater.config.workspace import Workspace
from headwater.transformations.draft import MISSING, BodyDraft
from headwater.transformations.operations import written
from headwater.transformations.rule import DROPPED, HELD_BACK, UNTOUCHED, Rule
from headwater.transformations.rules import for_destination, for_everyone, is_about

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode


class Difference(NamedTuple):
    path: str
    before: Any
    """MISSING where there was, or will be, nothing."""
    after: Any


class TrialStep(NamedTuple):
    transformation: str
    version: int
    destination: str
    """Empty: for everyone."""
    outcome: str
    problem: str
    differences: list[Difference]
    before: bytes
    """The whole event."""
    after: bytes


class Trial:
    """The rules of a workspace, or one of them with those that come before it as the ground it stands on."""

    def __init__(self, workspace: Workspace, only: str = "") -> None:
        if only:  # to be tried before it is enabled
            chosen = tuple(
                msgspec.structs.replace(t, enabled=True) if t.name == only else t
                for t in workspace.transformations
            )
            workspace = msgspec.structs.replace(workspace, transformations=chosen)
        self._workspace = workspace
        self._only = only
        self._compiled: dict[str, Rule] = {}

    def run(self, body: bytes, source: str, *, as_received: bool) -> list[TrialStep]:
        """What each rule would do that does anything. An event that is not `as_received` has been through the
        rules of its time: those that are only the ground are not applied to it again.
        """
        draft = BodyDraft(body)
        steps: list[TrialStep] = []
        ended = False
        for definition in for_everyone(self._workspace):
            if not is_about(definition, source):
                continue
            ended = self._step(definition, draft, steps, as_received=as_received)
            if ended or definition.name == self._only:
                break
        if ended:
            return steps
        for destination in self._workspace.destinations:
            if destination.sources is not None and source not in destination.sources:
                continue
            sent = BodyDraft(draft.body)
            for definition in for_destination(self._workspace, destination.name):
                if not is_about(definition, source):
                    continue
                if self._step(definition, sent, steps, as_received=as_received):
                    break
        return steps

    def _step(
        self, definition: Transformation, draft: BodyDraft, steps: list[TrialStep], *, as_received: bool
    ) -> bool:
        """Apply one rule; whether the event ends with it."""
        is_ground = bool(self._only) and definition.name != self._only
        if is_ground and not as_received:
            return False
        rule = self._compiled.get(definition.name)
        if rule is None:
            rule = self._compiled[definition.name] = Rule(definition, 0)
        before = draft.body
        result = rule.apply(draft)
        if result.outcome != UNTOUCHED and not is_ground:
            after = draft.body
            differences = [*compare(_decode(before), _decode(after))]
            steps.append(
                TrialStep(
                    rule.name,
                    rule.version,
                    definition.destination,
                    result.outcome,
                    result.problem,
                    differences,
                    before,
                    after,
                )
            )
        return result.outcome in {DROPPED, HELD_BACK}


def compare(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Every value that differs, as deep down as objects go."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            inner = f"{path}.{written(name)}" if path else written(name)
            yield from compare(before.get(name, MISSING), after.get(name, MISSING), inner)
    elif before is MISSING or after is MISSING or _encode(before) != _encode(after):
        yield Difference(path, before, after)
