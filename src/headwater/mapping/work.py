"""How much one event may cost a mapping. A few directives inside each other can copy an event a million times."""

from headwater import limits
from headwater.mapping.errors import MappingError


class Work:
    """What is left to do for one event, in characters and values made."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = limits.mapping.WORK_MAX

    def spend(self, amount: int, path: str) -> None:
        self.left -= amount
        if self.left < 0:
            most = limits.mapping.WORK_MAX
            raise MappingError(f"of this event it would make more than {most:,} characters and values", path)
