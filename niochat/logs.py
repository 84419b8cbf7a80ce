"""Logging: one line an event, as JSON or for a terminal; no secret and no raw control character ever gets into one.

`configure` is Django's LOGGING_CONFIG. Standard `logging` and structlog end in the same handler, so both are covered.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from niochat.redaction import escape, hides, redact

# Objects that frameworks hang on a record for their own handlers.
NOT_FOR_LOGS = frozenset({"color_message", "request", "response", "server_time", "websocket"})
# uvicorn's and daphne's lines hold the query of a socket's path; our own access line (middleware) has no query.
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "django.channels.server", "daphne.http_protocol")


class WithoutSecrets(logging.Filter):
    """Takes secrets out of a record before any handler sees it, a test's or an error tracker's included."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in record.args)
        if isinstance(record.msg, str):
            record.msg = redact(record.msg)
        return True


def configure(options: Mapping[str, Any]) -> None:
    """Set up logging for this process: `options` holds `level` and `format` (`json` or `console`)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_standard(options["level"], formatter(options["format"], shared)))


def formatter(style: str, shared: list[Processor]) -> dict[str, Any]:
    """The formatter of our only handler, in `dictConfig`'s words."""
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(), _without_objects],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _clean,
            _renderer(style),
        ],
    }


def _standard(level: str, line: dict[str, Any]) -> dict[str, Any]:
    without_secrets = {"filters": ["without_secrets"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_secrets": {"()": WithoutSecrets}},
        "formatters": {"line": line},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: dict(without_secrets) for name in SERVER_LOGGERS},
            # Said by ourselves: each answer by the middleware, each socket by the post room.
            "uvicorn.error": {"level": "WARNING", **without_secrets},
            "uvicorn.access": {"level": "WARNING", **without_secrets},
            # It says whole addresses, and some providers' hold a token.
            "httpx": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.db.backends": {"level": "INFO"},
        },
    }


def _renderer(style: str) -> Processor:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=repr)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def _without_objects(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in NOT_FOR_LOGS}


def _clean(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Redact by name and by look; escape control characters, but keep a traceback's own lines."""
    for key, value in event.items():
        if hides(key):
            event[key] = "[redacted]"
        elif key == "exception":
            event[key] = "\n".join(escape(line) for line in redact(value).splitlines())
        elif isinstance(value, str):
            event[key] = escape(redact(value))
        elif not isinstance(value, (bool, int, float, type(None))):
            event[key] = escape(redact(repr(value)))
    return event
