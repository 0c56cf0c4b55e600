"""What a file says about tracking plans, beyond its shape: names, references and every schema."""

from collections.abc import Iterator
from typing import Any

from headwater import limits
from headwater.config.document import Document, join
from headwater.config.json_schema import compiled
from headwater.config.schema_graph import SchemaError
from headwater.config.tracking_plans import RuleType
from headwater.errors import nearest

NAMED = (RuleType.TRACK, RuleType.PAGE, RuleType.SCREEN)


def check_tracking_plans(document: Document) -> None:
    """Report what is wrong with plans, and with what sources say about them."""
    data = document.data
    sources = {item["name"] for _, item in _mappings(data, "sources") if isinstance(item.get("name"), str)}
    destinations = {n["name"] for _, n in _mappings(data, "destinations") if isinstance(n.get("name"), str)}
    plans: set[str] = set()
    for path, plan in _mappings(data, "tracking_plans"):
        if isinstance(name := plan.get("name"), str):
            plans.add(name)
        check_plan(document, path, plan)
        _check_forwarding(document, join(path, "controls"), plan.get("controls"), sources)
    for path, source in _mappings(data, "sources"):
        plan_name = source.get("tracking_plan")
        if isinstance(plan_name, str) and plan_name and plan_name not in plans:
            at = join(path, "tracking_plan")
            document.report(at, f"no tracking plan {plan_name!r}; {nearest(plan_name, plans)}")
        if source.get("controls") is not None and not plan_name:
            document.report(join(path, "controls"), "controls say what a plan does, and the source has none")
        _check_forwarding(document, join(path, "controls"), source.get("controls"), sources)
        _check_switches(document, join(path, "schema"), source.get("schema"), destinations)


def check_plan(document: Document, path: str, plan: dict[str, Any]) -> None:
    """One plan: its rules, schemas and aliases."""
    rules = plan.get("rules")
    if isinstance(rules, list) and len(rules) > limits.govern.PLAN_RULES_MAX:
        document.report(
            join(path, "rules"), f"{len(rules):,} rules; a plan has at most {limits.govern.PLAN_RULES_MAX:,}"
        )
        return
    owners: dict[tuple[Any, ...], str] = {}
    for at, rule in _mappings(plan, "rules", path):
        type_, event, version = rule.get("type"), rule.get("event") or "", rule.get("version", 1)
        if isinstance(type_, str) and isinstance(event, str):
            _check_event(document, at, type_, event)
            if isinstance(version, int) and (first := owners.setdefault((type_, event, version), at)) != at:
                document.report(at, f"the same type, event and version as {first}; which one holds?")
            if type_ == RuleType.COMMON and version != 1:
                document.report(join(at, "version"), "a plan has one common rule, and no versions of it")
        _check_schema(document, join(at, "schema"), rule.get("schema"))
    planned = {event for type_, event, _ in owners if type_ == RuleType.TRACK and event}
    aliases = plan.get("aliases")
    for alias, name in (aliases if isinstance(aliases, dict) else {}).items():
        if isinstance(name, str) and name not in planned:
            at = join(path, "aliases")
            document.report(at, f"no track rule for {name!r}; {nearest(name, planned)}", key=alias)
        elif alias in planned:
            document.report(join(path, "aliases"), f"{alias!r} is planned itself", key=alias)


def _check_schema(document: Document, path: str, schema: Any) -> None:
    if isinstance(schema, dict):
        try:
            compiled(schema)
        except SchemaError as error:
            document.report(join(path, error.path) if error.path else path, error.message)


def _check_event(document: Document, path: str, type_: str, event: str) -> None:
    if type_ == RuleType.TRACK and not event:
        document.report(path, "a track rule needs `event`, the name of the event")
    elif type_ not in NAMED and event and type_ in list(RuleType):
        document.report(join(path, "event"), f"rules of type {type_} have no event")
    if len(event) > limits.govern.PLAN_EVENT_CHARS_MAX:
        document.report(join(path, "event"), f"longer than {limits.govern.PLAN_EVENT_CHARS_MAX} characters")


def _check_forwarding(document: Document, path: str, controls: Any, sources: set[str]) -> None:
    for key in ("forwarding_violations_to", "forwarding_blocked_events_to"):
        name = controls.get(key) if isinstance(controls, dict) else None
        if isinstance(name, str) and name not in sources:
            document.report(join(path, key), f"no source {name!r}; {nearest(name, sources)}")


def _check_switches(document: Document, path: str, schema: Any, destinations: set[str]) -> None:
    switched = schema.get("integrations_off") if isinstance(schema, dict) else None
    for event, names in (switched if isinstance(switched, dict) else {}).items():
        for index, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name not in destinations:
                at = f"{join(join(path, 'integrations_off'), event)}[{index}]"
                document.report(at, f"no destination {name!r}; {nearest(name, destinations)}")


def _mappings(owner: Any, section: str, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    items = owner.get(section) if isinstance(owner, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield f"{join(path, section)}[{index}]", item
