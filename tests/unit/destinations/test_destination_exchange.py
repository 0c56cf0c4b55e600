"""Pieces of exchanges: who may share a request, and who takes no part in one."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from talk import converse, outbound

from headwater.destinations.kit.answers import besides
from headwater.destinations.kit.exchange import ask, json_request, rounds
from headwater.destinations.kit.model import Delivered, Exchange, Item, Outcome, Rejected, Response

EVENT = outbound()


def items(*names: str) -> list[Item]:
    return [Item(EVENT, {"name": name}, f"{index}") for index, name in enumerate(names)]


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_rounds_when_keys_repeat_then_each_round_has_a_key_once_and_none_overtakes(names: list[str]) -> None:
    found = rounds(items(*names), lambda item: item.payload["name"])
    seen = defaultdict(list)
    for indexes in found:
        assert len({names[index] for index in indexes}) == len(indexes)
        for index in indexes:
            seen[names[index]].append(index)
    assert sorted(index for indexes in found for index in indexes) == list(range(len(names)))
    assert all(indexes == sorted(indexes) for indexes in seen.values())
    # No more requests than the commonest key needs.
    assert len(found) == max((names.count(name) for name in names), default=0)


@given(st.lists(st.booleans(), max_size=12))
def test_besides_when_some_are_refused_beforehand_then_only_the_others_are_asked_with(good: list[bool]) -> None:
    asked: list[list[Item]] = []

    def ask_rest(rest: list[Item]) -> Exchange:
        asked.append(rest)
        yield from ask(json_request("POST", "https://a.example", {}))
        return [Delivered(item.key) for item in rest]

    why = Rejected("BAD_REQUEST")
    everybody = items(*map(str, good))
    refused = {index: why for index, is_good in enumerate(good) if not is_good}
    calls, outcomes = converse(besides(everybody, refused, ask_rest), lambda _: Response(200, {}, b"", 0.0))
    expected: list[Outcome] = [Delivered(str(index)) if ok else why for index, ok in enumerate(good)]
    assert outcomes == expected
    assert len(calls) == len(asked) == (1 if any(good) else 0)
