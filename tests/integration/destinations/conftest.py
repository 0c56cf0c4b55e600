"""Servers that destinations really speak to, each a process or a thread on 127.0.0.1."""

import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

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
