import math
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from headwater.serve.health.exposition import Source, merge


def exposition(fill: Callable[[CollectorRegistry], object]) -> str:
    registry = CollectorRegistry()
    fill(registry)
    return generate_latest(registry).decode()


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (s.name, frozenset(s.labels.items())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def test_the_same_family_of_two_roles_appears_once_and_keeps_both() -> None:
    text = exposition(
        lambda r: Counter("headwater_events", "Events.", ["source"], registry=r).labels("web").inc(3)
    )
    merged = merge([Source({"role": "collect"}, text), Source({"role": "pipeline"}, text)])
    assert merged.count("# TYPE headwater_events_total counter") == 1
    assert merged.count("# HELP headwater_events_total ") == 1
    assert samples(merged)["headwater_events_total", frozenset({("source", "web"), ("role", "collect")})] == 3
    assert samples(merged)["headwater_events_total", frozenset({("source", "web"), ("role", "pipeline")})] == 3


def test_histograms_keep_their_buckets_together() -> None:
    text = exposition(lambda r: Histogram("t_seconds", "T.", buckets=(0.1, 1), registry=r).observe(0.5))
    merged = merge([Source({"role": "a"}, text), Source({"role": "b"}, text)])
    (family,) = [f for f in text_string_to_metric_families(merged) if f.name == "t_seconds"]
    assert family.type == "histogram"
    assert [s.labels["le"] for s in family.samples if s.name == "t_seconds_bucket"] == ["0.1", "1.0", "+Inf"] * 2


def test_label_values_and_help_with_special_characters_survive() -> None:
    strange = 'back\\slash "quoted"\nnext'
    text = exposition(lambda r: Gauge("g", "First\nsecond \\ third", ["name"], registry=r).labels(strange).set(1))
    merged = merge([Source({"role": "a"}, text)])
    (family,) = text_string_to_metric_families(merged)
    assert family.samples[0].labels == {"name": strange, "role": "a"}
    assert family.documentation == "First\nsecond \\ third"


@pytest.mark.parametrize("value", [math.inf, -math.inf, 0.1, 1e300, -5, 2**53 + 2])
def test_numbers_survive(value: float) -> None:
    text = exposition(lambda r: Gauge("g", "G.", registry=r).set(value))
    assert samples(merge([Source({}, text)]))["g", frozenset()] == value


def test_not_a_number_survives() -> None:
    text = exposition(lambda r: Gauge("g", "G.", registry=r).set(math.nan))
    assert "g NaN\n" in merge([Source({}, text)])


def test_a_family_declared_with_two_types_is_untyped() -> None:
    gauge = exposition(lambda r: Gauge("x", "X.", registry=r).set(1))
    histogram = exposition(lambda r: Histogram("x", "X.", registry=r).observe(1))
    assert "# TYPE x untyped" in merge([Source({"role": "a"}, gauge), Source({"role": "b"}, histogram)])


def test_a_samples_own_role_label_is_kept_under_another_name() -> None:
    text = exposition(lambda r: Gauge("g", "G.", ["role"], registry=r).labels("admin").set(1))
    merged = samples(merge([Source({"role": "serve"}, text)]))
    assert merged == {("g", frozenset({("exported_role", "admin"), ("role", "serve")})): 1}


def test_a_source_that_is_cut_off_harms_only_itself() -> None:
    whole = exposition(lambda r: Gauge("g", "G.", registry=r).set(1))
    merged = merge([Source({"role": "a"}, "# TYPE g gauge\ng 1\ng{brok"), Source({"role": "b"}, whole)])
    assert samples(merged)["g", frozenset({("role", "b")})] == 1


def test_nothing_is_an_empty_exposition() -> None:
    assert merge([]) == ""
    assert merge([Source({"role": "a"}, "")]) == ""
