"""Segment's browser SDK as its CDN would serve it, changed in three places so that only the host changes.

The files come from the npm package `@segment/analytics-next`; hatch_build.py puts them into `bundles/`.
"""

from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

BUNDLES: Final = Path(__file__).parent / "bundles"

KEYS_CACHED_MAX: Final = 32
"""Scripts kept ready, 115 KB each: bounds memory when somebody asks for made-up write keys."""

PRELUDE: Final = b"""\
(function () {
  var script = document.currentScript, at = script ? script.src.indexOf("/analytics.js/v1/") : -1;
  if (at < 0) return;
  var name = script.getAttribute("data-global-segment-analytics-key") || "analytics";
  if (!window.analytics && name === "analytics") window.analytics = [];
  if (window.analytics && !window.analytics._cdn) window.analytics._cdn = script.src.slice(0, at);
})();
"""
"""Tells the SDK that its CDN is where this script came from.

The SDK looks for itself among the page's script tags, but takes only absolute https addresses and otherwise
talks to cdn.segment.com (lib/parse-cdn.ts). The script's own `src` is right for http, for relative addresses
and for path prefixes too. `_cdn` is the SDK's own setting; a page that has set it keeps it. A page that gives
the SDK another global name gets no stray `window.analytics`.
"""

API_HOST_DEFAULT: Final = b'"api.segment.io/v1"'
API_HOST_OURS: Final = rb'((window.analytics||{})._cdn||"").replace(/^https?:\/\//,"")+"/v1"'
"""Used by the SDK before it has settings: a failed start reports its error there, write key included."""

NOT_BUILT: Final = b"""\
console.error("[headwater] This server was started from a source tree without the browser SDK, so nothing is \
collected from this page. Run `make setup` (or `pip install -e .`) in the source tree and restart.");
"""
"""A script rather than a 503: browsers show nothing of a failed script but its status, and the person who can
mend it is looking at the browser's console.
"""


class Asset(NamedTuple):
    """A response body with its validator."""

    body: bytes
    etag: str
    """Quoted, strong, made from the content: the same on every collector."""


def etag(body: bytes) -> str:
    """The validator of a response body, quoted as the header wants it."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def is_built() -> bool:
    """Whether the browser SDK is there; when not, `analytics_js` says so in the browser's console."""
    return (BUNDLES / "standalone.js").is_file()


@lru_cache(maxsize=KEYS_CACHED_MAX)
def analytics_js(write_key: str) -> Asset:
    """The standalone SDK for one source. Any string is safe: it becomes one JavaScript string literal."""
    script = _standalone()
    if script is None:
        return Asset(NOT_BUILT, etag(NOT_BUILT))
    # msgspec leaves U+2028 and U+2029 as they are, which JavaScript allows in strings since ES2019.
    body = PRELUDE + script.replace(b'"__WRITE_KEY__"', msgspec.json.encode(write_key))
    return Asset(body, etag(body))


def bundle(name: str) -> Asset | None:
    """A lazy chunk by its file name, hash included, so it never changes; None when there is no such chunk."""
    return _chunks().get(name)


@cache
def _standalone() -> bytes | None:
    if not is_built():
        return None
    return _script(BUNDLES / "standalone.js").replace(API_HOST_DEFAULT, API_HOST_OURS)


@cache
def _chunks() -> dict[str, Asset]:
    # Looking names up in what was listed, instead of opening what was asked for, leaves no path to traverse.
    bodies = {path.name: _script(path) for path in BUNDLES.glob("*.bundle.*.js")}
    return {name: Asset(body, etag(body)) for name, body in bodies.items()}


def _script(path: Path) -> bytes:
    # The source maps are not shipped; the reference would make every developer tool ask for them.
    return path.read_bytes().partition(b"\n//# sourceMappingURL=")[0] + b"\n"
