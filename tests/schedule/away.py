"""Calendars as other programs write them, and files that are none. Days count from the cast's Monday."""

from datetime import timedelta

from tests.schedule.reception import NINE

TODAY = NINE.date()


def ics(*events: str, head: str = "") -> bytes:
    """A calendar as some program wrote it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//", *([head] if head else [])]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.split("\n"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def day(number: int) -> str:
    return f"{TODAY + timedelta(days=number):%Y%m%d}"


def whole(uid: str, first: int, after: int, more: str = "") -> str:
    """Days from `first` up to the one before `after`, counted from today."""
    text = f"UID:{uid}\nDTSTAMP:20260101T000000Z\nSUMMARY:{uid}\nDTSTART;VALUE=DATE:{day(first)}\nDTEND;VALUE=DATE:{day(after)}"
    return f"{text}\n{more}" if more else text


BAD = {
    "empty": b"", "binary": bytes(range(256)) * 40, "nul": ics(whole("x", 1, 2)).replace(b"SUMMARY:x", b"SUMMARY:\0"), "pdf": b"%PDF-1.7\n%...",
    "html": "<!doctype html><p>Войдите".encode(), "archive": b"PK\x03\x04" + b"\0" * 100, "torn": ics(whole("x", 1, 2))[:80], "no events": ics(),
    "five megabytes": ics(*[whole("x" * 40, 1, 2)] * 40_000), "cards": b"BEGIN:VCARD\r\nEND:VCARD\r\n", "utf-16 of nothing": b"\xff\xfe\x00",
}  # fmt: skip
