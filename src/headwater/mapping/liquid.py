"""`@liquid`: templates in Liquid over the event (spec 2.9), as LiquidJS understands them.

python-liquid parses, and runs the tags. The filters are ours (`liquid_filters`): LiquidJS counts in doubles and
writes numbers as JavaScript does, and what a filter may cost has to be known before it is called. There are no
loops, so a template of LIQUID_CHARS_MAX characters calls some hundred filters at most; each spends as many
characters as it is given and makes, and all together LIQUID_WORK_MAX. That holds the 500 ms and 100 MB of the spec
without a clock, which would judge the same event differently on a busy day.

python-liquid takes a moment to import; whoever has no such template does not pay for it.
"""

import functools
import io
import re
from typing import TYPE_CHECKING, Any, Final

from headwater import limits
from headwater.errors import nearest
from headwater.mapping.errors import MappingError
from headwater.mapping.liquid_filters import FILTERS
from headwater.mapping.liquid_values import Costs, Filter, LiquidError

if TYPE_CHECKING:
    import liquid

DISABLED_FILTERS: Final = frozenset(
    [
        "array_to_sentence_string",
        "concat",
        "find",
        "find_exp",
        "find_index",
        "find_index_exp",
        "group_by",
        "group_by_exp",
        "has",
        "has_exp",
        "map",
        "newline_to_br",
        "reject",
        "reject_exp",
        "reverse",
        "sort",
        "sort_natural",
        "type",
        "uniq",
        "where_exp",
    ]
)
TAGS: Final = frozenset(
    {"#", "assign", "capture", "case", "comment", "decrement", "echo", "if", "increment", "liquid", "unless"}
)
"""And `raw`, which is the lexer's. Spec 2.9's two sources disagree about `case`; it does no harm."""
DISABLED_TAGS: Final = frozenset({"break", "continue", "cycle", "for", "include", "layout", "render", "tablerow"})
_SYNTAX: Final = frozenset({"content", "output", "illegal"})
"""What python-liquid calls tags besides: plain text, `{{…}}`, and what is none."""
_WORK: Final = "headwater"


class Template:
    """A template, parsed."""

    __slots__ = ("_parsed",)

    def __init__(self, text: str) -> None:
        self._parsed = _parse(text)

    def render(self, payload: dict[str, Any], path: str) -> str:
        """The text; MappingError when it cannot be made of this event, or would be too long."""
        from liquid import RenderContext
        from liquid.exceptions import LiquidError as SyntaxOrTypeError

        if payload.__class__ is not dict:
            payload = {}
        costs = Costs(limits.mapping.LIQUID_WORK_MAX, payload)
        context = RenderContext(self._parsed, globals=payload)
        context.tag_namespace[_WORK] = costs
        made = io.StringIO()
        try:
            self._parsed.render_with_context(context, made)
        except LiquidError as error:
            raise MappingError(str(error), path) from None
        except SyntaxOrTypeError as error:
            raise MappingError(_first_line(error), path) from None
        except (ValueError, TypeError, OverflowError, ArithmeticError) as error:
            # Comparisons and look-ups are python-liquid's own; how they fail is not documented.
            raise MappingError(f"the template fails for this event: {error}", path) from None
        return made.getvalue()


def mistake(text: str) -> str:
    """What is wrong with a template; nothing: it can be rendered."""
    from liquid.exceptions import LiquidError as SyntaxOrTypeError

    try:
        _parse(text)
    except SyntaxOrTypeError as error:
        return _first_line(error)
    except LiquidError as error:
        return str(error)
    except RecursionError:
        return "nested too deeply"
    return ""


@functools.lru_cache(256)
def _parse(text: str) -> "liquid.BoundTemplate":
    parsed = _environment().from_string(text)
    for name, places in parsed.analyze(include_partials=False).filters.items():
        if name in FILTERS:
            continue
        where = f" (line {places[0].line_no})" if "\n" in text and hasattr(places[0], "line_no") else ""
        if name in DISABLED_FILTERS:
            raise LiquidError(f"the filter `{name}` is disabled{where}")
        raise LiquidError(f"there is no filter `{name}`{where}; {nearest(name, FILTERS)}")
    return parsed


@functools.cache
def _environment() -> "liquid.Environment":
    import liquid
    from liquid.builtin.output import Output, OutputNode
    from liquid.builtin.tags.echo_tag import EchoNode, EchoTag

    def written(node: Any, context: "liquid.RenderContext", buffer: Any) -> int:
        costs: Costs = context.tag_namespace[_WORK]
        return buffer.write(costs.text(node.expression.evaluate(context)))  # type: ignore[no-any-return]

    class OutputAsJavaScript(OutputNode):
        render_to_output = written

    class EchoAsJavaScript(EchoNode):
        render_to_output = written

    class Outputs(Output):
        node_class = OutputAsJavaScript

    class Echoes(EchoTag):
        node_class = EchoAsJavaScript

    environment = liquid.Environment(tolerance=liquid.Mode.STRICT)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS | _SYNTAX}
    environment.add_tag(Outputs)
    environment.add_tag(Echoes)
    environment.filters = {name: _adapted(name, filter_) for name, filter_ in FILTERS.items()}
    return environment


def _adapted(name: str, filter_: Filter) -> Any:
    def call(value: Any, *arguments: Any, context: "liquid.RenderContext", **named: Any) -> Any:
        costs: Costs = context.tag_namespace[_WORK]
        return filter_.call(name, costs, value, arguments, named)

    call.with_context = True  # type: ignore[attr-defined]  # how python-liquid knows what to pass
    return call


def _first_line(error: Exception) -> str:
    line = str(error).partition("\n")[0]
    return re.sub(r"^unexpected tag '(\w+)'", lambda tag: _refused_tag(tag[1]), line)


def _refused_tag(name: str) -> str:
    if name in DISABLED_TAGS:
        return f"the tag `{name}` is disabled"
    return f"the tag `{name}` is not expected here; there are {', '.join(sorted(TAGS))} and raw"
