"""The definitions of a workspace together: what each refers to, in which order they can be computed.

In either notation a trait may be one that was sent or one that is computed; only here is known which. So here, and
nowhere else, a `TraitCondition` whose key is a definition's becomes `Computed` or `InAudience`.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from headwater.definitions import ast
from headwater.errors import nearest

Name = tuple[str, str]
"""Collection and key: what no two definitions share."""


class Mistake(NamedTuple):
    name: Name
    message: str
    follows: bool = False
    """Nothing is wrong with it but that another one, to which it refers, has a mistake."""


class Catalogue(NamedTuple):
    definitions: tuple[ast.Definition, ...]
    """References resolved, each after all that it refers to; else in the order in which they were given."""
    mistakes: tuple[Mistake, ...]
    """Why definitions are not among them."""


def catalogue(given: Sequence[ast.Definition], left_out: Iterable[Name] = ()) -> Catalogue:
    """All definitions that refer to what there is, and not in a circle. `left_out`: those that cannot be read."""
    left: dict[Name, ast.Definition] = {(d.collection, d.key): d for d in given}
    gone = set(left_out)
    mistakes: list[Mistake] = []
    while True:  # what is left out is missed by others
        known = {name: definition.is_audience for name, definition in left.items()}
        resolved: dict[Name, ast.Definition] = {}
        wrong: list[Mistake] = []
        for name, definition in left.items():
            resolver = _Resolver(known, gone)
            body: Any = definition.body
            if not isinstance(body, ast.Aggregate):
                body = resolver.condition(body, definition.collection)
            resolved[name] = msgspec.structs.replace(definition, body=body)
            wrong += [Mistake(name, message, follows) for message, follows in resolver.mistakes]
        if not wrong:
            wrong = _circles(resolved)
        if not wrong:
            return Catalogue(tuple(_ordered(resolved)), tuple(mistakes))
        mistakes += wrong
        for mistake in wrong:
            left.pop(mistake.name, None)
            gone.add(mistake.name)


# --- resolving -----------------------------------------------------------------------------------------------


class _Resolver:
    def __init__(self, known: Mapping[Name, bool], gone: Collection[Name]) -> None:
        self._known = known
        """Name → whether it is an audience."""
        self._gone = gone
        self.mistakes: list[tuple[str, bool]] = []
        """Message, and whether it follows from that of another definition."""

    def condition(self, node: ast.Condition, collection: str) -> ast.Condition:
        match node:
            case ast.All(items=items):
                return ast.All(tuple(self.condition(item, collection) for item in items))
            case ast.Any_(items=items):
                return ast.Any_(tuple(self.condition(item, collection) for item in items))
            case ast.Not(item=item):
                return ast.Not(self.condition(item, collection))
            case ast.OfUsers(quantifier=quantifier, condition=inside):
                return ast.OfUsers(quantifier, self.condition(inside, "users"))
            case ast.TraitCondition(segments=(key,)) if (collection, key) in self._known:
                if self._known[collection, key]:
                    return self._membership(node, key)
                return ast.Computed(key, node.operator, node.operands)
            case ast.TraitCondition(segments=(key,)) if (collection, key) in self._gone:
                self._follow(key)
            case ast.Computed(key=key):
                self._check(collection, key, is_audience=False)
            case ast.InAudience(key=key):
                self._check(collection, key, is_audience=True)
        return node

    def _membership(self, node: ast.TraitCondition, key: str) -> ast.Condition:
        """Segment writes `trait('big_spenders') = 'true'`."""
        operand = node.operands[0] if len(node.operands) == 1 else None
        says_yes, says_no = operand is True or operand == "true", operand is False or operand == "false"
        if node.operator in {"=", "!="} and (says_yes or says_no):
            is_in = says_yes == (node.operator == "=")
            return ast.InAudience(key) if is_in else ast.Not(ast.InAudience(key))
        self.mistakes.append((f"{key!r} is an audience; it is only compared with true or false", False))
        return node

    def _follow(self, key: str) -> None:
        self.mistakes.append((f"it refers to {key!r}, which has a mistake of its own", True))

    def _check(self, collection: str, key: str, *, is_audience: bool) -> None:
        found = self._known.get((collection, key))
        what = "audience" if is_audience else "computed trait"
        if found is None and (collection, key) in self._gone:
            self._follow(key)
        elif found is None:
            alike = [k for (c, k), audience in self._known.items() if (c, audience) == (collection, is_audience)]
            self.mistakes.append((f"no {what} {key!r} of {collection}; {nearest(key, alike)}", False))
        elif found is not is_audience:
            other = "a computed trait; ask with `computed`" if is_audience else "an audience; ask with `audience`"
            self.mistakes.append((f"{key!r} is {other}", False))


# --- order ---------------------------------------------------------------------------------------------------


def references(definition: ast.Definition) -> Iterator[Name]:
    """What a definition refers to, as often as it does; traits that were sent are among it."""
    return _references(definition.body, definition.collection)


def _references(node: Any, collection: str) -> Iterator[Name]:
    match node:
        case ast.Computed(key=key) | ast.InAudience(key=key):
            yield collection, key
        case ast.TraitOf(segments=segments):
            yield collection, segments[0]
        case ast.OfUsers():
            collection = "users"
    for field in node.__struct_fields__:
        value = getattr(node, field)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, msgspec.Struct):
                yield from _references(item, collection)


def _circles(definitions: Mapping[Name, ast.Definition]) -> list[Mistake]:
    """A mistake for everyone in a circle, with the circle in full."""
    found: list[Mistake] = []
    done: set[Name] = set()
    for start in definitions:
        way: dict[Name, Iterator[Name]] = {}
        stack = [start] if start not in done else []
        while stack:
            name = stack[-1]
            if name not in way:
                way[name] = iter([other for other in references(definitions[name]) if other in definitions])
            other = next((o for o in way[name] if o not in done), None)
            if other is None:
                done.add(name)
                del way[name]
                stack.pop()
            elif other in way:
                circle = stack[stack.index(other) :]
                text = " → ".join(key for _, key in (*circle, other))
                found += [Mistake(member, f"it depends on itself: {text}") for member in circle]
                done.update(circle)
            else:
                stack.append(other)
    return list({mistake.name: mistake for mistake in found}.values())


def _ordered(definitions: Mapping[Name, ast.Definition]) -> Iterator[ast.Definition]:
    """Of definitions without circles."""
    needed = {name: {o for o in references(d) if o in definitions} for name, d in definitions.items()}
    needed_by: dict[Name, list[Name]] = {name: [] for name in definitions}
    for name, others in needed.items():
        for other in others:
            needed_by[other].append(name)
    place = {name: index for index, name in enumerate(definitions)}
    ready = [(place[name], name) for name, others in needed.items() if not others]
    heapq.heapify(ready)
    while ready:
        _, name = heapq.heappop(ready)
        yield definitions[name]
        for other in needed_by[name]:
            needed[other].discard(name)
            if not needed[other]:
                heapq.heappush(ready, (place[other], other))
