"""kill -9, at random moments and under load: what was answered 200 is in the lake once and at the webhook at least
once, each person's events in order. Unanswered requests may have arrived or not; nobody sends them again here.
"""

import random
from pathlib import Path

from .stand import LONG, ROLES, SEED, Hook, Load, Stand, stand, workspace

ROUNDS = 20 if LONG else 6


def check(platform: Stand, load: Load, hook: Hook) -> None:
    sent = load.ids | {one.message_id for one in load.unanswered}
    in_lake = platform.wait_for_lake(load.ids)
    assert in_lake.keys() <= sent
    hook.wait_for(set(in_lake))
    hook.check_order()
    assert set(hook.received) == in_lake.keys(), "the webhook and the lake have the same events"


def test_kill_when_any_role_is_killed_again_and_again_then_nothing_answered_is_lost(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        with Load(platform.collect_port) as load:
            victims = [*ROLES, *(dice.choice(ROLES) for _ in range(ROUNDS - len(ROLES)))]
            dice.shuffle(victims)
            for victim in victims:
                load.wait_for_answers(dice.randrange(20, 400))
                pid = platform.pid(victim)
                platform.kill_role(victim)
                platform.wait_for_another(victim, pid)
            load.wait_for_answers(100)
        check(platform, load, hook)
        assert platform.log().count("signal SIGKILL") == ROUNDS, "nothing else ended by itself"
        assert len(load.answered) > 50 * ROUNDS
        assert platform.stop() == 0


def test_kill_when_everything_is_killed_at_once_then_a_restart_finds_it_all(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        with Load(platform.collect_port) as load:
            for number in range(6 if LONG else 2):
                load.wait_for_answers(dice.randrange(50, 600))
                (platform.kill_all, platform.kill_up)[number % 2]()
                platform.start_again()
            load.wait_for_answers(100)
        check(platform, load, hook)
        assert platform.stop() == 0
