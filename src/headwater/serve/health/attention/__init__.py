"""What needs attention first: rules that look at facts about the platform and say in words what is wrong, why, and
what to do.

A rule takes `Facts` and yields what it finds; it asks nobody anything and knows no clock. `RULES` are all of them,
`attention` puts what they find in order.
"""

from typing import Final

from headwater.serve.health.attention import destinations, platform, sources
from headwater.serve.health.attention.facts import Attention, Facts, Rule, Severity

RULES: Final[tuple[Rule, ...]] = (
    platform.role_down,
    destinations.destination_down,
    destinations.credentials_refused,
    destinations.destination_failing,
    platform.growing_lag,
    platform.disk_filling,
    destinations.dead_letters_of_delivery,
    sources.rate_limited,
    sources.unknown_write_keys,
    sources.silent_source,
    sources.violations_rising,
    platform.old_version,
    platform.broken_definitions,
    destinations.refused_types,
    sources.dead_letters_of_stages,
    platform.quarantined_ids,
    platform.key_beside_data,
)
"""What stands first is told first among what is equally bad."""

_ORDER: Final = {severity: number for number, severity in enumerate(Severity)}


def attention(facts: Facts) -> list[Attention]:
    """Worst first."""
    found = [each for rule in RULES for each in rule(facts)]
    return sorted(found, key=lambda each: _ORDER[each.severity])
