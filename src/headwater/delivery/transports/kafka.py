"""Records for Kafka, by librdkafka: an idempotent producer for each set of connection settings.

*Answers.* A record counts when all replicas in sync have it. Until the call's time is up librdkafka tries again by
itself, without doubling or reordering what it sends.
*Addresses.* librdkafka makes its own sockets, so they cannot be looked at one by one as for HTTP. Instead the
addresses in the settings are looked up and checked before it may begin, and those that the cluster tells before a
record goes out, and again every CHECKED_S. A cluster that tells a private address is let go at once. What this
leaves open: by then librdkafka may have said hello there (in Kafka's protocol, nothing else), and a name may
lead elsewhere when librdkafka looks it up a moment later.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from confluent_kafka import KafkaException

from headwater.delivery.guard import AddressRefusedError
from headwater.delivery.transports.http import failure as network_failure
from headwater.delivery.transports.kafka_cluster import Cluster, GoneError, UnusableError
from headwater.delivery.transports.kafka_errors import failure
from headwater.destinations.kit.model import Answer, Failure, KafkaRecords, Written

IDLE_S: Final = 300.0
"""A cluster that nothing is sent to for so long is let go: librdkafka keeps threads and connections for each."""


class KafkaTransport:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._clusters: dict[tuple[frozenset[tuple[str, str]], float], Cluster] = {}

    async def send(self, call: KafkaRecords, /) -> Answer:
        """A call without records asks whether the cluster lets us in."""
        cluster = await self._cluster(call)
        try:
            async with asyncio.timeout(call.timeout_s):
                await cluster.open()
                if not call.records:
                    await cluster.brokers()
                    return Written()
                return await cluster.write(call)
        except (AddressRefusedError, socket.gaierror, TimeoutError) as error:
            return network_failure(error)
        except KafkaException as error:
            return failure(error.args[0])
        except UnusableError:
            message = "the client does not take these settings: look at certificates and keys"
            return Failure("INVALID_SETTINGS", message, lasting=True)
        except GoneError:
            return Failure("RETRY", "the connection to the cluster was closed just then")
        finally:
            if cluster.is_broken:
                await self._let_go(lambda each: each is cluster)

    async def close(self) -> None:
        await self._let_go(lambda _: True)

    async def _cluster(self, call: KafkaRecords) -> "Cluster":
        known = frozenset(call.connection.items()), call.timeout_s
        cluster = self._clusters.get(known)
        if cluster is None:
            cluster = Cluster(call.connection, call.timeout_s, allow_private=self._allow_private)
            self._clusters[known] = cluster
            await self._let_go(lambda each: each.idle_s > IDLE_S)
        return cluster

    async def _let_go(self, unwanted: "Callable[[Cluster], bool]") -> None:
        leaving = [(key, each) for key, each in self._clusters.items() if unwanted(each)]
        for key, _ in leaving:
            del self._clusters[key]
        await asyncio.gather(*(cluster.close() for _, cluster in leaving))
