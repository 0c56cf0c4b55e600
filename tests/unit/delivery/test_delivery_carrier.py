"""Clients that not everybody needs: loaded when first used, and missed with words."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from headwater.delivery.transports.carrier import Carrier
from headwater.destinations.kit.model import Call, Failure, KafkaRecords, Rows


def test_clients_when_nothing_was_sent_then_none_is_loaded() -> None:
    code = (
        "import sys, headwater.delivery.engine, headwater.destinations.registry as r; r.known_types();"
        "print(sorted({'confluent_kafka', 'psycopg', 'pyarrow'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize(
    ("call", "client", "extra"),
    [
        (KafkaRecords({}, (), 1.0), "confluent_kafka", "headwater[kafka]"),
        (Rows({}, (), 1.0), "psycopg", "headwater[postgres]"),
    ],
)
def test_send_when_the_client_is_not_installed_then_how_to_install_it_and_tried_again(
    call: Call, client: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def send() -> Any:
        return await Carrier(allow_private=True).send(call)

    for name in [name for name in sys.modules if name.partition(".")[0] == client]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("headwater.delivery.transports.")]:
        if name.rpartition(".")[2].partition("_")[0] in {"kafka", "postgres"}:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, client, None)
    answer = asyncio.run(send())
    assert isinstance(answer, Failure)
    assert (answer.reason, answer.lasting) == ("INVALID_SETTINGS", False)
    assert extra in answer.message
