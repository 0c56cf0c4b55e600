"""Many readers of one log in one process: one read and one decode for those that are abreast."""

from headwater.delivery import outbox as module
from headwater.delivery.outbox import Outbox
from headwater.event import OutboundEvent, encode_outbound
from headwater.log.port import Record


class ListLog:
    """The reading side of a log, in memory; counts how often it is asked."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.reads = 0

    def append(self, offset: int, *bodies: bytes) -> None:
        ids = ("ann", None, None, None)
        events = [
            OutboundEvent(offset, n, f"m{offset}.{n}", "track", None, None, *ids, "web", 0, 0, None, None, body)
            for n, body in enumerate(bodies)
        ]
        self.records.append(Record(offset, encode_outbound(events)))

    def read(self, offset: int, *, records_max: int, bytes_max: int) -> list[Record]:
        self.reads += 1
        found: list[Record] = []
        for record in self.records:
            if record.offset >= offset:
                if found and sum(len(r.data) for r in found) + len(record.data) > bytes_max:
                    break
                found.append(record)
        return found[:records_max]


def outbox(log: ListLog) -> Outbox:
    return Outbox(log)  # type: ignore[arg-type]


def offsets(subject: Outbox, start: int) -> list[int]:
    found = []
    while chunk := subject.next(start):
        found.append(chunk.offset)
        start = chunk.offset + 1
    return found


def test_next_when_several_are_abreast_then_read_and_decoded_once() -> None:
    log = ListLog()
    for offset in range(50):
        log.append(offset, b"{}")
    subject = outbox(log)
    assert offsets(subject, 0) == list(range(50))
    reads = log.reads
    assert offsets(subject, 0) == list(range(50))
    assert log.reads == reads
    assert subject.next(7) is subject.next(7)


def test_next_when_at_the_end_then_looks_again_only_after_a_ring() -> None:
    log = ListLog()
    subject = outbox(log)
    assert subject.next(0) is None
    log.append(0, b"{}")
    assert subject.next(0) is None
    subject.rung()
    assert offsets(subject, 0) == [0]


def test_next_when_offsets_have_gaps_then_continues_after_them() -> None:
    log = ListLog()
    for offset in (3, 4, 1_000):
        log.append(offset, b"{}")
    subject = outbox(log)
    assert offsets(subject, 0) == [3, 4, 1_000]
    assert offsets(subject, 2) == [3, 4, 1_000]


def test_next_when_much_was_read_then_memory_is_bounded_and_the_old_is_read_again() -> None:
    log = ListLog()
    for offset in range(40):
        log.append(offset, b"x" * (module.SHARED_BYTES_MAX // 10))
    subject = outbox(log)
    assert offsets(subject, 0) == list(range(40))
    assert subject._shared_bytes <= module.SHARED_BYTES_MAX
    assert offsets(subject, 0) == list(range(40))


def test_next_when_one_record_is_larger_than_everything_shared_then_it_is_read() -> None:
    log = ListLog()
    log.append(0, b"x" * (module.SHARED_BYTES_MAX + 1))
    log.append(1, b"{}")
    assert offsets(outbox(log), 0) == [0, 1]
