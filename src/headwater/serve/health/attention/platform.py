"""The platform itself: roles, lag, disk, definitions and identities, the key."""

from collections.abc import Iterator
from typing import Final

from headwater.serve.health.attention.facts import Attention, Facts, Severity
from headwater.serve.health.attention.words import destination_page, duration, many, part, size
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
        "collect": "events are not taken: SDKs keep them and retry for a while",
        "pipeline": "events are stored as they come, and nothing is done with them",
        "deliver": "nothing is sent to destinations; events wait in the log",
        "serve": "the console and the API do not answer",
    }
    for role in facts.roles:
        if not role.up or role.reasons:
            state = "is not running" if not role.up else "cannot do its work"
            because = f": {'; '.join(role.reasons)}" if role.reasons else ""
            yield Attention(
                "role_down",
                Severity.CRITICAL,
                f"The role {role.name} {state}{because}.",
                f"Meanwhile {what_stops.get(role.name, 'its work waits')}. Nothing that was answered 200 is lost.",
                f"See the log of {role.name} on the machine; `headwater up` starts it again by itself.",
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
        trend = ", and further and further" if grows else ", and catching up" if lag.events_before else ""
        name = {"pipeline": "The pipeline", "archive": "The lake"}.get(lag.reader, f"Delivery to {who}")
        severity = Severity.CRITICAL if grows and lag.seconds >= LAG_CRITICAL_S else Severity.WARNING
        yield Attention(
            "lag",
            severity,
            f"{name} is {many(lag.events, 'event')} ({duration(lag.seconds)}) behind{trend}.",
            "The destination takes fewer events a second than arrive."
            if is_delivery
            else "More arrives than is worked off, or the role was down and is catching up.",
            "Raise its pace, or send it less." if is_delivery else "Wait while it catches up; else see the log.",
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
        until = f", which lasts {many(max(1, round(days)), 'day')} at today's rate" if days is not None else ""
        yield Attention(
            "disk",
            Severity.CRITICAL if is_critical else Severity.WARNING,
            f"The disk has {size(free)} left{until}.",
            "On a full disk events are answered 503, and senders keep them as long as they can.",
            "Make room or give the data folder a larger disk; shorter retention of logs and receipts helps, too.",
            "/settings",
        )


def old_version(facts: Facts) -> Iterator[Attention]:
    for role in facts.roles:
        is_settled = role.up_s is not None and role.up_s > OLD_VERSION_S
        if role.up and is_settled and role.config_version is not None and role.config_version < facts.version:
            yield Attention(
                "old_version",
                Severity.WARNING,
                f"The role {role.name} works with version {role.config_version} of the workspace, and "
                f"{facts.version} is the newest.",
                "It has not heard of a change, or could not use it.",
                "Restart it when this stays so for a minute; its log says why.",
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
            "An older version has stored it; its last values stay as they are.",
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
            f"In quarantine, where they tie nothing together: {many(facts.quarantined, 'external id')}.",
            "Too many people shared each of them: a device in a shop, a test address.",
            "Block them in the identity rules, or release those that are real.",
            "/identities?tab=quarantine",
        )


def key_beside_data(facts: Facts) -> Iterator[Attention]:
    if facts.has_key_beside_data and facts.workspace.destinations:
        yield Attention(
            "key_beside_data",
            Severity.NOTICE,
            "The key that encrypts the credentials of destinations lies in the data folder, beside them.",
            "Whoever gets a copy of the folder, or of its back-up, can read them.",
            "Give the key in HEADWATER_SECRET_KEY_FILE, and leave `secret-key` out of back-ups.",
            "/settings",
        )
