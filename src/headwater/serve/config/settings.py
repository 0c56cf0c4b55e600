"""What concerns the whole workspace, over HTTP: its name and tier, settings, identity rules, the tokens of the
Profile API; what each part of them means, and what it is when nobody says anything.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Request, delete, get, post, put

from headwater.config.field_docs import field_docs
from headwater.config.identity import ExternalIdRule, Identity
from headwater.config.secrets import MASK
from headwater.config.workspace import ApiToken, ProfileApi, Settings, Workspace, as_data
from headwater.errors import ConflictError, NotFoundError, nearest
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import applied, made
from headwater.serve.config.edits import Edit, File, Terms, decoded
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import ADMIN, DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS


class Field(msgspec.Struct, frozen=True):
    """One key of a part of the workspace file."""

    name: str
    value: Any
    """As it is now, by default or because somebody says so."""
    default: Any
    is_default: bool
    description: str
    type: str
    """`boolean`, `integer`, `number`, `text`, `list` or `mapping`."""
    unit: str
    """Of a number: `seconds`, `bytes`, …; may be empty."""
    minimum: float | None
    exclusive_minimum: float | None
    maximum: float | None
    choices: list[str]


class SettingsDetail(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace: what a change starts from."""
    workspace: str
    """Its name, for people."""
    tier: str
    """What flags may be limited to; means nothing by itself."""
    settings: Settings
    """As the workspace file has them: defaults left out."""
    fields: list[Field]


class IdentityDetail(msgspec.Struct, frozen=True):
    version: int
    identity: Identity
    """As the workspace file has it: defaults left out."""
    fields: list[Field]
    """Of identity as a whole."""
    rules: list[ExternalIdRule]
    """What holds for every type of external id that is listed or known by default, by priority, limits filled
    in.
    """
    default_rules: list[ExternalIdRule]
    """What holds for the types that are known by default, while nobody says anything else."""
    default_limit: int
    """Of every other type."""
    rule_fields: list[Field]
    """What the keys of a rule mean, with their defaults as values."""


class ProfileApiDetail(msgspec.Struct, frozen=True):
    version: int
    rate_limit: float | None
    """Requests per second of each token; null: unlimited."""
    tokens: list[str]
    """Their names. A token is shown once, when it is made."""


class NewProfileToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class MadeProfileToken(msgspec.Struct, frozen=True):
    version: int
    name: str
    token: str
    """Not shown again."""


class WorkspaceName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    workspace: str


class WorkspaceTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tier: str


def described(value: msgspec.Struct) -> list[Field]:
    """Each field of a part of the workspace file, in the order of the format."""
    fields = []
    for doc, info in zip(field_docs(type(value)), msgspec.structs.fields(type(value)), strict=True):
        now = as_data(getattr(value, info.name))
        fields.append(
            Field(
                doc.name,
                now,
                doc.default,
                now == doc.default,
                doc.description,
                doc.type,
                doc.unit,
                doc.minimum,
                doc.exclusive_minimum,
                doc.maximum,
                list(doc.choices),
            )
        )
    return fields


# --- settings ---------------------------------------------------------------------------------------------------


@get("/settings", responses=ERRORS)
async def read_settings(desk: Desk) -> SettingsDetail:
    """How the platform behaves: each setting with what it means, its unit, its bounds and its default."""
    version = await desk.version()
    workspace = version.workspace
    return SettingsDetail(
        version.number, workspace.workspace, workspace.tier, workspace.settings, described(workspace.settings)
    )


@put("/settings", responses=EDIT_ERRORS, operation_class=part_of_file("Settings"), opt=DRY_RUN)
async def put_settings(desk: Desk, request: Request[Any, Any, Any], terms: Terms) -> Applied:
    """All of them, as a new version of the workspace. What is left out is as by default."""
    return await applied(desk, edits.put_part("settings", decoded(await request.body())), terms)


@put("/settings/name", responses=EDIT_ERRORS, opt=DRY_RUN)
async def put_workspace_name(desk: Desk, data: WorkspaceName, terms: Terms) -> Applied:
    """Call the workspace something else. Ids that destinations know it by follow from its name: those of its space
    and of its audiences and traits will be others.
    """
    return await applied(desk, edits.put_part("workspace", data.workspace), terms)


@put("/settings/tier", responses=EDIT_ERRORS, opt=DRY_RUN)
async def put_tier(desk: Desk, data: WorkspaceTier, terms: Terms) -> Applied:
    """Another tier: flags that are limited to tiers may go on or off."""
    return await applied(desk, edits.put_part("tier", data.tier), terms)


# --- identity ---------------------------------------------------------------------------------------------------


@get("/identity", responses=ERRORS)
async def read_identity(desk: Desk) -> IdentityDetail:
    """By which external ids a profile is known, and what is done with each type of them."""
    version = await desk.version()
    identity = version.workspace.identity
    rule = described(ExternalIdRule(type=""))
    nothing_said = Identity()
    return IdentityDetail(
        version.number,
        identity,
        described(identity),
        list(identity.rules()),
        list(nothing_said.rules()),
        nothing_said.rule("").limit or 0,
        rule,
    )


@put("/identity", responses=EDIT_ERRORS, operation_class=part_of_file("Identity"), opt=DRY_RUN)
async def put_identity(desk: Desk, request: Request[Any, Any, Any], terms: Terms) -> Applied:
    """All of it, as a new version of the workspace. It holds for events from then on; what is merged stays so."""
    return await applied(desk, edits.put_part("identity", decoded(await request.body())), terms)


# --- the Profile API --------------------------------------------------------------------------------------------


@get("/profile-api", responses=ERRORS)
async def read_profile_api(desk: Desk) -> ProfileApiDetail:
    """Who may read profiles, and how often. The tokens themselves are not shown."""
    version = await desk.version()
    profile_api = version.workspace.profile_api
    return ProfileApiDetail(version.number, profile_api.rate_limit, [each.name for each in profile_api.tokens])


@put("/profile-api", responses=EDIT_ERRORS, operation_class=part_of_file("ProfileApi"), opt=DRY_RUN)
async def put_profile_api(desk: Desk, request: Request[Any, Any, Any], terms: Terms) -> Applied:
    """All of it, as a new version of the workspace: a token that is not in it opens nothing any more."""
    return await applied(desk, edits.put_part("profile_api", decoded(await request.body())), terms)


@post("/profile-api/tokens", responses=EDIT_ERRORS, opt=ADMIN)
async def create_profile_token(desk: Desk, data: NewProfileToken, terms: Terms) -> MadeProfileToken:
    """A new token. Whoever has it reads every profile."""
    done = await made(desk, _with_token(data.name), terms)
    token = next(each.token for each in done.workspace.profile_api.tokens if each.name == data.name)
    return MadeProfileToken(done.number, data.name, MASK if terms.dry_run else token)


@delete("/profile-api/tokens/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_profile_token(desk: Desk, name: str, terms: Terms) -> Applied:
    """It opens nothing any more, from now on."""
    return await applied(desk, _without_token(name), terms)


def _with_token(name: str) -> Edit:
    def edit(workspace: Workspace) -> File:
        if name in {each.name for each in workspace.profile_api.tokens}:
            raise ConflictError(f"there is a token {name!r} already: choose another name")
        tokens = (*workspace.profile_api.tokens, ApiToken(name=name))
        return _tokens(workspace, tokens, f"token {name} of the Profile API added")

    return edit


def _without_token(name: str) -> Edit:
    def edit(workspace: Workspace) -> File:
        tokens = workspace.profile_api.tokens
        kept = tuple(each for each in tokens if each.name != name)
        if len(kept) == len(tokens):
            known = nearest(name, [each.name for each in tokens])
            raise NotFoundError(f"there is no token {name!r}; {known}")
        return _tokens(workspace, kept, f"token {name} of the Profile API deleted")

    return edit


def _tokens(workspace: Workspace, tokens: tuple[ApiToken, ...], note: str) -> File:
    profile_api: ProfileApi = msgspec.structs.replace(workspace.profile_api, tokens=tokens)
    return File(as_data(msgspec.structs.replace(workspace, profile_api=profile_api)), note)


HANDLERS: Final[list[Callable[..., Any]]] = [
    read_settings,
    put_settings,
    put_workspace_name,
    put_tier,
    read_identity,
    put_identity,
    read_profile_api,
    put_profile_api,
    create_profile_token,
    delete_profile_token,
]
