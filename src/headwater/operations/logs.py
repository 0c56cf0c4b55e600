"""Structured logs: readable on a terminal, JSON lines everywhere else. Every line carries the time and the role.

Logs go to standard error, so that what a command prints on standard output stays clean.
"""

import logging
import os
import sys
import threading
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor


def configure(role: str, *, worker: int | None = None, stream: TextIO | None = None) -> None:
    """Send everything this process logs, libraries' `logging` included, through one renderer.

    HEADWATER_LOG chooses `json` or `human` (default: human on a terminal), HEADWATER_LOG_LEVEL the threshold.
    """
    stream = stream or sys.stderr
    level = _level(os.environ.get("HEADWATER_LOG_LEVEL", ""))
    form = os.environ.get("HEADWATER_LOG", "") or ("human" if stream.isatty() else "json")
    identity = {"role": role} if worker is None else {"role": role, "worker": worker}

    def identify(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {**event, **identity}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            identify,
            *(_human(stream) if form == "human" else _json()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(level, logging.WARNING), force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_unhandled
    threading.excepthook = lambda thread: _log_unhandled(
        thread.exc_type, thread.exc_value or thread.exc_type(), thread.exc_traceback
    )


def _level(name: str) -> int:
    return {"debug": 10, "info": 20, "warning": 30, "error": 40}.get(name.lower(), logging.INFO)


def _json() -> list[Processor]:
    # Tracebacks without local variables: those hold write keys, tokens and people's data.
    return [structlog.processors.format_exc_info, _ordered, _one_line]


def _ordered(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """time, level, role, event first: a person who reads the raw lines finds them in the same place."""
    return {key: event[key] for key in ("time", "level", "role", "event") if key in event} | dict(event)


def _one_line(_logger: Any, _method: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _human(stream: TextIO) -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(),
            timestamp_key="time",
            pad_event_to=36,
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


class _Forward(logging.Handler):
    """What libraries log through `logging`, as events of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None
        )


def _log_unhandled(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    structlog.get_logger().error("unhandled exception", exc_info=(kind, error, traceback))
