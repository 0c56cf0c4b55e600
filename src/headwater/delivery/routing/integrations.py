"""Step 5: where the sender, or a switch of its source, wants the event to go (collection.md 1.9), and where a
browser has sent it already.

`integrations` has names of destinations, and `All` for those that it does not name. Only `false` keeps an event
out; an object is a wish to have it with options. A destination is known by its own name, by the label of its type
and by its type's name: the first of them that is there decides. Letters count as they are written.

What keeps everything (`storage`) is not meant by `All`: one says `Warehouses` to keep an event out of it.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from headwater.delivery.routing.step import Step, Verdict
from headwater.destinations.kit.model import DestinationType, Filtered
from headwater.event import OutboundEvent

REASON: Final = "FILTERED_BY_INTEGRATIONS_OBJECT"
SENT_ALREADY: Final = "MESSAGE_SENT_CLIENT_SIDE"

ALL: Final = "All"
WAREHOUSES: Final = "Warehouses"

_UNREADABLE: Final = Filtered(REASON, "its `integrations` cannot be read, so it goes nowhere")


class _Said(msgspec.Struct, gc=False):
    integrations: Any = None
    metadata: Any = msgspec.field(default=None, name="_metadata")


_decode = msgspec.json.Decoder(_Said).decode


def step(name: str, type_: DestinationType[Any]) -> Step:
    names = tuple(dict.fromkeys((name, type_.label, type_.name)))
    is_storage = type_.category == "storage"

    def run(event: OutboundEvent) -> Verdict:
        if event.destinations is not None:
            return event  # made for just these destinations: no sender has had a say
        try:
            said = _decode(event.body)  # no slower than to look whether there is anything to decode
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _UNREADABLE
        switches, metadata = said.integrations, said.metadata
        if switches and isinstance(switches, dict):
            refused = _refusing(switches, names, is_storage=is_storage)
            if refused:
                return Filtered(REASON, f"its `integrations` say false for {refused}")
        bundled = metadata.get("bundled") if metadata and isinstance(metadata, dict) else None
        if bundled and isinstance(bundled, list):
            for known in names:
                if known in bundled:
                    return Filtered(SENT_ALREADY, f"the browser has sent it to {known} itself")
        return event

    return Step("integrations", run)


def _refusing(said: Mapping[str, Any], names: tuple[str, ...], *, is_storage: bool) -> str:
    """The name under which a destination is refused; empty: it is not."""
    for name in names:
        value = said.get(name)
        if value is not None:
            return name if value is False else ""
    if not is_storage:
        return ALL if said.get(ALL) is False else ""
    warehouses = said.get(WAREHOUSES)
    if isinstance(warehouses, dict):
        chosen = warehouses.get("warehouseIds")
        if isinstance(chosen, list):
            return "" if names[0] in chosen else WAREHOUSES
        warehouses = warehouses.get("all")
    return WAREHOUSES if warehouses is False else ""
