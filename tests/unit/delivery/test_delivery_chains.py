"""People who wait behind their own failing events."""

from headwater.delivery.chains import Chains
from headwater.delivery.jobs import Job
from headwater.event import OutboundEvent


def job(person: str, *, attempts: int = 0) -> Job:
    event = OutboundEvent(0, 0, "m", "track", None, None, person, None, None, None, "s", 0, 0, None, None, b"{}")
    return Job("crm", event, attempts, 0, 0, "503")


def test_chains_when_an_event_fails_then_its_person_is_held_until_the_last_job_has_ended() -> None:
    subject = Chains({})
    assert not subject.holds("ann")
    subject.add("ann")
    assert subject.holds("ann"), "before anything is stored"
    subject.add("ann")
    links = [job("ann", attempts=1), job("ann")]
    assert subject.committed(links, links) == []
    assert subject.ended(["ann"]) == ["ann"]
    assert subject.holds("ann")
    assert subject.ended(["ann"]) == []
    assert not subject.holds("ann")


def test_chains_when_a_link_is_stored_after_those_before_it_have_ended_then_it_is_freed() -> None:
    subject = Chains({})
    subject.add("ann")
    subject.committed([job("ann", attempts=1)], [job("ann", attempts=1)])
    subject.add("ann")  # decided on, and on its way to the disk
    assert subject.ended(["ann"]) == []
    assert subject.holds("ann")
    assert subject.committed([job("ann")], [job("ann")]) == ["ann"]
    assert subject.ended(["ann"]) == []
    assert not subject.holds("ann")


def test_chains_when_a_decided_link_is_never_stored_then_nobody_waits_for_it() -> None:
    subject = Chains({})
    subject.add("ann")
    assert subject.committed([job("ann", attempts=1)], []) == []
    assert not subject.holds("ann")


def test_chains_when_the_store_has_jobs_at_the_start_then_their_people_are_held() -> None:
    subject = Chains({"ann": 2})
    assert subject.holds("ann")
    assert subject.ended(["ann", "bob"]) == ["ann"]
    assert subject.ended(["ann"]) == []
    assert not subject.holds("ann")
