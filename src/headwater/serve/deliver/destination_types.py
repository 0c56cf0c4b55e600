"""Which types of destinations there are, as forms and programs need to know them."""

import asyncio
from typing import Final

import msgspec
from litestar import get

from headwater.destinations import catalogue, registry
from headwater.destinations.catalogue import TypeShape
from headwater.errors import NotFoundError
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page


class RefusedType(msgspec.Struct, frozen=True):
    name: str
    package: str
    why: str


def described(name: str) -> TypeShape:
    shape = catalogue.shape(name)
    if shape is None:
        raise NotFoundError(registry.why_unknown(name))
    return shape


def refused_types() -> list[RefusedType]:
    return [RefusedType(*each) for each in registry.found().refused]


@get("/destination-types", responses=ERRORS)
async def list_destination_types(limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[TypeShape]:
    """By name, with settings as JSON Schema, actions with their fields, and presets."""
    # A type is imported, and its source read, when it is first asked for: all of them take a second or more.
    shapes = await asyncio.to_thread(catalogue.shapes)
    return page(shapes, lambda shape: shape.name, limit=limit, cursor=cursor)


@get("/destination-types/{name:str}", responses=NAMED_ERRORS)
async def destination_type(name: str) -> TypeShape:
    """One of them."""
    return await asyncio.to_thread(described, name)


@get("/refused-destination-types", responses=ERRORS, sync_to_thread=False)
def list_refused_destination_types(limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[RefusedType]:
    """Types of other packages that were not let in, and why."""
    return page(refused_types(), lambda line: f"{line.name} {line.package}", limit=limit, cursor=cursor)


HANDLERS: Final = [list_destination_types, destination_type, list_refused_destination_types]
