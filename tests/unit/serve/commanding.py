"""Commands on a folder, as a person types them."""

from pathlib import Path

from typer.testing import CliRunner

from headwater.cli import app
from headwater.errors import HeadwaterError


def command(data: Path | None, *words: str, stdin: str | None = None) -> tuple[int, str]:
    """The exit code, and everything that was written; of an error, its text. `data` None: it needs no folder."""
    options = [] if data is None else ["--data", str(data)]
    done = CliRunner().invoke(app, [*words, *options], input=stdin)
    if isinstance(done.exception, HeadwaterError):
        return 1, str(done.exception)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output
