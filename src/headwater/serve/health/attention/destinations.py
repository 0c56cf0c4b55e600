"""Destinations that do not take what they are sent."""

from collections.abc import Iterator
from typing import Final

from headwater.serve.health.attention.facts import Attention, Facts, Severity
from headwater.serve.health.attention.words import destination_page, many, many_are, part

REFUSED_CREDENTIALS: Final = frozenset({"401", "403", "OAUTH_REFRESH_FAILED"})
"""Reasons of deliveries that say: not with this key."""

FAILING_SHARE: Final = 0.1

FAILING_ATTEMPTS: Final = 5
"""A destination fails when so many attempts of the last hour, and such a share of them, have failed."""


def destination_down(facts: Facts) -> Iterator[Attention]:
    for each in facts.destinations:
        if each.paused:
            usual = f", most of them in the last hour with {each.reasons[0][0]}" if each.reasons else ""
            yield Attention(
                "destination_down",
                Severity.CRITICAL,
                f"{each.name} is down. {many_are(each.retries, 'event')} waiting to be retried.",
                f"Its last ten delivery attempts failed{usual}. New events wait in the log, in order.",
                "Check that the service is up and its address is right. Delivery resumes by itself.",
                destination_page(each.name, "health"),
                each.name,
            )


def credentials_refused(facts: Facts) -> Iterator[Attention]:
    for each in facts.destinations:
        refused = [(reason, count) for reason, count in each.reasons if reason in REFUSED_CREDENTIALS]
        if refused:
            reason, count = refused[0]
            yield Attention(
                "credentials_refused",
                Severity.CRITICAL,
                f"{each.name} rejects its credentials: {many(count, 'attempt')} failed with {reason} in the last"
                " hour.",
                "The key is wrong, has expired or lacks permission. The rejected events are in the dead letters.",
                "Update the credentials, test the connection, then replay the dead letters.",
                destination_page(each.name, "settings"),
                each.name,
            )


def destination_failing(facts: Facts) -> Iterator[Attention]:
    for each in facts.destinations:
        missed = each.failed + each.retrying
        attempts = missed + each.delivered
        is_told = each.paused or any(reason in REFUSED_CREDENTIALS for reason, _ in each.reasons)
        if is_told or missed < FAILING_ATTEMPTS or missed < FAILING_SHARE * attempts:
            continue
        reason = f", mostly with {each.reasons[0][0]}" if each.reasons else ""
        failed = f"{missed:,} of {many(attempts, 'attempt')} in the last hour failed{reason}"
        if each.delivered and not each.failed and not each.retries:
            severity, what = (
                Severity.NOTICE,
                f"{each.name} was unstable, but has recovered: {failed}.",
            )
            why = "Failed attempts are retried by themselves, until the destination takes the event."
            fix = "If this keeps happening, check the responses in its deliveries."
        else:
            severity = Severity.WARNING if each.delivered else Severity.CRITICAL
            what = f"{each.name} is failing: {failed}."
            why = f"Waiting to be retried: {many(each.retries, 'event')}. Failed for good: {each.failed:,}."
            fix = "Check the responses in its deliveries, fix the settings or the mapping, then replay."
        yield Attention(
            "destination_failing",
            severity,
            what,
            why,
            fix,
            destination_page(each.name, "health"),
            each.name,
        )


def dead_letters_of_delivery(facts: Facts) -> Iterator[Attention]:
    for each in facts.destinations:
        if each.dead_letters:
            yield Attention(
                "dead_letters",
                Severity.WARNING,
                f"{many(each.dead_letters, 'event')} could not be delivered to {each.name}.",
                "The destination rejected them for good, or every retry failed. They are kept until you decide.",
                "Fix the cause, then replay or discard them.",
                f"/dead-letters?stage=delivery&destination={part(each.name)}",
                each.name,
            )


def refused_types(facts: Facts) -> Iterator[Attention]:
    used = {each.type for each in facts.workspace.destinations}
    for name, why in facts.refused_types:
        yield Attention(
            "refused_type",
            Severity.CRITICAL if name in used else Severity.NOTICE,
            f"The destination type {name} of an installed package could not be loaded: {why}.",
            "Destinations of this type receive nothing." if name in used else "No destination uses it.",
            "Fix or uninstall the package, then restart.",
            "/destinations/-/new",
            name,
        )
