"""Servers that destinations really speak to, each a process or a thread on 127.0.0.1."""

import asyncio
import datetime as dt
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
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from driving import Database

TEST_S_MAX = 60


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_S_MAX))
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


def certified(host: str) -> tuple[str, str, str]:
    """An authority's certificate, and a certificate and key of its for a host; PEM."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, of)]) for of in ("a test", host)]
    certificates = []
    for subject, key, extension in (
        (names[0], keys[0], x509.BasicConstraints(ca=True, path_length=None)),
        (names[1], keys[1], x509.SubjectAlternativeName([x509.DNSName(host)])),
    ):
        builder = x509.CertificateBuilder(names[0], subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        certificates.append(builder.add_extension(extension, critical=False).sign(keys[0], hashes.SHA256()))
    authority, certificate = (each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return authority, certificate, keys[1].private_bytes(serialization.Encoding.PEM, *plain).decode()


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
