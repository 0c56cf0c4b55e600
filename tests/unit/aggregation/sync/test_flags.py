"""How much of what is new is used."""

from hypothesis import given
from hypothesis import strategies as st
from planning import ANN, Platform, audience, change, destination, told, workspace

from headwater.aggregation.sync.connections import DEDUPE_SYNC, SHADOW_SYNC, is_on
from headwater.config.definitions import Connection, Send
from headwater.config.workspace import FLAGS, Flag, Workspace

PROFILES = [b"u" + number.to_bytes(15, "big") for number in range(2_000)]


def flagged(*flags: Flag, tier: str = "") -> Workspace:
    return workspace(flags=flags, tier=tier)


def test_flag_when_it_is_not_listed_then_dedupe_is_on_and_the_shadow_off() -> None:
    assert set(FLAGS) == {DEDUPE_SYNC, SHADOW_SYNC}
    assert is_on(flagged(), DEDUPE_SYNC, ANN)
    assert not is_on(flagged(), SHADOW_SYNC, ANN)


def test_flag_when_it_is_listed_then_it_is_on_unless_switched_off() -> None:
    assert is_on(flagged(Flag(SHADOW_SYNC)), SHADOW_SYNC, ANN)
    assert not is_on(flagged(Flag(DEDUPE_SYNC, enabled=False)), DEDUPE_SYNC, ANN)


def test_flag_when_it_is_for_tiers_then_only_workspaces_of_them_have_it() -> None:
    flag = Flag(DEDUPE_SYNC, tiers=("business", "team"))
    assert is_on(flagged(flag, tier="team"), DEDUPE_SYNC, ANN)
    assert not is_on(flagged(flag, tier="free"), DEDUPE_SYNC, ANN)
    assert not is_on(flagged(flag), DEDUPE_SYNC, ANN)


def test_flag_when_it_is_for_a_share_then_about_so_many_profiles_have_it() -> None:
    configured = flagged(Flag(DEDUPE_SYNC, percentage=25.0))
    assert 400 < sum(is_on(configured, DEDUPE_SYNC, profile) for profile in PROFILES) < 600


def test_flag_when_two_have_the_same_share_then_not_the_same_profiles() -> None:
    configured = flagged(Flag(DEDUPE_SYNC, percentage=50.0), Flag(SHADOW_SYNC, percentage=50.0))
    same = sum(is_on(configured, DEDUPE_SYNC, p) == is_on(configured, SHADOW_SYNC, p) for p in PROFILES)
    assert 900 < same < 1_100


@given(st.sampled_from(PROFILES), st.floats(0, 100), st.floats(0, 100))
def test_flag_when_the_share_grows_then_nobody_loses_it(profile: bytes, one: float, other: float) -> None:
    fewer, more = (flagged(Flag(DEDUPE_SYNC, percentage=share)) for share in sorted([one, other]))
    assert not is_on(fewer, DEDUPE_SYNC, profile) or is_on(more, DEDUPE_SYNC, profile)
    assert is_on(flagged(Flag(DEDUPE_SYNC, percentage=100.0)), DEDUPE_SYNC, profile)
    assert not is_on(flagged(Flag(DEDUPE_SYNC, percentage=0.0)), DEDUPE_SYNC, profile)


def test_dedupe_when_switched_off_while_running_then_every_id_is_told_and_on_again_once() -> None:
    definition = audience(Connection(name="hook", send=(Send.IDENTIFY,)))
    hooks = [destination(dedupes_on="email")]
    off = (Flag(DEDUPE_SYNC, enabled=False),)
    platform = Platform(workspace(definition, destinations=hooks))
    platform.knows(ANN, "user_id:ann", "email:a@x")
    assert [told(m) for m in platform.plan(change())] == ["email:a@x"]
    platform.apply(workspace(definition, destinations=hooks, flags=off))
    assert [told(m) for m in platform.plan(change())] == ["email:a@x", "user_id:ann"]
    platform.apply(workspace(definition, destinations=hooks))
    assert [told(m) for m in platform.plan(change())] == ["email:a@x"]
    assert platform.paths == {"once_changed": 1}
