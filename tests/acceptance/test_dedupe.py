"""The same message again, from SDKs that got no answer: through the real processes, across kills and restarts."""

import json
import random
from pathlib import Path

from .stand import LONG, SEED, WRITE_KEY, Hook, Load, Stand, stand, workspace

SECOND = "wk_second"


def post(platform: Stand, ids: list[str], *, write_key: str = WRITE_KEY) -> None:
    events = [{"type": "track", "event": "Load", "messageId": each, "userId": "again"} for each in ids]
    body = json.dumps({"batch": events, "writeKey": write_key})
    assert platform.request("POST", "/v1/batch", body)[0] == 200


def outcomes(platform: Stand, source: str) -> dict[str, float]:
    return {
        outcome: platform.metric("headwater_events_total", source=source, outcome=outcome)
        for outcome in ("accepted", "duplicate")
    }


def test_row_12_when_a_message_comes_from_two_sources_then_the_second_is_dropped_and_counted(
    tmp_path: Path,
) -> None:
    file = workspace()
    file["sources"].append({"name": "second", "type": "server", "write_key": SECOND})
    with stand(tmp_path, file) as platform:
        post(platform, ["m1", "m2", "m1"])
        post(platform, ["m2", "m3"], write_key=SECOND)
        platform.wait_for_lake({"m1", "m2", "m3"})
        assert outcomes(platform, "faults") == {"accepted": 2, "duplicate": 1}
        assert outcomes(platform, "second") == {"accepted": 1, "duplicate": 1}
        platform.stop()
        platform.start_again()
        post(platform, ["m1", "m2", "m3", "m4"], write_key=SECOND)
        platform.wait_for_lake({"m1", "m2", "m3", "m4"})
        assert outcomes(platform, "second") == {"accepted": 2, "duplicate": 4}
        rows = platform.sql("SELECT message_id, source FROM events ORDER BY message_id")
        assert [row["source"] for row in rows] == ["faults", "faults", "second", "second"]


def test_dedupe_when_the_pipeline_is_killed_and_everything_is_sent_again_then_each_is_there_once(
    tmp_path: Path,
) -> None:
    dice = random.Random(SEED)
    with Hook() as hook, stand(tmp_path, workspace(hooks={"hook": hook.url})) as platform:
        with Load(platform.collect_port) as load:
            for _ in range(10 if LONG else 3):
                load.wait_for_answers(dice.randrange(50, 300))
                before = platform.pid("pipeline")
                platform.kill_role("pipeline")
                again = [one.message_id for one in dice.sample(load.answered, 50)]
                post(platform, again)  # while nobody processes, so that first and second meet in one batch
                platform.wait_for_another("pipeline", before)
                post(platform, again)
        ids = sorted({one.message_id for one in (*load.answered, *load.unanswered)})
        for at in range(0, len(ids), 500):
            post(platform, ids[at : at + 500])
        assert platform.wait_for_lake(set(ids)).keys() == set(ids)
        hook.wait_for(set(ids))
        assert platform.metric("headwater_events_total", outcome="accepted") == len(ids)
        assert platform.stop() == 0
