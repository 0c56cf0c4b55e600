"""Which platform a command talks to: a data folder on this machine, or a remote one over its private API."""

import os
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
import typer

from headwater.config.workspace import Workspace
from headwater.errors import BusyError, ConfigError, HeadwaterError, InputError, Problem
from headwater.profiles import Platform

DEFAULT_DATA: Final = Path("headwater-data")
ANSWER_S_MAX: Final = 90
"""Longer than the longest SQL statement that the private API lets run."""

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="HEADWATER_DATA",
        help="The data folder. Default: ./headwater-data, unless HEADWATER_URL names a remote platform.",
        file_okay=False,
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Local:
    """A data folder on this machine, whether or not a platform is running on it."""

    data: Path

    def platform(self) -> Platform:
        from headwater.profiles.embedded import embedded

        return embedded(self.data)


@dataclass(frozen=True)
class Remote:
    """A running platform, reached at its private port."""

    url: str
    token: str

    def get(self, path: str, **query: str | int | None) -> Any:
        return msgspec.json.decode(self.call("GET", path, b"", "", **query))

    def send(self, method: str, path: str, body: bytes, content_type: str, **query: str | int | None) -> Any:
        return msgspec.json.decode(self.call(method, path, body, content_type, **query))

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str = "",
        /,
        **query: str | int | list[str] | None,
    ) -> bytes:
        """The answer's body. An error answer becomes the error that the same call would raise locally."""
        given = {key: value for key, value in query.items() if value is not None}
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked by `find_target`
            f"{self.url}/api/v1{path}{'?' + urlencode(given, doseq=True) if given else ''}",
            data=body or None,
            method=method,
        )
        request.add_header("Authorization", f"Bearer {self.token}")
        if content_type:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S_MAX) as answer:  # noqa: S310
                read: bytes = answer.read()
                return read
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refused(refusal.code, refusal.read()) from None
        except (urllib.error.URLError, TimeoutError) as error:
            reason = getattr(error, "reason", error)
            raise BusyError(f"no answer from {self.url} (HEADWATER_URL): {reason}") from None


def find_target(data: Path | None) -> Local | Remote:
    """A folder that was named (flag or HEADWATER_DATA), else HEADWATER_URL, else the default folder."""
    url = os.environ.get("HEADWATER_URL", "").rstrip("/")
    if data is not None or not url:
        return Local(data or DEFAULT_DATA)
    if not url.startswith(("http://", "https://")):
        raise InputError("invalid_option", f"HEADWATER_URL must start with http:// or https://, not {url!r}")
    token = os.environ.get("HEADWATER_TOKEN", "")
    if not token:
        raise InputError(
            "invalid_option",
            "HEADWATER_URL is set but HEADWATER_TOKEN is not: it is in the file admin-token of the data folder",
        )
    return Remote(url, token)


def local_data(target: Local) -> Path:
    """The folder, once it is known to be a data folder: a reading command must not create one."""
    if not (target.data / "config.db").exists():
        raise InputError(
            "no_platform",
            f"there is no Headwater data in {target.data}: name the folder with --data, "
            "or start a platform with `headwater up`",
        )
    return target.data


def current_workspace(target: Local) -> Workspace:
    """InputError while nothing was applied."""
    folder = local_data(target)
    with closing(target.platform().config()) as config:
        current = config.current()
    if current is None:
        raise InputError("no_workspace", f"nothing was applied in {folder} yet: see `headwater apply`")
    return current.workspace


def _refused(status: int, body: bytes) -> HeadwaterError:
    try:
        error = msgspec.json.decode(body, type=_Answer).error
    except msgspec.DecodeError:
        return HeadwaterError(f"the platform answered with status {status}")
    if error.problems:
        return ConfigError([Problem(p.message, p.path, p.line) for p in error.problems])
    if status == 401:
        return HeadwaterError("the platform refuses HEADWATER_TOKEN")
    if status in {409, 503}:
        return BusyError(error.message)
    return InputError(error.code, error.message, field=error.field)


class _Problem(msgspec.Struct):
    message: str
    path: str = ""
    line: int = 0


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""
    field: str | None = None
    problems: list[_Problem] = []


class _Answer(msgspec.Struct):
    error: _Error
