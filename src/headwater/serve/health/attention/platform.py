"""The platform itself: roles, lag, disk, definitions and identities, the key."""

from collections.abc import Iterator
from typing import Final

from headwater.serve.health.attention.facts import Attention, Facts, Severity
from headwater.serve.health.attention.words import destination_page, duration, many, many_are, part, size
from headwater.units import GIB

LAG_S: Final = 60.0

LAG_CRITICAL_S: Final = 900.0

DISK_DAYS: Final = 14.0

DISK_CRITICAL_DAYS: Final = 3.0

DISK_LEAST_BYTES: Final = 5 * GIB

DISK_CRITICAL_BYTES: Final = GIB

OLD_VERSION_S: Final = 60.0
"""A change is heard of in milliseconds; a role that has just started may still be reading."""


def role_down(facts: Facts) -> Iterator[Attention]:
    what_stops = {
        "collect": "no events are accepted; SDKs keep them and retry for a while",
        "pipeline": "events are stored as they arrive, but not processed",
        "deliver": "nothing is sent to destinations; events wait in the log",
        "serve": "the console and the API do not respond",
    }
    for role in facts.roles:
        if not role.up or role.reasons:
            state = "is down" if not role.up else "is not ready"
            because = f": {'; '.join(role.reasons)}" if role.reasons else ""
            yield Attention(
                "role_down",
                Severity.CRITICAL,
                f"The role {role.name} {state}{because}.",
                f"Meanwhile, {what_stops.get(role.name, 'its work waits')}. Events answered with 200 are safe.",
                f"It is restarted by itself. If it stays down, see the log of {role.name} on the server.",
                "/#roles",
                role.name,
            )


def growing_lag(facts: Facts) -> Iterator[Attention]:
    paused = {each.name for each in facts.destinations if each.paused}
    for lag in facts.lags:
        who = lag.reader.removeprefix("deliver:")
        if lag.seconds < LAG_S or not lag.events or who in paused:
            continue
        is_delivery = lag.reader.startswith("deliver:")
        grows = lag.events_before is not None and lag.events > lag.events_before
        trend = " and falling further behind" if grows else ", and catching up" if lag.events_before else ""
        name = {"pipeline": "The pipeline", "archive": "The lake"}.get(lag.reader, f"Delivery to {who}")
        severity = Severity.CRITICAL if grows and lag.seconds >= LAG_CRITICAL_S else Severity.WARNING
        yield Attention(
            "lag",
            severity,
            f"{name} is {many(lag.events, 'event')} ({duration(lag.seconds)}) behind{trend}.",
            "The destination accepts fewer events per second than arrive."
            if is_delivery
            else "More events arrive than can be processed, or it was down and is catching up.",
            "Raise its pace, or send it fewer events."
            if is_delivery
            else "Let it catch up. If the lag keeps growing, check its log.",
            destination_page(who, "health") if is_delivery else "/#roles",
            who,
        )


def disk_filling(facts: Facts) -> Iterator[Attention]:
    kept = facts.storage
    if kept is None:
        return
    days, free = kept.full_in_days, kept.disk_free_bytes
    is_critical = free < DISK_CRITICAL_BYTES or (days is not None and days < DISK_CRITICAL_DAYS)
    if is_critical or free < DISK_LEAST_BYTES or (days is not None and days < DISK_DAYS):
        until = f", enough for {many(max(1, round(days)), 'day')} at today's rate" if days is not None else ""
        yield Attention(
            "disk",
            Severity.CRITICAL if is_critical else Severity.WARNING,
            f"The disk has {size(free)} left{until}.",
            "When it is full, new events are rejected with 503; SDKs keep and retry them for a while.",
            "Free up space or move the data folder to a larger disk. A shorter retention helps, too.",
            "/settings",
        )


def old_version(facts: Facts) -> Iterator[Attention]:
    for role in facts.roles:
        is_settled = role.up_s is not None and role.up_s > OLD_VERSION_S
        if role.up and is_settled and role.config_version is not None and role.config_version < facts.version:
            yield Attention(
                "old_version",
                Severity.WARNING,
                f"The role {role.name} still uses version {role.config_version} of the workspace; the latest is "
                f"{facts.version}.",
                "It missed a change, or could not apply it.",
                "If this lasts for more than a minute, restart it. Its log says why.",
                "/history",
                role.name,
            )


def broken_definitions(facts: Facts) -> Iterator[Attention]:
    for mistake in facts.workspace.catalogue.mistakes:
        key = mistake.name[1]
        yield Attention(
            "broken_definition",
            Severity.WARNING,
            f"{key} cannot be computed: {mistake.message}.",
            "It was saved by an older version of Headwater. Its last values stay as they are.",
            "Edit or delete it.",
            f"/audiences/{part(key)}"
            if any(each.key == key for each in facts.workspace.audiences)
            else f"/traits/{part(key)}",
            key,
        )


def quarantined_ids(facts: Facts) -> Iterator[Attention]:
    if facts.quarantined:
        yield Attention(
            "quarantined",
            Severity.NOTICE,
            f"{many_are(facts.quarantined, 'external id')} in quarantine.",
            "Too many people shared them, such as a store's device or a test address, so they link no profiles.",
            "Block them in the identity rules, or release the real ones.",
            "/identities?tab=quarantine",
        )


def key_beside_data(facts: Facts) -> Iterator[Attention]:
    if facts.has_key_beside_data and facts.workspace.destinations:
        yield Attention(
            "key_beside_data",
            Severity.NOTICE,
            "The key that encrypts destination credentials is stored next to them, in the data folder.",
            "Whoever gets a copy of the folder, or of its backup, can read the credentials.",
            "Pass the key in `HEADWATER_SECRET_KEY_FILE`, and leave `secret-key` out of backups.",
            "",
        )
