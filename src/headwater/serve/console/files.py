"""What was built: names that there are, and their content in the encoding that the browser likes best."""

import re
from pathlib import Path
from typing import Final, NamedTuple

ASSETS: Final = "/assets/"
"""Files below it have the hash of their content in their name."""

INDEX: Final = "/index.html"

NONCE: Final = b"__CSP_NONCE__"
"""What Vite has put where the nonce of an answer belongs (console/vite.config.ts)."""

ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""The smallest first."""

MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
"""Files of other kinds are not served."""


NAME_CHARS_MAX: Final = 200
"""Of one part of a path. The longest name that is built has some fifty."""


class Asset(NamedTuple):
    content: bytes
    media_type: str
    encoding: str
    """Empty: as it is."""
    is_immutable: bool


class Files:
    """Looked for at every request, so that a build while this runs is seen at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, path: str) -> bool:
        return self._find(path) is not None

    def read(self, path: str, accepted: str) -> Asset:
        """`accepted` is the Accept-Encoding of the request. FileNotFoundError when there is no such file."""
        file = self._find(path)
        if file is None:
            raise FileNotFoundError(path)
        offered = _encodings(accepted)
        for encoding, suffix in ENCODINGS:
            packed = file.with_name(file.name + suffix)
            if encoding in offered and packed.exists():
                return _asset(path, packed.read_bytes(), encoding)
        return _asset(path, file.read_bytes(), "")

    def _find(self, path: str) -> Path | None:
        """None for whatever is not a file of a kind that is served, inside of the folder."""
        names = path.removeprefix("/").split("/")
        if Path(names[-1]).suffix not in MEDIA_TYPES or any(_is_odd(name) for name in names):
            return None
        file = self._folder.joinpath(*names)
        return file if file.is_file() else None


def _is_odd(name: str) -> bool:
    """Steps upwards, hidden files, what some system may take for a separator or an end, or refuses as too long."""
    return name.startswith(".") or not 0 < len(name) <= NAME_CHARS_MAX or any(sign in name for sign in "\\:\0")


def _encodings(accepted: str) -> set[str]:
    """>>> sorted(_encodings("gzip, br;q=0.5, zstd;q=0"))
    ['br', 'gzip']
    """
    parts = (part.partition(";") for part in accepted.lower().split(","))
    return {name.strip() for name, _, weight in parts if not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)}


def _asset(path: str, content: bytes, encoding: str) -> Asset:
    return Asset(content, MEDIA_TYPES[Path(path).suffix], encoding, path.startswith(ASSETS))
