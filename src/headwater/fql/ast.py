"""The syntax tree of FQL. Parentheses leave no trace but the shape of the tree.

`and` and `or` hold all their operands, so that a filter of five hundred terms is no deeper than one of two.
"""

from typing import Literal, TypeAlias

import msgspec


class Null(msgspec.Struct, frozen=True, tag_field="node", tag="null"):
    pass


class Boolean(msgspec.Struct, frozen=True, tag_field="node", tag="boolean"):
    value: bool


class Number(msgspec.Struct, frozen=True, tag_field="node", tag="number"):
    value: int | float
    """Finite. An integer whenever it is a whole number: `1.0` and `1` are the same expression."""


class String(msgspec.Struct, frozen=True, tag_field="node", tag="string"):
    value: str
    """Never with both kinds of quotes: FQL cannot write that."""


class Path(msgspec.Struct, frozen=True, tag_field="node", tag="path"):
    segments: tuple[str, ...]
    """Names of members from the event's top level down, unescaped, none of them empty."""


class List(msgspec.Struct, frozen=True, tag_field="node", tag="list"):
    items: tuple["Expression", ...]


class Call(msgspec.Struct, frozen=True, tag_field="node", tag="call"):
    function: str
    arguments: tuple["Expression", ...]


class Compare(msgspec.Struct, frozen=True, tag_field="node", tag="compare"):
    operator: "Operator"
    left: "Expression"
    right: "Expression"


class Not(msgspec.Struct, frozen=True, tag_field="node", tag="not"):
    operand: "Expression"


class And(msgspec.Struct, frozen=True, tag_field="node", tag="and"):
    operands: tuple["Expression", ...]
    """Two or more."""


class Or(msgspec.Struct, frozen=True, tag_field="node", tag="or"):
    operands: tuple["Expression", ...]
    """Two or more."""


Operator: TypeAlias = Literal["=", "!=", ">", ">=", "<", "<=", "in"]
Expression: TypeAlias = Null | Boolean | Number | String | Path | List | Call | Compare | Not | And | Or
