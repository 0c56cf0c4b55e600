"""What the Profile API needs to know of a workspace, put together once per version."""

import hmac
from collections.abc import Mapping
from typing import Final

from headwater.aggregation.external_ids import ExternalIds
from headwater.config.workspace import Source, Workspace

AUDIENCE: Final = "audience"
COMPUTED_TRAIT: Final = "computed_trait"


class Space:
    """The profiles of a workspace, as they are named in paths and answers."""

    def __init__(self, workspace: Workspace) -> None:
        self.name = workspace.workspace
        self.rate_limit = workspace.profile_api.rate_limit
        self.external_ids = ExternalIds(workspace)
        self._tokens = [(each.name, each.token.encode()) for each in workspace.profile_api.tokens if each.token]
        self._sources: dict[str, str] = {}
        self._classes: Mapping[tuple[str, str], str] = {
            **{(each.collection.value, each.key): COMPUTED_TRAIT for each in workspace.traits},
            **{(each.collection.value, each.key): AUDIENCE for each in workspace.audiences},
        }

    def token_name(self, given: str) -> str | None:
        """Whose token it is; None: nobody's. All are compared, each in constant time: how long that takes says
        nothing about any of them.
        """
        presented = given.encode()
        found = None
        for name, token in self._tokens:
            if hmac.compare_digest(presented, token):
                found = name
        return found

    def source_id(self, name: str) -> str:
        """Also of a source that is no longer in the workspace; empty: it came from none."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = Source(name=name).id if name else ""
        return found

    def class_of(self, collection: str, key: str) -> str | None:
        """`audience` or `computed_trait`; None: a trait that was sent."""
        return self._classes.get((collection, key))
