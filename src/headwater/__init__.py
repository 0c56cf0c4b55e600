"""Headwater: a self-hosted customer data platform. Start reading at docs/ARCHITECTURE.md."""

__version__ = "0.1.0"
