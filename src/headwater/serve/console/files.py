"""What was built: names that there are, and their content in the encoding that the browser likes best."""

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


class Asset(NamedTuple):
    content: bytes
    media_type: str
    encoding: str
    """Empty: as it is."""
    is_immutable: bool


class Files:
    def __init__(self, folder: Path) -> None:
        """Only what lies in `folder` now is ever read: a path from outside is looked up, never put together."""
        self._paths = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in MEDIA_TYPES
        }

    def has(self, path: str) -> bool:
        return path in self._paths

    def read(self, path: str, accepted: str) -> Asset:
        """`accepted` is the Accept-Encoding of the request. KeyError when there is no such file."""
        file = self._paths[path]
        offered = {part.partition(";")[0].strip() for part in accepted.split(",")}
        for encoding, suffix in ENCODINGS:
            packed = file.with_name(file.name + suffix)
            if encoding in offered and packed.exists():
                return self._asset(path, packed.read_bytes(), encoding)
        return self._asset(path, file.read_bytes(), "")

    def _asset(self, path: str, content: bytes, encoding: str) -> Asset:
        media_type = MEDIA_TYPES[self._paths[path].suffix]
        return Asset(content, media_type, encoding, path.startswith(ASSETS))
