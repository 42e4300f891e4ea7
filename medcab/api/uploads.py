"""Reading an upload off the wire into a private folder: streamed, counted, timed; nothing is kept in memory or in a shared folder.

It is one file, or several photographs that become the pages of one document, in the order in which they come.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from medcab.documents.rules import MAX_BYTES, MAX_PHOTOS, MAX_TOGETHER, REFUSALS
from medcab.errors import Invalid

PART = "file"
CHOICE = b"straighten"
"""A part that says `no` when photographs are to stay as they were taken."""
_CHOICE_BYTES = 16
SILENCE_SECONDS = 20
"""The longest pause between two pieces of a body."""
WHOLE_SECONDS = 240


class NotRead(Invalid):
    """The body is not an upload of ours; `code` goes to the journal."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence, field=PART)


def _refused(code: str) -> NotRead:
    reason = REFUSALS[code]
    return NotRead(reason.code, f"{reason.sentence} {reason.how_to_do_better}")


def _unescaped(name: str) -> str:
    """A browser percent-encodes these three in a name, and nothing else."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


@dataclass(frozen=True)
class Received:
    """What came: each file with the name its sender gives it, in order."""

    files: list[tuple[Path, str]]
    straighten: bool


@dataclass
class _Receiver:
    """What the parser calls back. Only parts named `file` are written, each into a file of its own."""

    folder: Path
    files: list[tuple[Path, str]] = field(default_factory=list)
    is_whole: bool = False
    choice: bytes = b""
    _into: BinaryIO | None = None
    _is_choice: bool = False
    _size: int = 0
    _together: int = 0
    _header: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        self._headers, self._is_choice = {}, False
        self.close()

    def close(self) -> None:
        if self._into:
            self._into.close()
            self._into = None

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._is_choice = options.get(b"name") == CHOICE
        if options.get(b"name") != PART.encode() or b"filename" not in options:
            return
        if len(self.files) == MAX_PHOTOS:
            raise _refused("joined_many")
        path = self.folder / f"received-{len(self.files)}"
        self._into, self._size = path.open("xb"), 0
        self.files.append((path, _unescaped(options[b"filename"].decode("utf-8", "replace"))))

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._is_choice:
            self.choice = (self.choice + data[start:end])[:_CHOICE_BYTES]
        if not self._into:
            return
        self._size += end - start
        self._together += end - start
        if self._size > MAX_BYTES:
            raise _refused("file_large")
        if self._together > MAX_TOGETHER:
            raise _refused("joined_large")
        self._into.write(data[start:end])

    def end(self) -> None:
        self.is_whole = True


async def receive(request: Request, folder: Path) -> Received:
    """Write the request's files into `folder`. Raises `NotRead`."""
    receiver = _Receiver(folder)
    try:
        await _feed(request, _parser(request, receiver))
    except MultipartParseError as problem:
        raise NotRead("broken", "Файл пришёл повреждённым. Загрузите его ещё раз.") from problem
    except (ClientDisconnect, TimeoutError) as problem:
        raise NotRead("interrupted", "Загрузка прервалась. Попробуйте ещё раз.") from problem
    finally:
        receiver.close()
    if not (receiver.files and receiver.is_whole):
        raise NotRead("no_file", "Файл не получен. Выберите его и загрузите ещё раз.")
    return Received(receiver.files, straighten=receiver.choice != b"no")


def _parser(request: Request, receiver: _Receiver) -> MultipartParser:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise NotRead("no_file", "Файл не получен. Выберите его и загрузите ещё раз.")
    return MultipartParser(
        boundary,
        {
            "on_part_begin": receiver.begin, "on_header_field": receiver.header_name, "on_header_value": receiver.header_value,
            "on_header_end": receiver.header_end, "on_headers_finished": receiver.headers_finished,
            "on_part_data": receiver.data, "on_end": receiver.end,
        },
    )  # fmt: skip


async def _feed(request: Request, parser: MultipartParser) -> None:
    """A body that stops or crawls is given up."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + WHOLE_SECONDS
    pieces = aiter(request.stream())
    while True:
        try:
            piece = await asyncio.wait_for(anext(pieces), min(SILENCE_SECONDS, max(ends - loop.time(), 0)))
        except StopAsyncIteration:
            return
        parser.write(piece)
