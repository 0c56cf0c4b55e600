"""A workspace as the text of a workspace file. Loading it gives the same workspace again."""

import yaml

from headwater.config.document import NUMBER
from headwater.config.workspace import Workspace, as_data

WIDTH = 1_000_000
"""Never fold: an address or a condition broken over lines cannot be searched for."""


def export(workspace: Workspace) -> str:
    """YAML with the keys in the order of the format, defaults left out, a blank line between sections.

    Secrets stand in the clear, unless they were masked before.
    """
    return "\n".join(as_yaml({key: value}) for key, value in as_data(workspace).items())


def as_yaml(data: object) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what any reader, of YAML 1.1 or 1.2, could take for something other than text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    readable = all(line.isprintable() and line == line.rstrip() for line in text.split("\n"))
    # After lines that end with an empty one the emitter ends the document, and sections follow.
    is_open = text.endswith("\n\n") or text == "\n"
    # Double quotes are the only style that can escape; without a wish the emitter quotes what has to be quoted.
    style = ("|" if "\n" in text else None) if readable and not is_open else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(tuple, yaml.SafeDumper.represent_list)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER, list("-+0123456789"))
