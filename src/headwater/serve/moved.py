"""Operations under the addresses that they had before an item could have any name.

`/transformations/test` hid a transformation of the name `test`. What is about no item now stands below `-`, which
begins no name and no key; who asks the old address to do something, which no item ever was, is still answered.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

Asgi = Callable[..., Awaitable[None]]

MOVED: Final = {
    f"/api/v1/{section}/{operation}": f"/api/v1/{section}/-/{operation}"
    for section, operation in (("transformations", "test"), ("audiences", "preview"), ("traits", "preview"))
}


class Moved:
    """Lets `behind` answer for the new address."""

    def __init__(self, behind: Asgi) -> None:
        self._behind = behind

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in MOVED:
            path = MOVED[scope["path"]]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._behind(scope, receive, send)
