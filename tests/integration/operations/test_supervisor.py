"""The supervisor with small real programs in place of the roles. They write whole lines, because they share a
pipe: `print` would write word by word.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

SUPERVISE = """
import asyncio, sys
from headwater.operations import logs
from headwater.operations.supervisor import Post, Supervisor

def post(program, name):
    return Post(name, lambda fd: [sys.executable, "-u", "-c", program, name, str(fd)])

logs.configure("up")
stages = [[post(program, name)] for name, program in zip(sys.argv[1::2], sys.argv[2::2])]
sys.exit(asyncio.run(Supervisor(stages).run()))
"""

OBEDIENT = """
import signal, sys, os
def stop(*_):
    os.write(1, f"{sys.argv[1]} drained\\n".encode())
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
os.write(1, f"{sys.argv[1]} up {os.getpid()}\\n".encode())
while True:
    signal.pause()
"""

DEAF = """
import signal, sys, os
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, f"{sys.argv[1]} up {os.getpid()}\\n".encode())
while True:
    signal.pause()
"""

LOYAL = """
import signal, sys, os
from headwater.operations.stopping import stop_with_parent
stop_with_parent(int(sys.argv[2]))
os.write(1, f"{sys.argv[1]} up {os.getpid()}\\n".encode())
signal.pause()
"""


class Supervised:
    """A running supervisor, read line by line."""

    def __init__(self, *programs: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", SUPERVISE, *programs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pid_of_next(self, name: str) -> int:
        assert self.process.stdout
        word = self.process.stdout.readline().split()
        assert word[:2] == [name, "up"]
        return int(word[2])

    def next(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def close(self) -> None:
        if self.process.poll() is None:  # its test failed: the second signal ends what it supervises, too
            for number in (signal.SIGTERM, signal.SIGINT):
                self.process.send_signal(number)
            self.process.wait(30)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


Supervise = Callable[..., Supervised]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    running: list[Supervised] = []

    def start(*programs: str) -> Supervised:
        running.append(Supervised(*programs))
        return running[-1]

    yield start
    for supervised in running:
        supervised.close()


def test_a_killed_process_is_started_again_and_the_reason_is_logged(supervise: Supervise) -> None:
    supervised = supervise("one", OBEDIENT)
    first = supervised.pid_of_next("one")
    os.kill(first, signal.SIGKILL)
    second = supervised.pid_of_next("one")
    assert second != first
    assert supervised.end() == 0
    assert '"ended":"signal SIGKILL"' in supervised.process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stages_drain_in_order_and_the_exit_code_is_0(supervise: Supervise, number: signal.Signals) -> None:
    supervised = supervise("one", OBEDIENT, "two", OBEDIENT, "three", OBEDIENT)
    assert {supervised.next().split()[0] for _ in range(3)} == {"one", "two", "three"}
    assert supervised.end(number) == 0
    drained = [line for line in supervised.process.stdout.read().splitlines() if line.endswith("drained")]
    assert drained == ["one drained", "two drained", "three drained"]


def test_a_second_signal_kills_at_once(supervise: Supervise) -> None:
    supervised = supervise("deaf", DEAF)
    pid = supervised.pid_of_next("deaf")
    supervised.process.send_signal(signal.SIGTERM)
    assert '"stopping"' in supervised.process.stderr.readline()
    assert supervised.end(signal.SIGINT) == 128 + signal.SIGINT
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_supervisor_leaves_no_process_behind(supervise: Supervise) -> None:
    supervised = supervise("loyal", LOYAL)
    pid = supervised.pid_of_next("loyal")
    watch = os.pidfd_open(pid)
    supervised.process.kill()
    with os.fdopen(watch):
        ended, _, _ = select.select([watch], [], [], 10)
    assert ended
