"""Whose event it is: the test vectors of spec 4.18, and what stands in the way of runaway merges."""

import pytest
from world import DAY, World, identify, track

from headwater import limits


def test_resolve_when_nobody_is_known_then_the_event_makes_a_profile() -> None:
    world = World()
    world.send(track("Seen", anonymous="a1"))
    assert world.ids("anonymous_id:a1") == {"anonymous_id:a1"}
    assert [each.kind for each in world.decisions("anonymous_id:a1")] == ["created"]


def test_resolve_when_a_known_device_signs_in_then_the_user_id_is_attached() -> None:
    world = World()
    world.send(track("Seen", anonymous="a1"))
    made = world.owner("anonymous_id:a1")
    world.send(track("Signed In", "u1", anonymous="a1"))
    assert world.owner("user_id:u1") == made
    assert world.ids("user_id:u1") == {"anonymous_id:a1", "user_id:u1"}


def test_resolve_when_an_event_ties_two_profiles_then_the_older_one_stays() -> None:
    world = World()
    world.send(track("Seen", "u1", anonymous="a1"))
    older = world.owner("user_id:u1")
    world.send(track("Seen", anonymous="a2"))
    younger = world.owner("anonymous_id:a2")
    world.send(track("Signed In", "u1", anonymous="a2"))
    assert world.profiles() == [older]
    assert world.ids("user_id:u1") == {"anonymous_id:a1", "anonymous_id:a2", "user_id:u1"}
    (merged,) = [each for each in world.decisions("user_id:u1") if each.kind == "merged"]
    assert (merged.other, merged.message_id) == (younger, "m2-0")
    assert ([":".join(i) for i in merged.ids], [":".join(i) for i in merged.other_ids]) == (
        ["user_id:u1"],
        ["anonymous_id:a2"],
    )


def test_resolve_when_a_second_user_uses_the_device_then_the_device_stays_with_the_first() -> None:
    world = World()
    world.send(track("Seen", "u1", anonymous="a1"))
    world.send(track("Seen", "u2", anonymous="a1"))
    assert world.ids("user_id:u1") == {"anonymous_id:a1", "user_id:u1"}
    assert world.ids("user_id:u2") == {"user_id:u2"}
    assert [each.kind for each in world.decisions("user_id:u2")] == ["created", "demoted"]
    assert world.decisions("user_id:u2")[1].rule == "a profile has at most 1 user_id, it would have 2"


def test_resolve_when_devices_come_before_users_then_the_second_user_is_left_out() -> None:
    world = World("identity: {external_ids: [{type: anonymous_id}, {type: user_id}]}")
    world.send(track("Seen", "u1", anonymous="a1"))
    world.send(track("Seen", "u2", anonymous="a1"))
    assert world.ids("anonymous_id:a1") == {"anonymous_id:a1", "user_id:u1"}
    assert world.history("anonymous_id:a1") == ["m0-0", "m1-0"]


def test_resolve_when_a_second_user_sends_the_email_then_it_stays_with_the_first() -> None:
    world = World()
    world.send(identify("u1", email="e@x.org"))
    world.send(identify("u2", email="e@x.org"))
    assert world.ids("user_id:u1") == {"user_id:u1", "email:e@x.org"}
    assert world.ids("user_id:u2") == {"user_id:u2"}


def test_resolve_when_a_limit_is_reached_then_the_new_value_is_not_attached() -> None:
    world = World()
    for number in range(6):
        world.send(identify("u1", email=f"e{number}@x.org"))
    assert world.ids("user_id:u1") == {"user_id:u1", *(f"email:e{number}@x.org" for number in range(5))}
    assert world.history("user_id:u1") == [f"m{number}-0" for number in range(6)]


def test_resolve_when_a_limit_is_weekly_then_only_the_values_of_that_week_count() -> None:
    world = World("identity: {external_ids: [{type: email, limit: 1, period: weekly}]}")
    world.send(identify("u1", email="e1@x.org"))
    world.send(identify("u1", email="e2@x.org"), after_ms=DAY)
    assert "email:e2@x.org" not in world.ids("user_id:u1")
    world.send(identify("u1", email="e3@x.org"), after_ms=7 * DAY)
    assert "email:e3@x.org" in world.ids("user_id:u1")


@pytest.mark.parametrize("value", ["0000-000", "null", "-1", "anonymous", "undefined", "x" * 501])
def test_resolve_when_a_value_is_blocked_then_nobody_is_known_by_it(value: str) -> None:
    world = World()
    world.send(track("Seen", value, anonymous="a1"))
    world.send(track("Seen", value, anonymous="a2"))
    assert world.ids("anonymous_id:a1") == {"anonymous_id:a1"}
    assert world.ids("anonymous_id:a2") == {"anonymous_id:a2"}


def test_resolve_when_nothing_is_promoted_then_the_event_goes_on_without_a_profile() -> None:
    world = World()
    world.send(track("Seen", "null"))
    assert world.profiles() == []
    assert [each.profile_id for each in world.events] == [None]


DEVICE = {"type": "android", "id": "d1", "advertisingId": "ad1", "token": "t1"}
EXTERNAL = {"id": "p1", "type": "phone", "collection": "users", "encoding": "none"}


@pytest.mark.parametrize(
    ("context", "found"),
    [
        (
            {"device": DEVICE | {"adTrackingEnabled": True}},
            {"android.id:d1", "android.idfa:ad1", "android.push_token:t1"},
        ),
        ({"device": DEVICE | {"adTrackingEnabled": False}}, {"android.id:d1", "android.push_token:t1"}),
        ({"device": DEVICE | {"type": "ios"}}, {"ios.id:d1", "ios.push_token:t1"}),
        ({"device": DEVICE | {"type": "toaster"}}, set()),
        ({"device": "phone"}, set()),
        ({"externalIds": [EXTERNAL]}, {"phone:p1"}),
        ({"externalIds": [EXTERNAL | {"id": 17}]}, {"phone:17"}),
        ({"externalIds": [{k: v for k, v in EXTERNAL.items() if k != "encoding"}]}, set()),
        ({"externalIds": [EXTERNAL | {"type": "Phone"}]}, set()),
        ({"externalIds": [EXTERNAL | {"collection": "things"}]}, set()),
        ({"externalIds": "many"}, set()),
        ({"externalIds": [EXTERNAL, 1, None]}, {"phone:p1"}),
        ({"traits": {"email": "e@x.org"}}, {"email:e@x.org"}),
        ({"traits": {"email": ["e@x.org"]}}, set()),
        ({"integrations": {"Google Analytics": {"clientId": "ga1"}}}, {"ga_client_id:ga1"}),
        ({"integrations": {"Google Analytics": True}}, set()),
    ],
)
def test_resolve_when_ids_are_in_the_context_then_those_of_the_spec_are_found(
    context: object, found: set[str]
) -> None:
    world = World()
    world.send({**track("Seen", "u1"), "context": context})
    assert world.ids("user_id:u1") == {"user_id:u1", *found}


def test_resolve_when_a_key_is_configured_then_both_spellings_are_read() -> None:
    world = World("identity: {external_ids: [{type: app_id, keys: [app_id]}]}")
    world.send(track("Seen", "u1", appId="x1"))
    world.send(identify("u1", app_id="x2"))
    assert world.ids("user_id:u1") == {"user_id:u1", "app_id:x1", "app_id:x2"}


def test_resolve_when_an_event_opts_out_then_it_belongs_to_no_profile() -> None:
    world = World()
    world.send({**track("Seen", "u1"), "integrations": {"Personas": False}})
    assert world.profiles() == []


def test_resolve_when_an_alias_names_a_device_then_it_is_attached() -> None:
    world = World()
    world.send(track("Seen", anonymous="a1"))
    world.send({"type": "alias", "userId": "u1", "previousId": "a1"})
    assert world.ids("user_id:u1") == {"user_id:u1", "anonymous_id:a1"}


def test_resolve_when_an_alias_names_another_user_then_the_limit_of_user_ids_holds() -> None:
    world = World()
    world.send(track("Seen", "u1"))
    world.send({"type": "alias", "userId": "u2", "previousId": "u1"})
    world.send({"type": "alias", "userId": "u1", "previousId": "u2"})
    assert world.owner("user_id:u1") != world.owner("user_id:u2")


def test_resolve_when_two_user_ids_are_allowed_then_cyclic_aliases_make_one_profile() -> None:
    world = World("identity: {external_ids: [{type: user_id, limit: 3}]}")
    for one, other in (("u1", "u2"), ("u2", "u3"), ("u3", "u1")):
        world.send(track("Seen", one))
        world.send({"type": "alias", "userId": one, "previousId": other})
        world.send({"type": "alias", "userId": other, "previousId": one})
    assert world.ids("user_id:u1") >= {"user_id:u1", "user_id:u2", "user_id:u3"}
    assert len(world.profiles()) == 1


def test_resolve_when_one_event_ties_many_profiles_then_all_become_one() -> None:
    world = World("identity: {external_ids: [{type: anonymous_id, limit: 100}, {type: device, limit: 100}]}")
    for number in range(25):
        world.send(
            {
                **track("Seen", anonymous=f"a{number}"),
                "context": {"externalIds": [EXTERNAL | {"type": "device", "id": f"d{number}"}]},
            }
        )
    assert len(world.profiles()) == 25
    everything = [EXTERNAL | {"type": "device", "id": f"d{number}"} for number in range(25)]
    world.send({**track("Tied", "u1"), "context": {"externalIds": everything}})
    assert len(world.profiles()) == 1
    assert len(world.ids("user_id:u1")) == 51
    assert world.row("user_id:u1").merges == 24
    assert len(world.history("user_id:u1")) == 26


def test_resolve_when_a_profile_has_merged_often_enough_then_it_merges_no_more() -> None:
    world = World("identity: {merges_max: 2, external_ids: [{type: user_id}, {type: anonymous_id, limit: 100}]}")
    for number in range(4):
        world.send(track("Seen", anonymous=f"a{number}"))
        world.send(track("Signed In", "u1", anonymous=f"a{number}"))
    assert world.row("user_id:u1").merges == 2
    assert world.owner("anonymous_id:a3") != world.owner("user_id:u1")
    assert len(world.history("user_id:u1")) == 7


def test_resolve_when_many_people_share_a_device_then_it_is_quarantined_with_a_reason() -> None:
    world = World()
    people = limits.identity.CONFLICTS_MAX + 5
    for number in range(people):
        world.send(track("Seen", f"u{number}", anonymous="kiosk"))
    assert len(world.profiles()) == people
    kinds = [each for each in world.decisions("anonymous_id:kiosk") if each.kind == "quarantined"]
    assert [each.rule for each in kinds] == [
        "refused at 10 other profiles; the last time: a profile has at most 1 user_id, it would have 2"
    ]
    world.send(track("Seen", anonymous="kiosk"))
    assert world.history("user_id:u0") == ["m0-0", f"m{people}-0"]
    world.send(track("Seen", "somebody new", anonymous="kiosk"))
    assert world.ids("user_id:somebody new") == {"user_id:somebody new"}


def test_resolve_when_the_batch_is_split_anywhere_then_it_decides_the_same() -> None:
    events = [
        track("Seen", anonymous="a1"),
        track("Seen", "u1", anonymous="a1"),
        track("Seen", anonymous="a2"),
        identify("u1", anonymous="a2", email="e@x.org"),
        identify("u2", anonymous="a1", email="e@x.org"),
        track("Seen", "u2"),
    ]
    dumps = []
    for size in (1, 2, 3, 6):
        world = World()
        arrivals = []
        for event in events:
            world.now_ms += 1_000
            arrivals.append(world.arrival(event))
        for at in range(0, len(arrivals), size):
            world.take(arrivals[at : at + size])
        dumps.append(world.dump())
    assert all(dump == dumps[0] for dump in dumps)
