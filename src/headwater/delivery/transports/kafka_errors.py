"""Kafka's errors in our words."""

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError

from headwater.destinations.kit.model import Failure

REASONS: Final[Mapping[str, tuple[str, bool]]] = {
    "MSG_SIZE_TOO_LARGE": ("MESSAGE_REJECTED", True),
    "RECORD_LIST_TOO_LARGE": ("MESSAGE_REJECTED", True),
    "INVALID_RECORD": ("MESSAGE_REJECTED", True),
    "INVALID_MSG": ("MESSAGE_REJECTED", True),
    "TOPIC_EXCEPTION": ("MESSAGE_REJECTED", True),
    "_INVALID_ARG": ("MESSAGE_REJECTED", True),
    "UNKNOWN_TOPIC_OR_PART": ("404", True),
    "_UNKNOWN_TOPIC": ("404", True),
    "_UNKNOWN_PARTITION": ("404", True),
    "TOPIC_AUTHORIZATION_FAILED": ("403", True),
    "CLUSTER_AUTHORIZATION_FAILED": ("403", True),
    "SASL_AUTHENTICATION_FAILED": ("401", True),
    "_AUTHENTICATION": ("401", True),
    "_SSL": ("TLS", False),
    "_RESOLVE": ("ENOTFOUND", False),
    "_TRANSPORT": ("ECONNREFUSED", False),
    "_ALL_BROKERS_DOWN": ("ECONNREFUSED", False),
    "_MSG_TIMED_OUT": ("ETIMEDOUT", False),
    "_TIMED_OUT": ("ETIMEDOUT", False),
    "_QUEUE_FULL": ("429", False),
    "THROTTLING_QUOTA_EXCEEDED": ("429", False),
}
"""Kafka's names for errors: our reason, and whether it lasts. Those that are not here may pass."""

MESSAGES: Final[Mapping[str, str]] = {
    "401": "the cluster does not know these credentials",
    "TLS": "no encrypted connection could be made, or the certificate is not one that we trust for this name",
    "ENOTFOUND": "a broker's name could not be resolved",
    "ECONNREFUSED": "no broker could be connected to",
    "ETIMEDOUT": "the cluster did not confirm it in time",
    "429": "more is under way to the cluster than may be held in memory",
}
"""Instead of librdkafka's own, which name brokers."""


def failure(error: KafkaError) -> Failure:
    """What went wrong, without addresses or credentials: it is stored and shown."""
    reason, lasting = REASONS.get(error.name(), ("RETRY", False))
    return Failure(reason, MESSAGES.get(reason, f"{error.name()}: {error.str()}")[:500], lasting)
