"""What the handlers that change a part of the workspace have in common."""

from typing import Annotated

from litestar.params import Parameter, QueryParameter

from headwater.destinations import registry
from headwater.serve.config import edits
from headwater.serve.config.edits import Edit, Made, Terms
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.team.actor import Actor

IsNew = Annotated[
    bool, QueryParameter(name="new", description="Refuse (409) when there is one of this name already.")
]

LeaveOut = Annotated[
    bool,
    Parameter(description="Take it out of the items that name it, where they mean the same without; else 422."),
]


async def edit_terms(
    actor: Actor,
    version: Annotated[
        int | None,
        Parameter(ge=1, description="The workspace version that the change starts from: 409 when it is another."),
    ] = None,
    dry_run: Annotated[bool, Parameter(description="Say what it would change, and change nothing.")] = False,
    note: Annotated[str | None, Parameter(max_length=200, description="Why; kept with the version.")] = None,
) -> Terms:
    """The dependency `terms`."""
    return Terms(actor.name, version, dry_run, note or "")


async def made(desk: Desk, edit: Edit, terms: Terms) -> Made:
    return await desk.call(lambda: edits.make(desk.config, edit, registry, terms))


async def applied(desk: Desk, edit: Edit, terms: Terms) -> Applied:
    """The answer of a handler that makes this change."""
    done = await made(desk, edit, terms)
    return Applied(done.number, done.changes, terms.dry_run)
