"""What a data folder needs before roles can run on it: itself, a workspace, an admin token."""

import os
import re
import secrets
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from headwater.config.changes import apply
from headwater.destinations import registry
from headwater.errors import HeadwaterError
from headwater.operations.ownership import exclusively
from headwater.profiles.embedded import embedded

_GENERIC_FOLDERS: Final = {"headwater-data", "data", ""}
"""Names that say nothing about whose data it is; the folder above does."""


def prepare(data: Path, *, workspace_file: Path | None = None) -> bool:
    """Make `data` a data folder, apply `workspace_file` if given; whether this was the first start.

    Any number of processes may do this at once, any number of times. ConfigError when the file is wrong,
    HeadwaterError when the folder or the file cannot be used.
    """
    text = None if workspace_file is None else _read(workspace_file)
    _make_folder(data)
    with exclusively(data / "run" / "prepare.lock"), closing(embedded(data).config()) as store:
        is_first = store.current() is None
        if resealed := store.reseal():
            structlog.get_logger().info("workspace encrypted anew", versions=resealed)
        if text is not None:
            result = apply(store, text, str(workspace_file), registry, author="headwater up", note="--workspace")
            structlog.get_logger().info(
                "workspace applied", file=str(workspace_file), version=result.version.number
            )
        elif is_first:
            apply(store, _first_workspace(data), "", registry, author="headwater", note="first start")
        _make_token(data / "admin-token")
    return is_first


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise HeadwaterError(f"cannot read the workspace file {path}: {error}") from None


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "run").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise HeadwaterError(f"cannot use {data} as the data folder: {error.strerror}") from None


def _make_token(path: Path) -> None:
    """A token nobody can guess, readable by the owner only from its first byte on, complete or not there."""
    if path.exists():
        return
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _first_workspace(data: Path) -> str:
    """One source for a website, one for servers; their write keys are generated when this is applied."""
    return (
        f"workspace: {workspace_name(data.resolve())}\n"
        "sources:\n"
        "  - {name: website, type: javascript}\n"
        "  - {name: backend, type: server}\n"
    )


def workspace_name(folder: Path) -> str:
    """What to call the first workspace of a data folder.

    >>> workspace_name(Path("/srv/My Shop/headwater-data")), workspace_name(Path("/srv/acme"))
    ('my-shop', 'acme')
    """
    chosen = folder.parent.name if folder.name in _GENERIC_FOLDERS else folder.name
    return re.sub(r"[^a-z0-9]+", "-", chosen.lower()).strip("-") or "workspace"
