"""How many events come to one value. A reducer keeps nothing itself: its state is a list that it is handed."""

from typing import Any, Final, Protocol, TypeAlias

import msgspec

from headwater import limits
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.values import is_number, number_of, storable, text_of, units_of
from headwater.definitions import ast

State: TypeAlias = list[Any]
"""Plain msgpack."""

_SCALARS: Final = (str, int, float, bool)
_decode = msgspec.json.Decoder().decode


class Reducer(Protocol):
    def start(self) -> State:
        """Of no event."""
        ...

    def add(self, state: State, entry: Entry) -> bool:
        """Whether the result may be another one now. Events come in any order."""
        ...

    def result(self, state: State) -> Any:
        """None: there is no value."""
        ...


class Count:
    """State: [how many]."""

    def start(self) -> State:
        return [0]

    def add(self, state: State, entry: Entry) -> bool:  # noqa: ARG002 - every event counts
        state[0] += 1
        return True

    def result(self, state: State) -> Any:
        return state[0]


class Total:
    """Sum or average. State: [units, how many]; units that no 64 bits hold are text."""

    def __init__(self, path: tuple[str, ...], *, average: bool) -> None:
        self._path = path
        self._is_average = average

    def start(self) -> State:
        return [0, 0]

    def add(self, state: State, entry: Entry) -> bool:
        units = units_of(entry.value(self._path))
        if units is None:
            return False
        self.shift(state, units, 1)
        return True

    def shift(self, state: State, units: int, count: int) -> None:
        total = int(state[0]) + units
        state[0] = total if -_WORD < total < _WORD else str(total)
        state[1] += count

    def result(self, state: State) -> Any:
        if not state[1]:
            return None
        total = number_of(int(state[0]))
        return total / state[1] if self._is_average else total


_WORD: Final = 1 << 63


class Extreme:
    """The smallest or largest. State: [value]."""

    def __init__(self, path: tuple[str, ...], *, largest: bool, text: bool) -> None:
        self._path = path
        self._is_largest = largest
        self._is_text = text

    def read(self, entry: Entry) -> Any:
        """None: it does not count."""
        value = entry.value(self._path)
        if self._is_text:
            return value if value.__class__ is str else None
        return storable(value) if is_number(value) else None

    def start(self) -> State:
        return [None]

    def add(self, state: State, entry: Entry) -> bool:
        value = self.read(entry)
        if value is None or (state[0] is not None and not self.beats(value, state[0])):
            return False
        state[0] = value
        return True

    def beats(self, value: Any, other: Any) -> bool:
        return bool(value > other if self._is_largest else value < other)

    def result(self, state: State) -> Any:
        return state[0]


class Outermost:
    """The first or last. State: [value, effective ms, offset, index]."""

    def __init__(self, path: tuple[str, ...], *, last: bool) -> None:
        self._path = path
        self._is_last = last

    def start(self) -> State:
        return [None, 0, 0, 0]

    def add(self, state: State, entry: Entry) -> bool:
        value = entry.value(self._path)
        if value is None:
            return False
        place = [entry.at_ms, entry.offset, entry.index]
        if state[0] is not None and (state[1:] > place) is self._is_last:
            return False
        state[:] = [storable(value), *place]
        return True

    def result(self, state: State) -> Any:
        return state[0]


class Tally:
    """What depends on how often each value occurs. State: [value → how often]."""

    def __init__(self, aggregate: ast.Aggregate) -> None:
        self._path = aggregate.path
        self._reducer = aggregate.reducer
        self._as_type = aggregate.as_type
        self._least = aggregate.frequency_min

    def start(self) -> State:
        return [{}]

    def add(self, state: State, entry: Entry) -> bool:
        changed = False
        counts: dict[str, int] = state[0]
        for text in self.texts(entry):
            known = counts.get(text, 0)
            if known or len(counts) < limits.COLLECTED_VALUES_MAX:
                counts[text] = known + 1
                changed = True
        return changed

    def texts(self, entry: Entry) -> list[str]:
        """The values of an event that count."""
        value = entry.value(self._path)
        if self._reducer == "most_frequent":
            if self._as_type == "number":
                return [_text(value)] if is_number(value) else []
            takes_items = self._as_type == "array"
        else:
            takes_items = True
        if value.__class__ is list:
            return [_text(item) for item in value if item.__class__ in _SCALARS] if takes_items else []
        return [_text(value)] if value.__class__ in _SCALARS else []

    def result(self, state: State) -> Any:
        counts: dict[str, int] = state[0]
        match self._reducer:
            case "unique_count":
                return len(counts)
            case "unique_list":
                return sorted(counts) or None
            case _:
                return self._most_frequent(counts)

    def _most_frequent(self, counts: dict[str, int]) -> Any:
        best = min(counts, key=lambda text: (-counts[text], text), default=None)
        if best is None or counts[best] < self._least:
            return None
        return storable(_decode(best)) if self._as_type == "number" else best


def _text(value: Any) -> str:
    text = text_of(value)
    assert text is not None, "only text, numbers and booleans count"
    return text


def reducer_of(aggregate: ast.Aggregate) -> Count | Total | Extreme | Outermost | Tally:
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
