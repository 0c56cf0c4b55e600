"""The external ids that an event carries: where each type is found, and which values are never taken (spec 4.1,
4.2).

An event names the person it is about in many places. What is found there is *promoted*, that is used to find and
to tie together profiles, unless a rule of its type blocks the value. What is blocked stays in the event as it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits
from headwater.aggregation.tables import ExternalId
from headwater.config.identity import ExternalIdRule, Period
from headwater.config.patterns import found_in
from headwater.config.workspace import Workspace
from headwater.flowing import FlowingEvent
from headwater.units import DAY_MS

USER_ID: Final = "user_id"
ANONYMOUS_ID: Final = "anonymous_id"
EMAIL: Final = "email"
GROUP_ID: Final = "group_id"

_PERIODS_MS: Final[dict[Period, int | None]] = {
    Period.EVER: None,
    Period.ANNUALLY: 365 * DAY_MS,
    Period.MONTHLY: 30 * DAY_MS,
    Period.WEEKLY: 7 * DAY_MS,
}

_PERIOD_WORDS: Final = {
    Period.EVER: "",
    Period.ANNUALLY: " within a year",
    Period.MONTHLY: " within 30 days",
    Period.WEEKLY: " within 7 days",
}

_NAMES_SOMEBODY: Final = re.compile(rb'"(?:device|externalIds|traits|groupId|integrations)"').search
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z").match


class _Context(msgspec.Struct, rename="camel", gc=False):
    """The members of a context that may name somebody. Raw: one that is malformed must not hide the others."""

    device: Raw | UnsetType = UNSET
    external_ids: Raw | UnsetType = UNSET
    traits: Raw | UnsetType = UNSET
    group_id: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _GivenId(msgspec.Struct, gc=False):
    """All four members are required: spec 4.1."""

    id: str | int
    type: str
    collection: str
    encoding: str


class _Device(msgspec.Struct, rename="camel", gc=False):
    type: Any = None
    id: Any = None
    advertising_id: Any = None
    ad_tracking_enabled: Any = None
    token: Any = None


_decode_context = msgspec.json.Decoder(_Context).decode
_decode_given = msgspec.json.Decoder(list[Raw]).decode
_decode_one_given = msgspec.json.Decoder(_GivenId).decode
_decode_device = msgspec.json.Decoder(_Device).decode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_decode_any = msgspec.json.Decoder().decode

_UNREADABLE: Final = (msgspec.MsgspecError, RecursionError)


class Rule:
    """What holds for one type of external id."""

    __slots__ = ("_exact", "_matches", "limit", "period_ms", "period_words", "priority", "type")

    def __init__(self, rule: ExternalIdRule, priority: int) -> None:
        self.type = rule.type
        self.priority = priority
        """0 is the highest. Types that nobody has configured share the lowest, in the order of their names."""
        assert rule.limit is not None, "Identity.rule fills it in"
        self.limit = rule.limit
        self.period_words = _PERIOD_WORDS[rule.period]
        self.period_ms = _PERIODS_MS[rule.period]
        """None: for ever."""
        self._exact = frozenset(rule.block)
        self._matches = found_in(rule.block_regex)

    def blocks(self, value: str) -> bool:
        if (
            not value
            or len(value) > limits.identity.EXTERNAL_ID_CHARS_MAX
            or "\0" in value
            or value in self._exact
        ):
            return True
        return self._matches(value)


class Found:
    """What an event names, promoted and in order of priority."""

    __slots__ = ("accounts", "blocked", "users")

    def __init__(self, users: list[ExternalId], accounts: list[ExternalId], blocked: int) -> None:
        self.users = users
        self.accounts = accounts
        self.blocked = blocked
        """Values that were not promoted."""


class ExternalIds:
    """The rules of a workspace, ready to be asked; `Context.built` keeps them."""

    def __init__(self, workspace: Workspace) -> None:
        self._identity = workspace.identity
        configured = self._identity.rules()
        self._rules = {rule.type: Rule(rule, at) for at, rule in enumerate(configured)}
        self._lowest = len(configured)
        self._keys = tuple((rule.type, _spellings(rule.keys)) for rule in configured if rule.keys)
        user_id, anonymous_id = self._rules[USER_ID], self._rules[ANONYMOUS_ID]
        self._is_plain = not self._keys and user_id.priority < anonymous_id.priority
        """Most events name two ids and no more, in this order."""
        self._last_context: Raw | UnsetType = UNSET
        self._last_found = _NOTHING
        self._blocked: dict[ExternalId, bool] = {}

    def rule(self, type_: str) -> Rule:
        rule = self._rules.get(type_)
        if rule is None:  # a type that an event has brought: default limit, lowest priority
            rule = self._rules[type_] = Rule(self._identity.rule(type_), self._lowest)
        return rule

    def of(self, flowing: FlowingEvent) -> Found:
        event = flowing.event
        context = event.context
        if context != self._last_context:  # neighbours mostly share theirs
            self._last_context = context
            self._last_found = _in_context(context)
        there = self._last_found
        is_plain = self._is_plain and event.type == "track" and not there
        if is_plain and event.user_id and event.anonymous_id:
            both = [ExternalId(USER_ID, event.user_id), ExternalId(ANONYMOUS_ID, event.anonymous_id)]
            if not self._blocks(both[0]) and not self._blocks(both[1]):
                return Found(both, self._accounts(event.group_id, there), 0)
        named: list[ExternalId] = []
        if event.user_id:
            named.append(ExternalId(USER_ID, event.user_id))
        if event.anonymous_id:
            named.append(ExternalId(ANONYMOUS_ID, event.anonymous_id))
        if event.type == "alias" and event.previous_id:
            named.append(ExternalId(ANONYMOUS_ID, event.previous_id))
        traits = _payload(flowing) if event.type == "identify" else {}
        email = traits.get("email") or there.traits.get("email")
        if text := _text(email):
            named.append(ExternalId(EMAIL, text))
        named += there.users
        for type_, keys in self._keys:
            places = (traits, there.traits) if event.type == "identify" else (there.traits, _payload(flowing))
            if event.type != "group" and (text := _first(places, keys)):
                named.append(ExternalId(type_, text))
        promoted = [each for each in dict.fromkeys(named) if not self._blocks(each)]
        promoted.sort(key=self._priority)
        blocked = len(set(named)) - len(promoted)
        return Found(promoted, self._accounts(event.group_id, there), blocked)

    def _accounts(self, group_id: str | None, there: "_InContext") -> list[ExternalId]:
        group = group_id or there.group_id
        named = [ExternalId(GROUP_ID, group)] if group else []
        named += there.accounts
        return [each for each in dict.fromkeys(named) if not self._blocks(each)] if named else named

    def _priority(self, external_id: ExternalId) -> tuple[int, str]:
        return self.rule(external_id.type).priority, external_id.type

    def _blocks(self, external_id: ExternalId) -> bool:
        known = self._blocked.get(external_id)
        if known is None:
            if len(self._blocked) >= limits.identity.EXTERNAL_IDS_REMEMBERED:
                self._blocked.clear()
            known = self._blocked[external_id] = self.rule(external_id.type).blocks(external_id.value)
        return known


class _InContext:
    __slots__ = ("accounts", "group_id", "traits", "users")

    def __init__(
        self,
        users: Sequence[ExternalId] = (),
        accounts: Sequence[ExternalId] = (),
        traits: dict[str, Any] | None = None,
        group_id: str = "",
    ) -> None:
        self.users = users
        self.accounts = accounts
        self.traits = traits or {}
        self.group_id = group_id

    def __bool__(self) -> bool:
        return bool(self.users or self.accounts or self.traits or self.group_id)


_NOTHING: Final = _InContext()


def _in_context(raw: Raw | UnsetType) -> _InContext:
    if raw is UNSET or not _NAMES_SOMEBODY(raw):
        return _NOTHING
    context = _decode_context(raw)
    users: list[ExternalId] = []
    accounts: list[ExternalId] = []
    users += _of_device(_read(_decode_device, context.device))
    for item in _read(_decode_given, context.external_ids) or ():
        given = _read(_decode_one_given, item)
        if given is not None and _TYPE(given.type) and given.collection in {"users", "accounts"}:
            (users if given.collection == "users" else accounts).append(ExternalId(given.type, str(given.id)))
    integrations = _read(_decode_object, context.integrations) or {}
    analytics = integrations.get("Google Analytics")
    client_id = _text(analytics.get("clientId")) if isinstance(analytics, dict) else ""
    if client_id:
        users.append(ExternalId("ga_client_id", client_id))
    traits = _read(_decode_object, context.traits)
    return _InContext(users, accounts, traits, _text(_read(_decode_any, context.group_id)))


def _of_device(device: _Device | None) -> Iterable[ExternalId]:
    if device is None or not isinstance(device.type, str):
        return
    system = device.type.lower()
    if system not in {"android", "ios"}:
        return
    if text := _text(device.id):
        yield ExternalId(f"{system}.id", text)
    if device.ad_tracking_enabled is True and (text := _text(device.advertising_id)):
        yield ExternalId(f"{system}.idfa", text)
    if text := _text(device.token):
        yield ExternalId(f"{system}.push_token", text)


def _read(decode: Callable[[Any], Any], raw: Raw | UnsetType) -> Any:
    """None when the member is absent, or is something else than it should be: it then names nobody."""
    if raw is UNSET:
        return None
    try:
        return decode(raw)
    except _UNREADABLE:
        return None


def _payload(flowing: FlowingEvent) -> dict[str, Any]:
    try:
        return flowing.payload()
    except _UNREADABLE:  # 1e999: what nobody can read names nobody
        return {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _spellings(keys: Iterable[str]) -> tuple[str, ...]:
    """Each key in snake_case and in camelCase.

    >>> _spellings(["app_id"]), _spellings(["appId"])
    (('app_id', 'appId'), ('appId', 'app_id'))
    """
    found = []
    for key in keys:
        head, *rest = key.split("_")
        camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
        snake = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), key)
        found += [key, camel, snake]
    return tuple(dict.fromkeys(found))


def _first(places: Iterable[dict[str, Any]], keys: Sequence[str]) -> str:
    for place in places:
        for key in keys:
            if text := _text(place.get(key)):
                return text
    return ""
