"""What an editor proposes while somebody writes: names that have really been sent, most frequent first, and those
that the workspace or the format of events knows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.errors import InputError
from headwater.processing.schema import TYPES
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS
from headwater.serve.observe.observed import Observed, SeenName, paths
from headwater.state.port import State

PROPOSED_MAX: Final = 100
"""Nobody reads more; whoever does not find it types another letter."""

NAMES_LOOKED: Final = 200
"""Properties of no particular event: those of so many events, the most frequent ones. Some 20 ms."""


class Kind(StrEnum):
    EVENT = "event"
    """Names of track events."""
    PAGE = "page"
    SCREEN = "screen"
    PROPERTY = "property"
    """Paths inside `properties`; of one event, when it is named."""
    TRAIT = "trait"
    """Traits that were sent, and those that are computed."""
    AUDIENCE = "audience"
    CONTEXT = "context"
    """Paths inside `context` that SDKs fill in."""
    SOURCE = "source"
    ID_TYPE = "id_type"
    """Types of external ids."""


class Suggestion(msgspec.Struct, frozen=True):
    text: str
    kind: Kind
    types: list[str]
    """Of its values, most frequent first, as JSON Schema has them; empty: not known."""
    volume: int
    """How often it was seen; 0: not known."""
    detail: str
    """What it is, in a few words; may be empty."""


class Suggestions(msgspec.Struct, frozen=True):
    data: list[Suggestion]
    more: bool
    """There are more that fit."""


CONTEXT: Final[Mapping[str, str]] = {
    "active": "boolean",
    "app.build": "string",
    "app.name": "string",
    "app.namespace": "string",
    "app.version": "string",
    "campaign.content": "string",
    "campaign.medium": "string",
    "campaign.name": "string",
    "campaign.source": "string",
    "campaign.term": "string",
    "consent.categoryPreferences": "object",
    "device.adTrackingEnabled": "boolean",
    "device.advertisingId": "string",
    "device.id": "string",
    "device.manufacturer": "string",
    "device.model": "string",
    "device.name": "string",
    "device.token": "string",
    "device.type": "string",
    "direct": "boolean",
    "externalIds": "array",
    "groupId": "string",
    "ip": "string",
    "library.name": "string",
    "library.version": "string",
    "locale": "string",
    "location.city": "string",
    "location.country": "string",
    "location.latitude": "number",
    "location.longitude": "number",
    "location.region": "string",
    "network.bluetooth": "boolean",
    "network.carrier": "string",
    "network.cellular": "boolean",
    "network.wifi": "boolean",
    "os.name": "string",
    "os.version": "string",
    "page.path": "string",
    "page.referrer": "string",
    "page.search": "string",
    "page.title": "string",
    "page.url": "string",
    "protocols.event_version": "integer",
    "referrer.id": "string",
    "referrer.type": "string",
    "screen.density": "number",
    "screen.height": "integer",
    "screen.width": "integer",
    "timezone": "string",
    "traits.email": "string",
    "userAgent": "string",
    "userAgentData.mobile": "boolean",
    "userAgentData.platform": "string",
}
"""What SDKs send in `context` (spec 1.6), and its types."""

_CALLS: Final = {Kind.EVENT: "track", Kind.PAGE: "page", Kind.SCREEN: "screen"}


def proposed(
    state: State | None,
    workspace: Workspace,
    found: Observed,
    kind: Kind,
    *,
    prefix: str = "",
    event: str | None = None,
    source: str | None = None,
    limit: int = PROPOSED_MAX,
) -> Suggestions:
    """What begins with the prefix first, then what contains it; each most frequent first."""
    if event is not None and kind is not Kind.PROPERTY:
        raise InputError("invalid_request", "`event` is asked for with properties only", field="event")
    names = [name for name in found.names if source is None or source in name.sources]
    wanted = prefix.casefold()
    begins, contains = [], []
    for each in _all(state, workspace, names, kind, event):
        at = each.text.casefold().find(wanted)
        if at == 0:
            begins.append(each)
        elif at > 0:
            contains.append(each)
    fitting = [*begins, *contains]
    return Suggestions(fitting[:limit], len(fitting) > limit)


def _all(
    state: State | None, workspace: Workspace, names: list[SeenName], kind: Kind, event: str | None
) -> Iterable[Suggestion]:
    match kind:
        case Kind.EVENT | Kind.PAGE | Kind.SCREEN:
            return _names(names, kind)
        case Kind.PROPERTY:
            of = [n for n in names if n.call in {"track", "page", "screen"} and event in {None, n.name}]
            return _paths(state, of, kind)
        case Kind.TRAIT:
            of = [n for n in names if n.call in {"identify", "group"}]
            keys = [(each.key, f"computed trait of {each.collection}") for each in workspace.traits]
            return (*(Suggestion(key, kind, [], 0, detail) for key, detail in keys), *_paths(state, of, kind))
        case Kind.AUDIENCE:
            return [
                Suggestion(each.key, kind, ["boolean"], 0, f"audience of {each.collection}")
                for each in workspace.audiences
            ]
        case Kind.CONTEXT:
            return [Suggestion(path, kind, [type_], 0, "") for path, type_ in CONTEXT.items()]
        case Kind.SOURCE:
            volumes = {name: sum(n.volume for n in names if name in n.sources) for name in _sources(workspace)}
            return [Suggestion(name, kind, [], volume, "") for name, volume in volumes.items()]
        case Kind.ID_TYPE:
            rules = workspace.identity.rules()
            return [Suggestion(rule.type, kind, ["string"], 0, f"priority {n}") for n, rule in enumerate(rules, 1)]


def _sources(workspace: Workspace) -> list[str]:
    return [source.name for source in workspace.sources]


def _names(names: list[SeenName], kind: Kind) -> Iterator[Suggestion]:
    for name in names:
        if name.call == _CALLS[kind] and name.name:
            of = f"of {', '.join(name.sources[:3])}{' …' if len(name.sources) > 3 else ''}"
            yield Suggestion(name.name, kind, [], name.volume, of)


def _paths(state: State | None, names: list[SeenName], kind: Kind) -> Iterator[Suggestion]:
    if state is None:
        return
    for found in paths(state, tuple(islice(names, NAMES_LOOKED))):
        types = sorted((type_ for type_ in TYPES if type_ in found.types), key=lambda type_: -found.types[type_])
        yield Suggestion(found.path, kind, types, found.seen, "")


@get("/schema/suggestions", responses=ERRORS)
async def suggest(
    desk: Desk,
    kind: Kind,
    *,
    prefix: Annotated[
        str,
        Parameter(
            max_length=limits.processing.SCHEMA_NAME_CHARS_MAX, description="What was typed so far, in any case."
        ),
    ] = "",
    event: Annotated[
        str | None, Parameter(max_length=limits.processing.SCHEMA_NAME_CHARS_MAX, description="Whose properties.")
    ] = None,
    source: Annotated[
        str | None,
        Parameter(max_length=limits.processing.SCHEMA_NAME_CHARS_MAX, description="Only what it has sent."),
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=PROPOSED_MAX)] = 20,
) -> Suggestions:
    """What fits at a place of this kind: observed names and types, never values. Up to some seconds old."""
    workspace = (await desk.version()).workspace
    found = await desk.observed()
    return await desk.look(
        lambda state: proposed(
            state, workspace, found, kind, prefix=prefix, event=event, source=source, limit=limit
        )
    )


HANDLERS: Final[list[Callable[..., Any]]] = [suggest]
