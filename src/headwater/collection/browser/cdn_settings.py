"""The settings document that browser and mobile SDKs fetch before they send anything (spec 1.12, 1.14)."""

from typing import Any

import msgspec

from headwater.config.workspace import Source


def settings(source: Source, *, host: str, protocol: str) -> bytes:
    """JSON that sends every SDK to `host` (with port, without scheme) and to nobody else.

    The same source, host and protocol always give the same bytes.
    """
    document: dict[str, Any] = {
        # Exactly one key: a second one makes the browser load the chunk for device-mode destinations.
        # apiHost wins over what the developer configured in Swift, Kotlin and React Native, so it must be right.
        "integrations": {
            "Segment.io": {
                "apiKey": source.write_key,
                "apiHost": f"{host}/v1",
                "protocol": protocol,
                "addBundledMetadata": True,
            }
        },
        "plan": {
            "track": {"__default": {"enabled": True, "integrations": {}}},
            "identify": {"__default": {"enabled": True}},
            "group": {"__default": {"enabled": True}},
        },
        # Only objects at this level: Kotlin gives up when one of its members is anything else.
        "edgeFunction": {},
        "middlewareSettings": {},
        "enabledMiddleware": {},
        # Without it, SDKs measure themselves and tell Segment.
        "metrics": {"sampleRate": 0},
        "consentSettings": {},
        "autoInstrumentationSettings": {"sampleRate": 0},
        "autoInstrumentation": {},
    }
    return msgspec.json.encode(document)
