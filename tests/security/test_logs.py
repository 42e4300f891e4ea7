"""Nothing that a person typed or a browser holds reaches the log, whoever writes it and however it is wrapped."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflex_base.event import Event

from medcab.security import logs

SNILS, PHONE, PASSWORD, CODE = "112-233-445 95", "+7 (912) 345-67-89", "Correct horse, battery's staple!", "491826"
COOKIE = "q8Zk3vQm1Rr7Tt2Yy5Uu9Ii0Oo4Pp6Aa8Ss1Dd3Ff5G"
SECRETS = (SNILS, PHONE, PASSWORD, CODE, COOKIE, "11223344595", "79123456789", "a.ivanova@clinic.example")
EVENT = Event(
    name="reflex___state____state.desk.open",
    payload={"snils": SNILS, "note": PHONE, "x": PASSWORD, "y": CODE},
    router_data={"headers": {"cookie": f"other=1; medcab={COOKIE}"}, "token": "0f8fad5b-d9cb-469f-a165-70867728950e"},
)
LINES = [
    f"Error processing event queue entry for {EVENT} [txid=4f]:",
    f"Failed to deserialize event data: {EVENT.payload}.",
    f"Received event data as a string. This may indicate a bug. Event data: {json.dumps(EVENT.payload)}",
    f"Event data must be a dictionary, but received ['{PASSWORD}', {CODE}] of type <class 'list'>.",
    f"Error transforming event payload for handler Desk.open: value '{PASSWORD}' of '{CODE}'",
    f"KeyError: 'No registered handler found for event: {PASSWORD}'",
    f"registered = handlers[entry.event.name]\nKeyError: '{PASSWORD}'\n\nThe above exception was the direct cause",
    f"(psycopg.errors.UniqueViolation) duplicate key\nDETAIL:  Key (phone)=({PHONE}) already exists.\n[SQL: INSERT]\n[parameters: ('{PASSWORD}', '{CODE}')]\n",
    f"1 validation error for SignIn\npassword\n  too short [type=x, input_value='{PASSWORD[:9]}...{CODE}', input_type=str]",
    f"password='{PASSWORD}'",
    f'{{"password": "{PASSWORD}", "code": "{CODE}"}}',
    f"headers: cookie: medcab={COOKIE}; path=/",
    f"set-cookie __Host-medcab={COOKIE}",
    f"asked for {SNILS}, {PHONE}, 11223344595, +79123456789 and a.ivanova@clinic.example",
    f"GET /_event?token=0f8fad5b-d9cb-469f-a165-70867728950e with {COOKIE}",
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What would be on the disk."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    logs.configure()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    yield written
    root.handlers[:] = kept
    root.setLevel(level)


@pytest.mark.parametrize("line", LINES)
def test_no_secret_survives(line: str) -> None:
    kept = logs.redacted(line)
    assert [secret for secret in SECRETS if secret in kept] == []
    assert "0f8fad5b" not in kept


@pytest.mark.parametrize("line", LINES)
def test_nor_inside_an_exception_of_any_logger(log: io.StringIO, line: str) -> None:
    for name in ("reflex_base.event.processor.event_processor", "engineio.server", "asyncio", "medcab.jobs"):
        try:
            raise ValueError(line)  # noqa: TRY301
        except ValueError:
            logging.getLogger(name).exception("failed: %s", line)
    text = log.getvalue()
    assert [secret for secret in SECRETS if secret in text] == []
    assert text.count("\n") == 4
    assert {json.loads(each)["level"] for each in text.splitlines()} == {"error"}


def test_what_an_operator_needs_stays() -> None:
    assert (
        logs.redacted(LINES[0])
        == "Error processing event queue entry for Event(••• reflex___state____state.desk.open) [txid=4f]:"
    )
    for line in (
        "medcab serves http://127.0.0.1:8080",
        "message 0f8fad5b-d9cb-469f-a165-70867728950e of kind sms waits: Сервис временно недоступен.",
        "2026-11-22T19:00:00.123456Z job took 1732302000.123456 s",
        "Started worker-1 runtime-1, pid 12345, 1500000 rows",
    ):
        assert logs.redacted(line) == line


def test_a_line_break_cannot_forge_a_line(log: io.StringIO) -> None:
    logging.getLogger("medcab").warning('refused\n{"level": "info", "event": "signed in"}\r\n')
    [line] = log.getvalue().splitlines()
    assert json.loads(line)["level"] == "warning"


def test_one_record_cannot_fill_the_disk(log: io.StringIO) -> None:
    logging.getLogger("medcab").warning("x" * 1_000_000)
    assert len(log.getvalue()) < 5_000


def test_of_a_long_record_both_ends_stay() -> None:
    kept = logs.redacted("a handler failed\n" + "  File x, line 1\n" * 2_000 + "ValueError: why")
    assert kept.startswith("a handler failed")
    assert kept.endswith("ValueError: why")


def test_no_library_brings_a_handler_of_its_own() -> None:
    """Those would write past the redaction."""
    import medcab.medcab  # noqa: F401 - the whole application

    own = {
        name: logger.handlers
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and logger.handlers
    }
    assert {
        name: handlers
        for name, handlers in own.items()
        if not all(isinstance(one, logging.NullHandler) for one in handlers)
    } == {}


@given(st.text(max_size=200), st.sampled_from(["password", "Cookie", "snils", "phone", "code"]))
def test_a_named_value_never_survives_quoting(value: str, name: str) -> None:
    dump = repr({"a": 1, name: "Zq9!" + value + "!9qZ"})
    assert "Zq9!" not in logs.redacted(dump)
    assert "!9qZ" not in logs.redacted(dump)
