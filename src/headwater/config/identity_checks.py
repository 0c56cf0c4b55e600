"""What types alone cannot say about identity: each type has one rule, and patterns are patterns."""

import re
from typing import Any, Final

from headwater import limits
from headwater.config.document import Document, join
from headwater.config.patterns import PatternError, found_in

TYPE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
TYPE_RULE: Final = (
    "a type of external id has 1 to 64 of a-z 0-9 _ . - and begins with a letter or digit, as in user_id"
)


def check(document: Document) -> None:
    identity = document.data.get("identity")
    rules = identity.get("external_ids") if isinstance(identity, dict) else None
    owners: dict[str, str] = {}
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        at = f"identity.external_ids[{index}]"
        if index == limits.identity.RULES_MAX:
            document.report(at, f"at most {limits.identity.RULES_MAX} rules")
            return
        if isinstance(rule, dict):
            _check_rule(document, at, rule, owners)


def _check_rule(document: Document, at: str, rule: dict[str, Any], owners: dict[str, str]) -> None:
    type_ = rule.get("type")
    if isinstance(type_, str):
        if not TYPE.match(type_):
            document.report(join(at, "type"), TYPE_RULE)
        elif owners.setdefault(type_, at) != at:
            document.report(join(at, "type"), f"{owners[type_]} is the rule of {type_!r} already")
    _check_length(document, join(at, "block"), rule.get("block"), limits.identity.BLOCKED_VALUES_MAX)
    patterns = rule.get("block_regex")
    if _check_length(document, join(at, "block_regex"), patterns, limits.identity.BLOCK_PATTERNS_MAX):
        for index, pattern in enumerate(patterns or ()):
            try:
                found_in([pattern] if isinstance(pattern, str) else [])
            except PatternError as error:
                document.report(f"{join(at, 'block_regex')}[{index}]", str(error))
    keys = rule.get("keys")
    for index, key in enumerate(keys if isinstance(keys, list) else []):
        if key == "":
            document.report(f"{join(at, 'keys')}[{index}]", "expected the name of a trait or property")


def _check_length(document: Document, at: str, values: Any, most: int) -> bool:
    if not isinstance(values, list):
        return False
    if len(values) > most:
        document.report(at, f"{len(values):,} of them; at most {most:,}")
        return False
    return True
