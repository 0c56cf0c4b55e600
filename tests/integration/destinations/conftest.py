"""Servers that destinations really speak to, each a process or a thread on 127.0.0.1."""

import asyncio
import inspect
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from driving import Database, certified

TEST_S_MAX = 60


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the loop of the real process
        runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_S_MAX))
    return True


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """AWS's services, as moto plays them."""
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr
    url = ""
    for line in process.stderr:
        if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line):
            url = found[1]
            break
    assert url, "moto did not start"
    # What it says of each request must go somewhere, or it blocks when the pipe is full.
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    process.stderr.close()
    yield url
    process.terminate()
    process.wait(10)
    drain.wait(10)


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """A Postgres of our own. CI must have one; on a laptop its absence skips, aloud."""
    found = shutil.which("initdb") or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), ""
    )
    if not found:
        message = "no Postgres on this machine: apt-get install postgresql"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    programs = Path(found).resolve().parent
    # It refuses to be root, and so somebody else must own its folder.
    user = "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="headwater-postgres-", dir="/tmp") as name:
        folder = Path(name)
        secret = folder / "password"
        secret.write_text("s3cret-pässword")
        if user:
            shutil.chown(folder, user)
            shutil.chown(secret, user)
        data = folder / "data"
        command = [programs / "initdb", "-D", data, "-U", "headwater", "-A", "scram-sha-256", "--no-sync"]
        command += ["--pwfile", secret, "-E", "UTF8", "--locale=C"]
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder)
        authority, certificate, key = certified("localhost")
        (data / "server.crt").write_text(certificate)
        (data / "server.key").write_text(key)
        (data / "server.key").chmod(0o600)
        for file in data.glob("server.*") if user else ():
            shutil.chown(file, user)
        port = free_port()
        options = ["-c", "ssl=on"]
        options += [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={folder}",
            "-c",
            "fsync=off",
        ]
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *options],
            stderr=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
        try:
            ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
            until = time.monotonic() + TEST_S_MAX
            while subprocess.run(ready, check=False).returncode:
                assert process.poll() is None, "Postgres did not start"
                assert time.monotonic() < until, "Postgres does not answer"
                time.sleep(0.05)
            yield Database(port, secret.read_text(), authority)
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
            process.wait(TEST_S_MAX)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
