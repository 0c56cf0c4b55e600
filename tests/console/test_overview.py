"""The overview: what needs attention is one entry for one thing, and what is old is not shown as new."""

from acceptance.stand import until

from .person import Person
from .running import Running


def test_attention_when_events_fail_for_several_reasons_then_one_entry_leads_to_each(
    platform: Running, admin: Person
) -> None:
    platform.send("wk_backend", "track", {"userId": "ann"})  # without a name
    platform.send("wk_backend", "group", {"userId": "ann"})  # without a group
    platform.track("wk_backend", "ann", "Order Completed", total=20)
    until(lambda: len(platform.ask("GET", "/dead-letters")["data"]) == 2, 60)
    until(lambda: _letters(platform) == 2, 60)
    admin.goes_to("/")
    attention = admin.page.get_by_role("region", name="No urgent issues")
    entry = attention.get_by_role("listitem").filter(has_text="2 events could not be accepted")
    entry.get_by_role("link", name="Review dead letters").wait_for()
    entry.get_by_role("link", name="Event name missing (1)").click()
    admin.heading("Dead letters")
    assert "reason=event_not_defined" in admin.page.url


def test_overview_when_the_platform_does_not_answer_then_it_says_so_until_it_is_back(admin: Person) -> None:
    lost = admin.page.get_by_text("Headwater is not responding")
    admin.page.context.set_offline(True)
    lost.wait_for()
    admin.page.context.set_offline(False)
    lost.wait_for(state="hidden")
    admin.heading("Overview")


def _letters(platform: Running) -> int:
    """As the overview counts them, which keeps what it has counted for half a minute."""
    told = platform.ask("GET", "/overview")["attention"]
    return sum(reason["count"] for each in told if each["rule"] == "dead_letters" for reason in each["reasons"])
