"""What a person may choose when starting Headwater. Each field is a flag and a HEADWATER_* variable; both are
described in docs/reference/settings.md.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headwater.errors import InputError

COLLECTORS_MAX: Final = 64
"""More collectors than any machine has use for; each is a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    data: Path = Path("headwater-data")
    """The data folder: everything durable, and the sockets and locks of running roles."""
    host: str = "127.0.0.1"
    """The address to listen on. The default is reachable from this machine only."""
    serve_host: str = ""
    """The address of the private port alone; empty: the same as `host`."""
    collect_port: int = 8080
    serve_port: int = 8090
    collectors: int = 1
    """Processes that share the public port."""

    def __post_init__(self) -> None:
        for flag, port in (("--collect-port", self.collect_port), ("--serve-port", self.serve_port)):
            if not 1 <= port <= 65535:
                raise InputError(
                    "invalid_option", f"{flag} {port}: a port is a number from 1 to 65535", field=flag
                )
        if not 1 <= self.collectors <= COLLECTORS_MAX:
            raise InputError(
                "invalid_option",
                f"--collectors {self.collectors}: a number from 1 to {COLLECTORS_MAX}",
                field="--collectors",
            )

    @property
    def private_host(self) -> str:
        return self.serve_host or self.host

    @property
    def run_folder(self) -> Path:
        """Locks and sockets of the running roles; nothing in it outlives a reboot usefully."""
        return self.data / "run"

    @property
    def token_path(self) -> Path:
        return self.data / "admin-token"
