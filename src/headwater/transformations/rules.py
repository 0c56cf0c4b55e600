"""The rules of one scope, in order: those of a source before the lake, or those of a destination at delivery."""

from collections.abc import Iterable
from typing import NamedTuple

from headwater.config.transformations import Transformation
from headwater.config.workspace import Workspace
from headwater.event import CALLS
from headwater.transformations.draft import Draft
from headwater.transformations.rule import DROPPED, HELD_BACK, UNTOUCHED, Result, Rule

Applied = tuple[Rule, Result]


class _OfCall(NamedTuple):
    """What may match an event of one call."""

    unnamed: tuple[Rule, ...]
    """Whatever its name."""
    by_name: dict[str, tuple[Rule, ...]]
    """These and those that ask for just this name."""


class Rules:
    """An event pays only for the rules that its call and its name let through."""

    def __init__(self, definitions: Iterable[Transformation]) -> None:
        rules = [Rule(definition, position) for position, definition in enumerate(definitions)]
        self._by_call = {call: _of_call(rules, call) for call in (*CALLS, "")}

    def __bool__(self) -> bool:
        return any(of.unnamed or of.by_name for of in self._by_call.values())

    def candidates(self, call: str | None, name: str | None) -> tuple[Rule, ...]:
        """Those that may match, in order."""
        unnamed, by_name = self._by_call.get(call or "") or self._by_call[""]
        return by_name.get(name, unnamed) if by_name and name is not None else unnamed

    def apply(self, draft: Draft, candidates: tuple[Rule, ...] | None = None) -> list[Applied]:
        """Change the draft. What each rule did that did anything; nothing follows one that lets the event end."""
        applied: list[Applied] = []
        rules, at = self.candidates(draft.call, draft.name) if candidates is None else candidates, 0
        while at < len(rules):
            rule = rules[at]
            at += 1
            result = rule.apply(draft, fits=True)
            outcome = result.outcome
            if outcome is UNTOUCHED:
                continue
            applied.append((rule, result))
            if outcome is DROPPED or outcome is HELD_BACK:
                break
            if rule.renames:
                rules, at = self.candidates(draft.call, draft.name), 0
                while at < len(rules) and rules[at].position <= rule.position:
                    at += 1
        draft.settle()
        return applied


def _of_call(rules: list[Rule], call: str) -> _OfCall:
    fitting = [
        (rule, rule.condition.required_event if rule.condition else None) for rule in rules if _fits(rule, call)
    ]
    names = {name for _, name in fitting if name is not None}
    return _OfCall(
        tuple(rule for rule, name in fitting if name is None),
        {wanted: tuple(rule for rule, name in fitting if name in {None, wanted}) for wanted in names},
    )


def _fits(rule: Rule, call: str) -> bool:
    required = rule.condition.required_type if rule.condition else None
    return required is None or required == call


def for_everyone(workspace: Workspace) -> tuple[Transformation, ...]:
    """What is applied before the lake."""
    return tuple(t for t in workspace.transformations if t.enabled and not t.destination)


def for_destination(workspace: Workspace, destination: str) -> tuple[Transformation, ...]:
    """What is applied to what this destination is sent."""
    return tuple(t for t in workspace.transformations if t.enabled and t.destination == destination)


def is_about(definition: Transformation, source: str) -> bool:
    return not definition.sources or source in definition.sources


class BySource:
    """The rules of one scope: which of them apply depends on where an event is from. Those that are about every
    source are also about one that the workspace does not have any more.
    """

    def __init__(self, definitions: tuple[Transformation, ...]) -> None:
        self._others = Rules(d for d in definitions if not d.sources)
        self._named = {
            source: Rules(d for d in definitions if is_about(d, source))
            for source in {source for definition in definitions for source in definition.sources}
        }

    def __bool__(self) -> bool:
        return bool(self._others) or any(self._named.values())

    def of(self, source: str) -> Rules:
        return self._named.get(source, self._others)
