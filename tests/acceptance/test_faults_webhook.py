"""A webhook that is down for a while harms nobody: another destination is not delayed, everything arrives at the
broken one afterwards, and each person's first attempts keep their order.
"""

import time
from pathlib import Path

import pytest

from .stand import LONG, Hook, Load, stand, workspace

DOWN_S = 60.0 if LONG else 5.0
RECOVERY_S_MAX = 150
"""The longest pause between two probes, and a retry's own pause."""


@pytest.mark.parametrize("how", ["refuses connections", "answers 503"])
def test_webhook_when_it_is_down_then_others_are_not_delayed_and_it_gets_everything_later(
    tmp_path: Path, how: str
) -> None:
    with Hook() as well, Hook() as broken:
        hooks = {"well": well.url, "broken": broken.url}
        with stand(tmp_path, workspace(hooks=hooks)) as platform:
            with Load(platform.collect_port, pause_s=0.04) as load:
                load.wait_for_answers(100)
                if how == "answers 503":
                    broken.status = 503
                else:
                    broken.down()
                _let_pass(load, DOWN_S)
                delays_s = sorted(
                    well.arrived_at[sent.message_id] - answered_at
                    for sent, answered_at in zip(load.answered[100:], load.answered_at[100:], strict=False)
                    if sent.message_id in well.arrived_at
                )
                if how == "answers 503":
                    broken.status = 200
                else:
                    broken.up()
                load.wait_for_answers(100)
            assert delays_s[len(delays_s) // 2] < 0.25, "the other destination is as fast as ever"
            assert delays_s[-1] < 2
            well.wait_for(load.ids, 30)
            broken.wait_for(load.ids, RECOVERY_S_MAX)
            well.check_order()
            if how == "answers 503":  # only then are first attempts seen
                broken.check_order()
            assert platform.wait_for_lake(load.ids).keys() == set(broken.accepted)
            assert platform.stop() == 0


def _let_pass(load: Load, seconds: float) -> None:
    """The length of the outage is what the test is about. The load goes on meanwhile."""
    time.sleep(seconds)
    load.wait_for_answers(1)
