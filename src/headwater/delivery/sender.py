"""One destination's settings, bound to its type and to a client: what turns an event into an outcome."""

import asyncio

import msgspec
import structlog

from headwater.config.workspace import Destination
from headwater.delivery.client import Client
from headwater.destinations import registry
from headwater.destinations.model import Outcome, Rejected, RetryLater, any_delivered
from headwater.errors import ConfigError, Problem
from headwater.event import OutboundEvent

logger = structlog.get_logger()


class Sender:
    def __init__(self, destination: Destination, client: Client) -> None:
        """ConfigError when the settings are not those of a known type (another version stored them)."""
        type_ = registry.get(destination.type)
        problems = registry.validate_settings(destination.type, destination.settings)
        if type_ is None or problems:
            raise ConfigError(problems or [Problem("unknown type", "type")])
        settings = msgspec.convert(destination.settings, type_.settings)
        self._name = destination.name
        self._requests = type_.requests(settings)
        self._outcome = type_.outcome
        self._client = client

    async def attempt(self, event: OutboundEvent) -> Outcome:
        """One attempt at every address the destination has. Raises nothing but cancellation: what cannot be
        built is rejected, what broke on the way is tried again, and both harm only this event.
        """
        try:
            requests = self._requests(event)
        except Exception as error:
            logger.error("request_not_built", destination=self._name, error=type(error).__name__)
            return Rejected("INTERNAL", "the request could not be built")
        try:
            if len(requests) == 1:
                return self._outcome(await self._client.send(requests[0]))
            answers = await asyncio.gather(*map(self._client.send, requests))
            return any_delivered([self._outcome(answer) for answer in answers])
        except Exception as error:
            logger.error("attempt_broke", destination=self._name, error=type(error).__name__)
            return RetryLater("INTERNAL", "the attempt broke off inside Headwater")
