"""Destinations that do not take what they are sent."""

from collections.abc import Iterator
from typing import Final

from headwater.serve.health.attention.facts import Attention, Facts, Severity
from headwater.serve.health.attention.words import destination_page, many, part

REFUSED_CREDENTIALS: Final = frozenset({"401", "403", "OAUTH_REFRESH_FAILED"})
"""Reasons of deliveries that say: not with this key."""

FAILING_SHARE: Final = 0.1

FAILING_ATTEMPTS: Final = 5
"""A destination fails when so many attempts of the last hour, and such a share of them, have failed."""


def destination_down(facts: Facts) -> Iterator[Attention]:
    for each in facts.destinations:
        if each.paused:
            said = f" It last said {each.reasons[0][0]}." if each.reasons else ""
            yield Attention(
                "destination_down",
                Severity.CRITICAL,
                f"{each.name} does not answer, and is only probed. Being retried: {many(each.retries, 'event')}.",
                f"Ten attempts in a row had no usable answer.{said} New events wait in the log, in order.",
                "Check that the service is up and its address is right. Delivery goes on by itself.",
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
                f"{each.name} refuses its credentials: {many(count, 'attempt')} in an hour ended with {reason}.",
                "The key is wrong, has expired or does not allow this. What was refused is in the dead letters.",
                "Enter new credentials, test the connection, then replay the dead letters.",
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
        severity = Severity.CRITICAL if not each.delivered else Severity.WARNING
        reason = f", mostly with {each.reasons[0][0]}" if each.reasons else ""
        yield Attention(
            "destination_failing",
            severity,
            f"{each.name} fails: {missed:,} of {many(attempts, 'attempt')} in the last hour{reason}.",
            f"Given up: {many(each.failed, 'event')}. Being retried: {many(each.retries, 'event')}.",
            "Look at the answers in its deliveries; mend settings or mapping, then replay.",
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
                "They were given up after an answer that is final, or after the last attempt. They are kept.",
                "Mend the cause, then replay them; or discard them.",
                f"/dead-letters?stage=delivery&destination={part(each.name)}",
                each.name,
            )


def refused_types(facts: Facts) -> Iterator[Attention]:
    used = {each.type for each in facts.workspace.destinations}
    for name, why in facts.refused_types:
        yield Attention(
            "refused_type",
            Severity.CRITICAL if name in used else Severity.NOTICE,
            f"The destination type {name} of an installed package was refused: {why}.",
            "Destinations of it get nothing." if name in used else "Nothing uses it.",
            "Mend or remove the package, then restart.",
            "/destinations/-/new",
            name,
        )
