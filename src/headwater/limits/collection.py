"""One request at the public edge: what it may hold, and how long it may take. Sizes are Segment's (spec 1.4)."""

from typing import Final

from headwater.units import KIB

EVENT_BYTES_MAX: Final = 32 * KIB
"""One event, alone or in a batch. SDKs refuse larger ones themselves."""

BATCH_BYTES_MAX: Final = 512_000
"""A request body after decompression. Java and Ruby fill batches up to exactly this."""

BATCH_EVENTS_MAX: Final = 2_500
"""More are answered 200 and dropped whole, as Segment does; the rejection is counted."""

PIXEL_QUERY_BYTES_MAX: Final = 48 * KIB
"""base64 of the largest event, with room for the other parameters."""

COMPRESSED_BYTES_MAX: Final = BATCH_BYTES_MAX
"""A compressed body larger than the largest plain one was not compressed to save bytes."""

GZIP_MEMBERS_MAX: Final = 64
"""SDKs send one. Each costs a copy of what follows: a body of 25,000 empty ones took a fifth of a second."""

BODY_READ_S_MAX: Final = 30
"""A sender that needs longer for one body is holding the connection, not sending (slow loris)."""

HEADER_READ_S_MAX: Final = 10
"""The same for the request head."""

REQUESTS_IN_FLIGHT_MAX: Final = 1_024
"""Per collector. Times BATCH_BYTES_MAX this is the most memory that bodies can hold (500 MiB); over it 503."""

CONNECTIONS_MAX: Final = 8_192
"""Sockets per collector; idle keep-alive connections cost little, file descriptors are finite."""

USER_AGENT_CHARS_MAX: Final = 1_024
"""Stored per request; browsers stay under 300."""

assert EVENT_BYTES_MAX <= BATCH_BYTES_MAX
assert 4 * EVENT_BYTES_MAX <= 3 * PIXEL_QUERY_BYTES_MAX
