"""One log for a process: structured lines on standard error, for people or for machines."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

from runtime.settings import Settings

NOISY = {"httpx": "WARNING", "httpcore": "WARNING", "mail.log": "WARNING", "alembic": "WARNING"}
"""Libraries that log each step at INFO; theirs is not our users' business."""


def _without_colours(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Drop the second, coloured copy of its text that uvicorn adds to a line."""
    event.pop("color_message", None)
    return event


def configure_logging(settings: Settings, *, process: str | None = None) -> None:
    """Send structlog and the standard library's logging through one formatter.

    `process` (`api`, `worker`) is added to each line. Safe to call more than once.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_colours,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor]
    if settings.log_format == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Plain tracebacks: the richer kind prints local variables, keys and contacts among them.
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in NOISY.items():
        logging.getLogger(name).setLevel(level)
    # uvicorn installs handlers of its own; without them its lines reach the root like all others.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    if process:
        structlog.contextvars.bind_contextvars(process=process)
