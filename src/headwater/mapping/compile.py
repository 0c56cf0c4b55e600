"""From a mapping that `checks` has passed, the source of a Python function.

Each directive becomes a few statements that leave its value in a local variable. A place that was read is not read
again while its variable holds: `@if` tests and takes the same one. In the source stand constants as `repr` writes
them and names of our own, never one from the mapping.

Whether a value can be undefined is known from the mapping, mostly, and decides what has to be asked at run time.
An object leaves out its undefined members at once, except where a directive can tell: `@merge` lets an undefined
member hide an earlier one. There it keeps them, and they are left out after it.

    {"id": {"@path": "$.userId"}, "on": true}

    def f0(p, work):
        v0 = p.get('userId', U)
        v1 = {}
        if v0 is not U: v1['id'] = v0
        v1['on'] = True
        return v1
"""

from collections.abc import Callable
from typing import Any

from headwater import limits
from headwater.mapping.checks import directive_of
from headwater.mapping.scope import Module
from headwater.mapping.work import Work
from headwater.mapping.writers import WRITERS

Resolve = Callable[[Any, Work], Any]


def compile_function(mapping: Any) -> Resolve:
    """MappingError when it reads more places than limits allow."""
    module = Module(WRITERS, is_careful=_copies(mapping))
    name, _ = module.function(mapping, "", is_object=True, is_root=True)
    resolve: Resolve = module.run()[name]
    return resolve


def _copies(mapping: Any) -> bool:
    """Whether it can make much more of an event than there is in it: then what it makes is counted."""
    reads = 0
    rest = [mapping]
    while rest:
        value = rest.pop()
        if value.__class__ is list:
            rest += value
        elif value.__class__ is dict:
            rest += value.values()
            name = directive_of(value)
            if name == "@transform" or (name == "@arrayPath" and value[name][0].__class__ is not str):
                return True
            reads += name is not None
            if name == "@template" and value[name].__class__ is str:
                reads += value[name].count("{{")
    return reads > limits.mapping.READS_PLAIN
