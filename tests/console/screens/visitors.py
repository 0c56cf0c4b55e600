"""People who look around in the shop while pictures are taken, so that what is live lives."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from .shop import Shop
from .week import LIVE_PER_S

AHEAD: Final = timedelta(seconds=20)
"""So much of their life is thought of at once."""


@contextmanager
def visitors(shop: Shop) -> Iterator[None]:
    gone = threading.Event()

    def come() -> None:
        until = datetime.now(UTC)
        while True:
            since, until = until, until + AHEAD
            for said in shop.life.goes_on(since, until, round(LIVE_PER_S * AHEAD.total_seconds())):
                if gone.wait(max(0.0, (said.at - datetime.now(UTC)).total_seconds())):
                    return
                shop.sends_one(said)

    thread = threading.Thread(target=come, daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join()
