"""Destination types for tests of the configuration, which must not depend on the real ones."""

from typing import Any

from headwater.errors import Problem, nearest


class Sends:
    """Two actions, whose only field is `data`."""

    def actions(self, type_: str) -> dict[str, bool]:
        return {"send": True, "send_one": False}

    def known_types(self) -> list[str]:
        raise NotImplementedError

    def why_unknown(self, type_: str) -> str:
        return f"no destination type {type_!r}; {nearest(type_, self.known_types())}"

    def secret_names(self, type_: str) -> set[str]:
        """All that tests call so, but `key_prefix`, which is none."""
        return {"dsn", "shared_secret", "apiKey", "api_key", "passwords", "pin_token", "use_token", "old_password"}

    def dedupes_on(self, type_: str) -> str:
        return "phone" if type_ == "texts" else ""

    def mapping_problems(self, type_: str, action: str, mapping: dict[str, Any]) -> list[Problem]:
        return [Problem("unknown field", key) for key in mapping if key != "data"]


class WebhookOnly(Sends):
    """One type, one required setting, no other."""

    def known_types(self) -> list[str]:
        return ["webhook"]

    def validate_settings(self, type_: str, settings: dict[str, Any]) -> list[Problem]:
        problems = [Problem("unknown setting", key) for key in settings if key != "url"]
        if not str(settings.get("url", "")).startswith("https://"):
            problems.append(Problem("expected an https:// address", "url"))
        return problems


class Anything(Sends):
    """Every type that a test uses, any settings."""

    def known_types(self) -> list[str]:
        return ["webhook", "log", "texts"]

    def validate_settings(self, type_: str, settings: dict[str, Any]) -> list[Problem]:
        return []
