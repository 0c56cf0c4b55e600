"""What carries calls of one kind to where they are meant, and brings back what was answered."""

from typing import Any, Protocol

from headwater.destinations.kit.model import Answer


class Transport(Protocol):
    """Pools what it opens. Bounded by its callers: whoever sends awaits the answer."""

    async def send(self, call: Any, /) -> Answer:
        """One attempt of one call, of the kind that this transport is for. It ends within the call's `timeout_s`,
        and raises nothing but cancellation: what goes wrong is a Failure, without addresses or credentials: it is
        stored and shown. No connection to a private address unless it was made with `allow_private`.
        """
        ...

    async def close(self) -> None:
        """Connections end; nothing is under way any more."""
        ...
