"""Each rule about what needs attention: when it speaks, and when it keeps quiet."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from headwater.config.definitions import AudienceDefinition
from headwater.config.workspace import Destination, Source, Workspace
from headwater.processing.totals import HourCount
from headwater.serve.health.attention import RULES, attention
from headwater.serve.health.attention.facts import (
    Attention,
    DestinationFacts,
    Facts,
    LagFacts,
    LetterFacts,
    RoleFacts,
    Severity,
    ViolationFacts,
)
from headwater.serve.health.storage import Storage
from headwater.units import GIB, HOUR_MS

CONSOLE = Path(__file__).parents[3] / "console" / "src"

NOW_MS = 500_000 * HOUR_MS + 1_800_000
THIS_HOUR_MS = NOW_MS // HOUR_MS * HOUR_MS
SHOP = Workspace(
    "shop",
    sources=(Source("website", write_key="wk"),),
    destinations=(Destination("crm", "webhook"),),
)


def facts(**given: Any) -> Facts:
    return Facts(NOW_MS, given.pop("workspace", SHOP), given.pop("version", 3), **given)


def crm(**given: Any) -> DestinationFacts:
    quiet = DestinationFacts("crm", True, False, 0, 0, 100, 0, 0, [])
    return msgspec.structs.replace(quiet, **given)


def kept(**given: Any) -> Storage:
    usual = Storage([], 10 * GIB, 100 * GIB, 50 * GIB, GIB // 10, 500.0, 60.0)
    return msgspec.structs.replace(usual, **given)


def hours(source: str, events: int, *, of: int = 48, until: int = 0) -> list[HourCount]:
    """So many events in each of the last hours, the newest of which lies `until` hours back."""
    return [
        HourCount(THIS_HOUR_MS - ago * HOUR_MS, source, "accepted", events) for ago in reversed(range(until, of))
    ]


def found(**given: Any) -> list[Attention]:
    return attention(facts(**given))


def rules(**given: Any) -> list[tuple[str, Severity]]:
    return [(each.rule, each.severity) for each in found(**given)]


def addresses() -> list[re.Pattern[str]]:
    """Of the console's pages."""
    routes = "".join(each.read_text() for each in sorted(CONSOLE.glob("pages/*/routes.ts")))
    return [re.compile(re.sub(r"\$\w+", "[^/]+", path)) for path in re.findall(r'path: "([^"]+)"', routes)]


def test_attention_when_all_is_well_then_there_is_none() -> None:
    well: dict[str, Any] = {
        "roles": [RoleFacts(name, True, [], 3, 900.0) for name in ("collect", "pipeline", "deliver", "serve")],
        "lags": [LagFacts("collected", "pipeline", 3, 0.1, 2), LagFacts("outbound", "deliver:crm", 0, 0.0, 0)],
        "destinations": [crm()],
        "hours": hours("website", 100),
        "violations": [ViolationFacts("shop", 5, 6.0)],
        "storage": kept(),
    }
    assert found(**well) == []


CRITICAL, WARNING, NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"roles": [RoleFacts("deliver", False, [], None, None)]}, ("role_down", CRITICAL)),
        ({"roles": [RoleFacts("pipeline", True, ["the disk is full"], 3, 60.0)]}, ("role_down", CRITICAL)),
        ({"destinations": [crm(paused=True, retries=7)]}, ("destination_down", CRITICAL)),
        ({"destinations": [crm(failed=1, reasons=[("401", 1)])]}, ("credentials_refused", CRITICAL)),
        ({"destinations": [crm(failed=20, reasons=[("400", 20)])]}, ("destination_failing", WARNING)),
        ({"destinations": [crm(delivered=0, retrying=9)]}, ("destination_failing", CRITICAL)),
        ({"destinations": [crm(retrying=20, retries=3)]}, ("destination_failing", WARNING)),
        ({"destinations": [crm(retrying=20)]}, ("destination_failing", NOTICE)),
        ({"destinations": [crm(dead_letters=3)]}, ("dead_letters", WARNING)),
        ({"letters": [LetterFacts("govern", "unplanned", "website", 3)]}, ("dead_letters", NOTICE)),
        ({"letters": [LetterFacts("update", "poison", "website", 3)]}, ("dead_letters", WARNING)),
        ({"lags": [LagFacts("collected", "pipeline", 900, 70.0, 800)]}, ("lag", WARNING)),
        ({"lags": [LagFacts("outbound", "deliver:crm", 9_000, 1_000.0, 800)]}, ("lag", CRITICAL)),
        ({"violations": [ViolationFacts("shop", 60, 5.0)]}, ("violations_rising", WARNING)),
        ({"hours": hours("website", 100, until=2)}, ("source_silent", WARNING)),
        ({"storage": kept(disk_free_bytes=2 * GIB)}, ("disk", WARNING)),
        ({"storage": kept(disk_free_bytes=GIB // 2, full_in_days=None)}, ("disk", CRITICAL)),
        ({"storage": kept(full_in_days=2.0)}, ("disk", CRITICAL)),
        ({"requests": {("website", "rate_limited"): 4}}, ("rate_limited", WARNING)),
        ({"requests": {("", "unknown_write_key"): 4}}, ("unknown_write_keys", WARNING)),
        ({"quarantined": 2}, ("quarantined", NOTICE)),
        ({"refused_types": [("acme", "it is too old")]}, ("refused_type", NOTICE)),
        ({"refused_types": [("webhook", "it is too old")]}, ("refused_type", CRITICAL)),
        ({"roles": [RoleFacts("deliver", True, [], 2, 600.0)]}, ("old_version", WARNING)),
        ({"has_key_beside_data": True}, ("key_beside_data", NOTICE)),
    ],
)
def test_rule_when_its_case_is_there_then_it_alone_speaks(
    given: dict[str, Any], expected: tuple[str, Severity]
) -> None:
    assert rules(**given) == [expected]
    (said,) = found(**given)
    links = [said.link, *(reason.link for reason in said.reasons)]
    for link in links if said.rule != "key_beside_data" else ():
        assert any(address.fullmatch(urlsplit(link).path) for address in addresses()), link
    for text in (said.what, said.why, said.fix):
        assert text[0].isupper() or text[0].isdigit() or text.startswith(("crm", "website"))
        assert text.endswith(".")


@pytest.mark.parametrize(
    "given",
    [
        {"destinations": [crm(failed=4, reasons=[("400", 4)])]},
        {"destinations": [crm(delivered=10_000, failed=20, reasons=[("400", 20)])]},
        {"lags": [LagFacts("collected", "pipeline", 90_000, 5.0, 800)]},
        {"violations": [ViolationFacts("shop", 19, 0.0)]},
        {"violations": [ViolationFacts("shop", 300, 150.0)]},
        {"hours": hours("website", 100, until=1)},
        {"hours": hours("website", 5, until=3)},
        {"hours": [each for each in hours("website", 100, until=8) if each.hour_ms // HOUR_MS % 24 < 12]},
        {"hours": hours("gone", 100, until=5)},
        {"requests": {("website", "bad_request"): 4}},
        {"roles": [RoleFacts("deliver", True, [], 2, 5.0)]},
        {"has_key_beside_data": True, "workspace": Workspace("shop")},
    ],
)
def test_rule_when_it_is_nothing_special_then_it_keeps_quiet(given: dict[str, Any]) -> None:
    assert found(**given) == []


def test_silence_when_a_source_is_disabled_then_it_is_meant() -> None:
    off = Workspace("shop", sources=(Source("website", write_key="wk", enabled=False),))
    assert found(workspace=off, hours=hours("website", 100, until=5)) == []


def test_lag_when_the_destination_is_down_then_only_that_is_told() -> None:
    behind = [LagFacts("outbound", "deliver:crm", 9_000, 1_000.0, 800)]
    assert rules(lags=behind, destinations=[crm(paused=True)]) == [("destination_down", CRITICAL)]


def test_lag_when_it_gets_smaller_then_that_is_said() -> None:
    (said,) = found(lags=[LagFacts("collected", "pipeline", 700, 1_000.0, 800)])
    assert said.what == "The pipeline is 700 events (16 minutes) behind, and catching up."
    assert said.severity is WARNING


def test_attention_when_much_is_wrong_then_the_worst_comes_first() -> None:
    told = found(
        quarantined=1,
        letters=[LetterFacts("govern", "unplanned", "website", 3)],
        destinations=[crm(dead_letters=2)],
        storage=kept(full_in_days=1.0),
    )
    order = list(Severity)
    assert [each.severity for each in told] == sorted((each.severity for each in told), key=order.index)
    assert told[0].rule == "disk"


def test_dead_letters_when_there_are_several_reasons_then_one_entry_names_them_in_words_most_first() -> None:
    (said,) = found(
        letters=[
            LetterFacts("govern", "unplanned", "website", 1),
            LetterFacts("normalise", "id_required", "backend", 4),
            LetterFacts("govern", "unplanned", "backend", 2),
        ]
    )
    assert (said.what, said.link) == ("7 events could not be accepted.", "/dead-letters")
    assert "backend and website" in said.why
    assert [(each.code, each.count, each.link) for each in said.reasons] == [
        ("id_required", 4, "/dead-letters?stage=normalise&reason=id_required"),
        ("unplanned", 3, "/dead-letters?stage=govern&reason=unplanned"),
    ]
    assert all(each.title and "_" not in each.title for each in said.reasons)


def test_dead_letters_when_some_are_an_error_of_ours_then_these_are_told_first_and_alone() -> None:
    told = found(
        letters=[LetterFacts("govern", "unplanned", "website", 9), LetterFacts("update", "poison", "", 1)]
    )
    assert [(each.severity, len(each.reasons)) for each in told] == [(WARNING, 1), (NOTICE, 1)]
    assert told[0].link == "/dead-letters?stage=update&reason=poison"


def test_definition_when_it_is_broken_then_the_mistake_is_told() -> None:
    broken = AudienceDefinition("vips", where={"trait": "no such", "op": "resembles"})
    (said,) = found(workspace=Workspace("shop", audiences=(broken,)))
    assert (said.rule, said.link) == ("broken_definition", "/audiences/vips")
    assert said.what.startswith("vips cannot be computed: ")


def test_rules_when_listed_then_each_stands_once() -> None:
    assert len(set(RULES)) == len(RULES)
