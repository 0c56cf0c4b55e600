"""One tracking plan from a file of its own, or out of a workspace file."""

from typing import Any

from headwater.config.document import Document, read_document
from headwater.config.plan_checks import check_plan
from headwater.config.shape import shape
from headwater.config.tracking_plans import TrackingPlan
from headwater.errors import nearest


def load_plan(text: str | bytes, *, name: str = "", file: str = "") -> TrackingPlan:
    """The plan called `name`, or the only one there is. ConfigError carries all its mistakes, with lines."""
    document = read_document(text, file=file)
    path, data = _chosen(document, name)
    plan = shape(document, TrackingPlan, data, path)
    if isinstance(data, dict):
        check_plan(document, path, data)
    document.check()
    if plan is None:
        raise AssertionError("a plan without a shape has a reported problem")
    return plan


def _chosen(document: Document, name: str) -> tuple[str, Any]:
    data = document.data
    if not isinstance(data, dict) or not {"workspace", "tracking_plans"} & data.keys():
        if isinstance(data, dict):
            data.setdefault("name", "plan")  # a plan of one's own needs none
        return "", data
    given = data.get("tracking_plans")
    plans = given if isinstance(given, list) else []
    places = {
        plan["name"]: index
        for index, plan in enumerate(plans)
        if isinstance(plan, dict) and isinstance(plan.get("name"), str)
    }
    if not name and len(places) == 1:
        name = next(iter(places))
    if name not in places:
        said = (
            f"no tracking plan {name!r}; {nearest(name, places)}" if name else "name one of its plans with --plan"
        )
        document.report("tracking_plans", said)
        document.check()
    index = places[name]
    return f"tracking_plans[{index}]", plans[index]
