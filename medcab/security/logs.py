"""Logs as JSON lines with every known secret struck out, whoever writes them.

The framework logs whole events (with the Cookie header and what was typed) when something goes wrong; a filter on the root handlers
is the last door before the disk.
"""

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

_STRUCK = "•••"
_LONGEST, _READ = 4_000, 64_000
_NAMES = r"cookie|authorization|x-csrf-token|password|current|new_password|code|secret|token|snils|inn|phone|email|birth_date"
_QUOTED = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
_RULES: list[tuple[re.Pattern[str], str]] = [
    # Whole dumps: what a browser sent, in the framework's, the validator's and the databases' words. Only the handler's name is kept.
    (re.compile(r"(?s)Event\(name='(reflex___state[\w.]{0,150})'.*?(?= \[txid=|\Z)"), rf"Event({_STRUCK} \1)"),
    (re.compile(r"(?s)Event\(name=(?!•).*?(?= \[txid=|\Z)"), f"Event({_STRUCK})"),
    (re.compile(r"(found for event: )(?!reflex___state[\w.]{0,150}['\"\s])[^\n]*"), rf"\1{_STRUCK}"),
    (
        re.compile(r"(KeyError: )[^\n]*"),
        rf"\1{_STRUCK}",
    ),  # the key is often what was sent; the line above it says which look-up failed
    (re.compile(r"(?is)(event data(?: must be a dictionary, but received|:)? ).*"), rf"\1{_STRUCK}"),
    (re.compile(r"(?s)(Error transforming event (?:payload for handler [\w.<>]+:|argument)).*"), rf"\1 {_STRUCK}"),
    (re.compile(r"(?s)(\[parameters: ).*?(\](?=\n|\Z|\\n))"), rf"\1{_STRUCK}\2"),
    (re.compile(r"(DETAIL:)[^\n]*"), rf"\1 {_STRUCK}"),
    (re.compile(r"(?s)(input_value=).*?(, input_type=)"), rf"\1{_STRUCK}\2"),
    # Single values, by their name and then by their shape.
    (re.compile(r"(?i)((?:__Host-)?medcab[a-z-]*=)[^\s;,\"']+"), rf"\1{_STRUCK}"),
    (re.compile(r"(token=)[0-9a-f-]{36}"), rf"\1{_STRUCK}"),
    (re.compile(r"(/api/calendar/)[^\s\"'<>]+"), rf"\1{_STRUCK}"),
    (
        re.compile(rf"""(?i)(["']?(?:{_NAMES})["']?\s*[:=]\s*)(?!{_STRUCK})(b?(?:{_QUOTED})|[^\s,;}}\])]+)"""),
        rf"\1{_STRUCK}",
    ),
    (re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])"), _STRUCK),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}"), _STRUCK),
    (re.compile(r"(?<![\w.])\+?\d(?:[ ()-]{0,2}\d){10,15}(?![\w.])"), _STRUCK),
]
"""SNILS, INN, phones and policies are runs of 11 to 16 digits; a session's token is 43 characters."""
_LINE_BREAKS = str.maketrans({"\r": "\\r", "\n": "\\n"})


def redacted(text: str) -> str:
    """The text without what people sent: dumps cut off, secret-looking values struck out, at a length that cannot fill a disk.

    Of a long one the ends stay: what happened stands at the top of a traceback's record, and why at its bottom.
    """
    whole = text[:_READ]  # a megabyte of anything must not keep the patterns busy
    for pattern, replacement in _RULES:
        whole = pattern.sub(replacement, whole)
    if len(text) > _READ:
        return f"{whole[:_LONGEST]} …"
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST // 4]} … {whole[-3 * _LONGEST // 4 :]}"


class Redaction(logging.Filter):
    """Strikes secrets from the finished message and from a traceback's text; keeps one record on one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        if record.stack_info:
            text += f"\n{record.stack_info}"
        record.exc_info = record.exc_text = record.stack_info = None
        record.msg = redacted(text).translate(_LINE_BREAKS)
        record.args = ()
        return True


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}


def _log_the_end(kind: type[BaseException], value: BaseException | None, trace: TracebackType | None) -> None:
    """What would else go to the screen as it is."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("ended by an error", exc_info=(kind, value or kind(), trace))


def configure(level: int = logging.INFO) -> None:
    """Send everything through one redacting JSON handler."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper("iso"),
    ]
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
    for careless in ("engineio.server", "socketio.server"):
        logging.getLogger(careless).setLevel(
            logging.ERROR
        )  # left unset, they add a handler of their own that strikes nothing
    logging.getLogger("dbos").addHandler(logging.NullHandler())  # the same, when it finds none
    logging.captureWarnings(True)
    sys.excepthook = _log_the_end
    threading.excepthook = lambda ended: _log_the_end(ended.exc_type, ended.exc_value, ended.exc_traceback)
    for quiet in ("httpx", "httpcore", "alembic", "dbos"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
