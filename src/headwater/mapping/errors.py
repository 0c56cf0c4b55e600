"""What can be wrong with a mapping, with an event that one is applied to, and with what comes out."""

from collections.abc import Sequence

from headwater.errors import InputError, Problem


class MappingError(InputError):
    """A mapping that is malformed (`invalid_mapping`, all mistakes in `problems`), or that cannot be resolved for
    this event (`mapping_failed`). `path` says where in the mapping: `items.@arrayPath[1].price`.
    """

    def __init__(self, message: str, path: str = "", *, problems: Sequence[Problem] = ()) -> None:
        super().__init__("invalid_mapping" if problems else "mapping_failed", message, field=path or None)
        self.path = path
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _mapping_error, (self.message, self.path, self.problems)


def _mapping_error(message: str, path: str, problems: Sequence[Problem]) -> MappingError:
    return MappingError(message, path, problems=problems)


class PayloadError(InputError):
    """A payload that an action's fields do not allow: spec 2.8's PAYLOAD_VALIDATION_FAILED. `path` is the field's:
    `products[0].price`.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__("invalid_payload", message, field=path or None)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return PayloadError, (self.message, self.path)


def join(path: str, key: str | int) -> str:
    """The path of a member or an item.

    >>> join("items", 0), join("items[0]", "@path"), join("", "a b"), join("x", "a.b")
    ('items[0]', 'items[0].@path', 'a b', 'x["a.b"]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if "." in key or "[" in key:
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
