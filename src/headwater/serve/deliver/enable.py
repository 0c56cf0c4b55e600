"""`/enable`: a partner sends a user here to have its destination connected (spec 2.12).

    GET /enable ──▶ who asks for what ──admin token──▶ POST /enable ──▶ settings (masked), sources, name
                                                          ──grant──▶ POST /enable/confirm ──▶ back to the partner

Looking changes nothing. No cookie is set: the token is typed in, and what follows from it is in the second form,
sealed. A form may be sent twice; it connects once.
"""

import hmac
import time
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import parse_qs

from litestar import Request, Response, get, post
from litestar.response import Redirect

from headwater.config import changes
from headwater.config.export import as_yaml
from headwater.config.secrets import hidden, shown
from headwater.config.workspace import Workspace, as_data
from headwater.destinations import registry
from headwater.errors import BusyError, ConfigError, InputError
from headwater.serve.deliver import enable_page as pages
from headwater.serve.deliver.enable_request import Grant, Wanted, open_grant, read, seal
from headwater.serve.desk import Desk
from headwater.serve.entry.access import about, acts_as
from headwater.serve.entry.identification import ADMIN_TOKEN_ACTOR
from headwater.units import KIB

FORM_BYTES_MAX: Final = 128 * KIB
FIELDS_MAX: Final = 10_000
"""A box for each source that is chosen."""

USED_MAX: Final = 1_000
"""Grants remembered as used; they expire in minutes."""

PARAMETERS: Final = ("integration", "settings", "redirect_url")

_used: "OrderedDict[str, str]" = OrderedDict()
"""Nonce of a grant → the destination that it has connected."""


@get("/enable", include_in_schema=False)
async def ask_to_enable(desk: Desk, request: Request[Any, Any, Any]) -> Response[str]:
    """Show who asks for what."""
    fields = {name: str(request.query_params.get(name, "")) for name in PARAMETERS}
    try:
        wanted = await _read(desk, fields)
    except InputError as error:
        return _answer(pages.refusal(error.message), status=400)
    return _first_page(wanted, fields)


@post("/enable", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def review_enabling(desk: Desk, request: Request[Any, Any, Any]) -> Response[str]:
    """With the admin token: show what would be stored, and let sources be chosen."""
    try:
        form = await _form(request)
        fields = {name: form.get(name, [""])[0] for name in PARAMETERS}
        _check_site(request)
        wanted = await _read(desk, fields)
    except InputError as error:
        return _answer(pages.refusal(error.message), status=400)
    token = await desk.call(lambda: desk.token_path.read_text().strip())
    given = form.get("token", [""])[0].strip()
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        return _first_page(wanted, fields, wrong="this is not the admin token", status=401)
    workspace = (await desk.version()).workspace
    grant = seal(wanted, token, now_s=time.time())
    return _review_page(wanted, grant, workspace, name=_free_name(wanted, workspace))


@post("/enable/confirm", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def confirm_enabling(desk: Desk, request: Request[Any, Any, Any]) -> Response[Any]:
    """Connect it, and send the browser back."""
    try:
        form = await _form(request)
        text, name, sources = form.get("grant", [""])[0], form.get("name", [""])[0].strip(), form.get("source", [])
        _check_site(request)
        token = await desk.call(lambda: desk.token_path.read_text().strip())
        grant = open_grant(text, token, now_s=time.time())
        # Again: who may be sent where may have changed since the form was shown.
        await _check_redirect(desk, grant.wanted)
    except InputError as error:
        return _answer(pages.refusal(error.message), status=400)
    acts_as(request, ADMIN_TOKEN_ACTOR)  # only who has shown the token is given a grant
    about(request, name)
    try:
        connected = await desk.call(lambda: _connect(desk, grant, name, sources))
    except (InputError, BusyError) as error:
        said = "; ".join(each.message for each in error.problems) if isinstance(error, ConfigError) else str(error)
        workspace = (await desk.version()).workspace
        return _review_page(grant.wanted, text, workspace, name=name, chosen=sources, wrong=said, status=400)
    return Redirect(grant.wanted.back(status="enabled", destination=connected), status_code=303)


def _connect(desk: Desk, grant: Grant, name: str, sources: list[str]) -> str:
    """The name under which it is connected; the first one if the form came before. In the desk's one thread, so
    that two forms do not overtake each other.
    """
    if grant.nonce in _used:
        return _used[grant.nonce]
    current = desk.config.current()
    if current is None:
        raise InputError("no_workspace", "there is no workspace yet")
    if not sources:
        raise InputError("invalid_request", "choose at least one source")
    data = as_data(current.workspace)
    wanted = grant.wanted
    data.setdefault("destinations", []).append(
        {"name": name, "type": wanted.type, "sources": sources, "settings": wanted.settings}
    )
    note = f"connected {name} for {wanted.redirect_host}"
    changes.apply(desk.config, as_yaml(data), "", registry, "enable flow", note)
    _used[grant.nonce] = name
    while len(_used) > USED_MAX:
        _used.popitem(last=False)
    return name


# --- pieces ------------------------------------------------------------------------------------------------


async def _read(desk: Desk, fields: dict[str, str]) -> Wanted:
    hosts = (await desk.version()).workspace.settings.enable_redirect_hosts
    return read(fields["integration"], fields["settings"], fields["redirect_url"], hosts=hosts)


async def _check_redirect(desk: Desk, wanted: Wanted) -> None:
    if wanted.redirect_host not in {
        h.lower() for h in (await desk.version()).workspace.settings.enable_redirect_hosts
    }:
        raise InputError("redirect_refused", f"browsers are not sent to {wanted.redirect_host} any more")


def _check_site(request: Request[Any, Any, Any]) -> None:
    """Browsers say where a form stands. (`Origin` does not: it is `null` for a page without a referrer.)"""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise InputError("foreign_form", "this form was sent from another site")


async def _form(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    body = await request.body()
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise InputError("invalid_request", f"a form may have {FIELDS_MAX:,} fields") from None


def _free_name(wanted: Wanted, workspace: Workspace) -> str:
    taken = {each.name for each in workspace.destinations}
    numbered = (wanted.type if n == 1 else f"{wanted.type}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def _first_page(wanted: Wanted, fields: dict[str, str], *, wrong: str = "", status: int = 200) -> Response[str]:
    page = pages.ask_token(
        label=_label(wanted), host=wanted.redirect_host, back=_cancelled(wanted), fields=fields, wrong=wrong
    )
    return _answer(page, status=status, wanted=wanted)


def _review_page(
    wanted: Wanted,
    grant: str,
    workspace: Workspace,
    *,
    name: str,
    chosen: list[str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response[str]:
    type_ = registry.get(wanted.type)
    page = pages.review(
        label=_label(wanted),
        description=type_.description if type_ else "",
        host=wanted.redirect_host,
        back=_cancelled(wanted),
        settings=shown(hidden(wanted.settings, registry.secret_names(wanted.type))),
        sources=[source.name for source in workspace.sources],
        chosen=chosen if chosen is not None else [source.name for source in workspace.sources],
        name=name,
        grant=grant,
        wrong=wrong,
    )
    return _answer(page, status=status, wanted=wanted)


def _label(wanted: Wanted) -> str:
    type_ = registry.get(wanted.type)
    return type_.label if type_ else wanted.type


def _cancelled(wanted: Wanted) -> str:
    return wanted.back(status="cancelled")


def _answer(page: str, *, status: int = 200, wanted: Wanted | None = None) -> Response[str]:
    policy = pages.policy(wanted.redirect_origin if wanted else "")
    return Response(page, status_code=status, media_type="text/html", headers={"Content-Security-Policy": policy})


HANDLERS: Final = [ask_to_enable, review_enabling, confirm_enabling]
