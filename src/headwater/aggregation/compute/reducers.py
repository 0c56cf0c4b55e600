"""How many events come to one value. A reducer keeps nothing itself: its state is the first items of a list that
it is handed.

Events come in any order, and what they come to does not depend on it.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

import msgspec

from headwater import limits
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.values import is_number, number_of, storable, text_of, units_of
from headwater.definitions import ast

State: TypeAlias = list[Any]
"""Plain msgpack."""

_SCALARS: Final = (str, int, float, bool)
_WORD: Final = 1 << 63
_decode = msgspec.json.Decoder().decode


class Reducer(Protocol):
    def start(self) -> State:
        """Of no event."""
        ...

    def add(self, state: State, entry: Entry) -> bool:
        """Whether the event counts, and the result may be another one now."""
        ...

    def result(self, state: State) -> Any:
        """None: there is no value."""
        ...


class Removing(Reducer, Protocol):
    """One that can take an event back."""

    def counts(self, entry: Entry) -> bool:
        """Whether `add` would do anything."""
        ...

    def remove(self, state: State, entry: Entry) -> None: ...


def reader(path: tuple[str, ...]) -> Callable[[Entry], Any]:
    """The value at a path of an event. Most are properties, right below the top."""
    if len(path) != 2 or path[0] != "properties":
        return lambda entry: entry.value(path)
    name = path[1]

    def read(entry: Entry) -> Any:
        payload = entry.payload
        return (entry.read_payload() if payload is None else payload).get(name)

    return read


class Count:
    """State: [how many]."""

    def start(self) -> State:
        return [0]

    def counts(self, entry: Entry) -> bool:  # noqa: ARG002 - every event does
        return True

    def add(self, state: State, entry: Entry) -> bool:  # noqa: ARG002
        state[0] += 1
        return True

    def remove(self, state: State, entry: Entry) -> None:  # noqa: ARG002
        state[0] -= 1

    def result(self, state: State) -> Any:
        return state[0]


class Total:
    """Sum or average. State: [how many, units]; units that no 64 bits hold are text."""

    def __init__(self, path: tuple[str, ...], *, average: bool) -> None:
        self._read = reader(path)
        self._is_average = average

    def start(self) -> State:
        return [0, 0]

    def counts(self, entry: Entry) -> bool:
        return units_of(self._read(entry)) is not None

    def add(self, state: State, entry: Entry) -> bool:
        units = units_of(self._read(entry))
        if units is None:
            return False
        state[0] += 1
        total = state[1]
        if total.__class__ is str:
            total = int(total)
        total += units
        state[1] = total if -_WORD < total < _WORD else str(total)
        return True

    def remove(self, state: State, entry: Entry) -> None:
        units = units_of(self._read(entry))
        if units is not None:
            state[0] -= 1
            total = int(state[1]) - units
            state[1] = total if -_WORD < total < _WORD else str(total)

    def result(self, state: State) -> Any:
        if not state[0]:
            return None
        total = number_of(int(state[1]))
        return total / state[0] if self._is_average else total


class Extreme:
    """The smallest or largest. State: [value]."""

    def __init__(self, path: tuple[str, ...], *, largest: bool, text: bool) -> None:
        self._read = reader(path)
        self._is_largest = largest
        self._is_text = text

    def value(self, entry: Entry) -> Any:
        """None: it does not count."""
        value = self._read(entry)
        if self._is_text:
            return value if value.__class__ is str else None
        return storable(value) if is_number(value) else None

    def beats(self, value: Any, other: Any) -> bool:
        return bool(value > other if self._is_largest else value < other)

    def start(self) -> State:
        return [None]

    def add(self, state: State, entry: Entry) -> bool:
        value = self.value(entry)
        if value is None or (state[0] is not None and not self.beats(value, state[0])):
            return False
        state[0] = value
        return True

    def result(self, state: State) -> Any:
        return state[0]


class Outermost:
    """The first or last. State: [value, effective ms, offset, index]."""

    def __init__(self, path: tuple[str, ...], *, last: bool) -> None:
        self._read = reader(path)
        self.is_last = last

    def start(self) -> State:
        return [None, 0, 0, 0]

    def counts(self, entry: Entry) -> bool:
        return self._read(entry) is not None

    def add(self, state: State, entry: Entry) -> bool:
        value = self._read(entry)
        if value is None:
            return False
        if state[0] is not None:
            place = [entry.at_ms, entry.offset, entry.index]
            if (state[1:4] > place) is self.is_last:
                return False
        state[:4] = storable(value), entry.at_ms, entry.offset, entry.index
        return True

    def result(self, state: State) -> Any:
        return state[0]


class Tally:
    """What depends on how often each value occurs. State: [value → how often]; at most so many values count."""

    def __init__(self, aggregate: ast.Aggregate) -> None:
        self._read = reader(aggregate.path)
        self.is_frequency = aggregate.reducer == "most_frequent"
        self.is_list = aggregate.reducer == "unique_list"
        self._as_type = aggregate.as_type
        self.least = aggregate.frequency_min

    def start(self) -> State:
        return [{}]

    def counts(self, entry: Entry) -> bool:
        return bool(self.texts(entry))

    def add(self, state: State, entry: Entry) -> bool:
        texts = self.texts(entry)
        for text in texts:
            self.count(state[0], text)
        return bool(texts)

    def remove(self, state: State, entry: Entry) -> None:
        for text in self.texts(entry):
            self.discount(state[0], text)

    def count(self, counts: dict[str, int], text: str) -> None:
        known = counts.get(text, 0)
        if known or len(counts) < limits.compute.COLLECTED_VALUES_MAX:
            counts[text] = known + 1

    def discount(self, counts: dict[str, int], text: str) -> None:
        known = counts.get(text, 0)
        if known > 1:
            counts[text] = known - 1
        else:
            counts.pop(text, None)

    def texts(self, entry: Entry) -> list[str]:
        """The values of an event that count."""
        value = self._read(entry)
        kind = value.__class__
        if self._as_type == "number" and self.is_frequency:
            return [_text(value)] if kind is int or kind is float else []
        if kind is list and (not self.is_frequency or self._as_type == "array"):
            return [_text(item) for item in value if item.__class__ in _SCALARS]
        return [_text(value)] if kind in _SCALARS else []

    def result(self, state: State) -> Any:
        counts: dict[str, int] = state[0]
        if self.is_frequency:
            return self.shown(*self.most_frequent(counts))
        return (sorted(counts) or None) if self.is_list else len(counts)

    def most_frequent(self, counts: dict[str, int]) -> tuple[str, int]:
        """And how often it occurs; of equals the first in order."""
        if not counts:
            return "", 0
        best = min(counts, key=lambda text: (-counts[text], text))
        return best, counts[best]

    def shown(self, text: str, count: int) -> Any:
        """The most frequent value, if it is frequent enough."""
        if not count or count < self.least:
            return None
        return storable(_decode(text)) if self._as_type == "number" else text


def _text(value: Any) -> str:
    text = text_of(value)
    assert text is not None, "only text, numbers and booleans count"
    return text


AnyReducer: TypeAlias = Count | Total | Extreme | Outermost | Tally


def reducer_of(aggregate: ast.Aggregate) -> AnyReducer:
    match aggregate.reducer:
        case "count":
            return Count()
        case "sum" | "avg":
            return Total(aggregate.path, average=aggregate.reducer == "avg")
        case "min" | "max":
            return Extreme(aggregate.path, largest=aggregate.reducer == "max", text=aggregate.as_type == "string")
        case "first" | "last":
            return Outermost(aggregate.path, last=aggregate.reducer == "last")
        case _:
            return Tally(aggregate)
