"""Logs as JSON lines with every known secret struck out, whoever writes them.

The framework logs whole events (with the Cookie header and what was typed) when something goes wrong; a filter on the root handlers
is the last door before the disk.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_STRUCK = "•••"
_NAMES = r"cookie|authorization|x-csrf-token|password|current|new_password|code|secret|token|snils|inn|phone|email|birth_date"
_PAIR = re.compile(rf"""(?i)(["']?(?:{_NAMES})["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}}\])]+)""")
_COOKIE = re.compile(r"(?i)((?:__Host-)?medcab[a-z-]*=)[^\s;,\"']+")
_TAB = re.compile(r"(token=)[0-9a-f-]{36}")
_LINE_BREAKS = str.maketrans({"\r": "\\r", "\n": "\\n"})


def redacted(text: str) -> str:
    """The text without values of secret-looking names and cookies."""
    text = _COOKIE.sub(rf"\1{_STRUCK}", text)
    text = _TAB.sub(rf"\1{_STRUCK}", text)
    return _PAIR.sub(rf"\1{_STRUCK}", text)


class Redaction(logging.Filter):
    """Strikes secrets from the finished message and from a traceback's text; keeps one record on one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
            record.exc_info = record.exc_text = None
        record.msg = redacted(text).translate(_LINE_BREAKS)
        record.args = ()
        return True


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(level: int = logging.INFO) -> None:
    """Send everything through one redacting JSON handler."""
    shared: list[Any] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.processors.TimeStamper("iso")]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Redaction())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("reflex", "reflex_base", "_granian", "granian.access", "dbos", "sqlalchemy", "alembic", "httpx"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for quiet in ("httpx", "httpcore", "alembic", "dbos"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
