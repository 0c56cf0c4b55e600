"""A profile decides which engine stands behind each port. Nothing else asks which mode we are in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from headwater.config.port import ConfigStore
from headwater.config.vault import Vault
from headwater.delivery.jobs import Jobs
from headwater.delivery.receipt_store import Receipts
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.privacy.port import Regulations
from headwater.replay.port import Replays
from headwater.state.port import State
from headwater.team.port import Team


@dataclass(frozen=True)
class Platform:
    """One installation. Each role opens only what it needs, so every engine is behind a function."""

    data: Path
    """The local folder: locks, sockets, the admin token; with embedded engines also everything else."""
    vault: Vault
    """Encrypts what the config store holds."""
    config: Callable[[], ConfigStore]
    collected: Callable[[], Log]
    outbound: Callable[[], Log]
    state: Callable[[], State]
    """For the pipeline, the only writer."""
    state_view: Callable[[], State]
    """Read-only, beside a running pipeline; sees what was committed when it was opened."""
    lake: Callable[[], Lake]
    jobs: Callable[[], Jobs]
    receipts: Callable[[], Receipts]
    regulations: Callable[[], Regulations]
    replays: Callable[[], Replays]
    team: Callable[[], Team]
