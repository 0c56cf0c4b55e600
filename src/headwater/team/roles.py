"""What somebody may do. Each role may do what the ones before it may."""

from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    """Reads everything but keys and secrets, changes nothing."""
    EDITOR = "editor"
    """Changes the workspace and what follows from it: replays, dead letters, identities, privacy requests."""
    ADMIN = "admin"
    """Decides about the team and reads secrets."""

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what `other` may.

        >>> Role.ADMIN.includes(Role.EDITOR), Role.EDITOR.includes(Role.EDITOR), Role.VIEWER.includes(Role.EDITOR)
        (True, True, False)
        """
        return _RANKS[self] >= _RANKS[other]


_RANKS = {role: rank for rank, role in enumerate(Role)}
