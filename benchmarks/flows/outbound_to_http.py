"""From the outbound log over HTTP to a sink on the other core (nginx), with retries, receipts and metrics as
always: the role `deliver`, on one core where it says so.
"""

from benchmarks.delivering import DELIVERY_CORE, PER_RECORD, Progress, delivering, fill, shown, sink, workspace
from benchmarks.measure import Figure, data_folder

FLOW = "outbound_to_http"
SINGLES, BATCHED = 100_000, 1_000_000


def one_request_per_event() -> list[Figure]:
    rate = _rate({"type": "webhook"}, SINGLES, lambda url: {"url": url})
    return [
        Figure(FLOW, "one request per event, one core", rate, shown(rate), "≥ 4,000/s", "10,000/s", rate >= 4_000)
    ]


def batches() -> list[Figure]:
    rate = _rate({"type": "http-api"}, BATCHED, lambda url: {"url": url, "write_key": "wk"}, core=None)
    return [Figure(FLOW, "batches of 100", rate, shown(rate), "≥ 60,000/s", "200,000/s", rate >= 60_000)]


def _rate(
    destination: dict[str, object], count: int, settings: object, *, core: int | None = DELIVERY_CORE
) -> float:
    with data_folder() as folder, sink(folder) as url:
        data = folder / "data"
        workspace(data, [destination | {"name": "sink", "settings": settings(url)}])  # type: ignore[operator]
        end = fill(data, count)
        with delivering(data, core=core):
            return Progress(data).rate("sink", end, seconds_max=count / 1_000)


assert PER_RECORD == 100  # what the batches are made of: a record at a time is there
