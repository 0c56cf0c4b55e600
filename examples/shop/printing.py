"""How the report looks."""

from rich.console import Console
from rich.table import Table


def title(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def columns(*names: str) -> Table:
    """A table; the first column is empty, and those whose name begins with `<` are of words."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for name in names:
        table.add_column(name.lstrip("<"), justify="left" if name.startswith("<") else "right")
    return table
