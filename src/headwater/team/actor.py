"""Who is behind a request."""

from enum import StrEnum

import msgspec

from headwater.team.roles import Role


class Means(StrEnum):
    """How somebody has shown who they are."""

    SESSION = "session"
    """Signed in, in a browser."""
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    """An API token of the team."""
    ADMIN_TOKEN = "admin token"  # noqa: S105
    """The content of DIR/admin-token."""
    COMMAND = "command"
    """A shell on the machine: a command on the data folder, or a workspace file given at the start."""


class Actor(msgspec.Struct, frozen=True):
    name: str
    """For people and for history: the author of a version of the workspace, the actor of an audit entry."""
    role: Role
    means: Means
    id: str = ""
    """Of the teammate or of the token; empty: nobody of the team."""
    session: str = ""
    """The session's id, if there is one."""

    def may(self, role: Role) -> bool:
        return self.role.includes(role)

    def author(self, given: str | None) -> str:
        """Whom a change is signed with. The admin token belongs to nobody, so its bearer may say who they are, as
        `headwater apply` does; everybody else is who they are.
        """
        return given or self.name if self.means is Means.ADMIN_TOKEN else self.name
