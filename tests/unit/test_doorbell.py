"""Bells over real sockets in a real folder."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.doorbell import SOCKET_PATH_BYTES_MAX, Doorbell, SocketBell

HEARD_S_MAX = 10
"""Far longer than a datagram takes, so that only a lost ring gets there."""


@pytest.fixture(params=["short", "long"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder, and one whose sockets' paths do not fit into a socket address."""
    if request.param == "short":
        return tmp_path / "bells"
    deep = tmp_path.joinpath(*["a-rather-long-name-for-a-folder"] * 5) / "bells"
    assert len(os.fsencode(deep)) > SOCKET_PATH_BYTES_MAX
    return deep


@pytest.fixture
def hang(folder: Path) -> Iterator[type]:
    """Hangs bells that are taken down afterwards."""
    with contextlib.ExitStack() as stack:

        class Hung:
            @staticmethod
            def bell(topic: str = "log") -> SocketBell:
                bell = SocketBell(folder, topic)
                stack.callback(bell.close)
                return bell

            @staticmethod
            def door(topic: str = "log") -> Doorbell:
                door = Doorbell(folder, topic)
                stack.callback(door.close)
                return door

        yield Hung


def test_ring_when_bells_hang_then_all_of_the_topic_hear_it_and_no_others(hang: type) -> None:
    door = hang.door("log")
    mine, also_mine, other = hang.bell("log"), hang.bell("log"), hang.bell("logs")
    door.ring()
    assert mine.wait(HEARD_S_MAX)
    assert also_mine.wait(HEARD_S_MAX)
    assert not other.wait(0)


def test_wait_when_nobody_rings_then_false_at_once_or_when_time_is_over(hang: type) -> None:
    bell = hang.bell()
    assert not bell.wait(0)
    assert not bell.wait(0.001)


def test_clear_when_rung_many_times_then_silent_until_the_next(hang: type) -> None:
    door, bell = hang.door(), hang.bell()
    for _ in range(1000):  # far more than the socket's queue holds: a full queue is no error
        door.ring()
    assert bell.wait(HEARD_S_MAX)
    bell.clear()
    assert not bell.wait(0)
    door.ring()
    assert bell.wait(HEARD_S_MAX)


def test_ring_when_a_bell_is_hung_between_two_rings_of_one_clock_tick_then_it_hears_the_second(
    hang: type,
) -> None:
    # The folder's time does not change within a tick; hundreds of tries fall into the same one.
    door = hang.door()
    for _ in range(300):
        door.ring()
        bell = hang.bell()
        door.ring()
        assert bell.wait(HEARD_S_MAX)
        bell.close()


def test_ring_when_the_folder_has_settled_then_it_is_not_listed_again(hang: type, folder: Path) -> None:
    bell, door = hang.bell(), hang.door()
    os.utime(folder, ns=(1, 1))
    door.ring()
    listed = door._paths
    bell.clear()
    door.ring()
    assert bell.wait(HEARD_S_MAX)
    assert door._paths is listed


def test_ring_when_a_listener_was_killed_then_its_socket_is_removed(hang: type, folder: Path) -> None:
    door, alive = hang.door(), hang.bell()
    killed = SocketBell(folder, "log")
    killed._socket.close()  # what the kernel does for a process that ends without a word
    assert killed._path.exists()
    door.ring()
    assert alive.wait(HEARD_S_MAX)
    assert not killed._path.exists()
    door.ring()
    alive.clear()
    assert not alive.wait(0)


def test_ring_when_nobody_listens_then_nothing_happens(hang: type) -> None:
    hang.door().ring()


def test_close_when_a_bell_is_taken_down_then_its_file_goes_and_others_still_hear(
    hang: type, folder: Path
) -> None:
    door, leaving, staying = hang.door(), hang.bell(), hang.bell()
    door.ring()
    leaving.close()
    staying.clear()
    door.ring()
    assert staying.wait(HEARD_S_MAX)
    assert len(list(folder.iterdir())) == 1


def test_wait_when_another_process_rings_then_hears_it(hang: type, folder: Path) -> None:
    bell = hang.bell()
    code = (
        "import sys, pathlib, headwater.doorbell as d;"
        "door = d.Doorbell(pathlib.Path(sys.argv[1]), 'log'); door.ring(); door.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)
    assert bell.wait(0)


def test_wait_when_rung_while_waiting_then_wakes(hang: type) -> None:
    door, bell = hang.door(), hang.bell()
    heard = threading.Event()

    def listen() -> None:
        if bell.wait(HEARD_S_MAX):
            heard.set()

    waiter = threading.Thread(target=listen)
    waiter.start()
    door.ring()
    waiter.join(HEARD_S_MAX)
    assert heard.is_set()


def test_bell_when_waited_on_with_others_then_its_descriptor_is_readable(hang: type) -> None:
    door, bell = hang.door(), hang.bell()
    assert bell.fileno() >= 0
    door.ring()
    assert bell.wait(HEARD_S_MAX)
    with socket.socket(fileno=os.dup(bell.fileno())) as same:
        assert same.recv(1) == b"!"


def test_bell_when_left_over_from_a_process_with_the_same_number_then_replaced(folder: Path) -> None:
    first = SocketBell(folder, "log")
    first._socket.close()
    door = Doorbell(folder, "log")
    serial = int(first._path.suffix[1:])
    again = folder / f"log.{os.getpid()}.{serial + 1}"
    again.touch()  # the next name is taken, by a file that nobody will remove
    bell = SocketBell(folder, "log")
    door.ring()
    assert bell.wait(HEARD_S_MAX)
    bell.close()
    door.close()
