"""Reading one uploaded file off the wire into a private folder: streamed, counted, timed; nothing is kept in memory or in a shared folder."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from medcab.documents.rules import MAX_BYTES, REFUSALS
from medcab.errors import Invalid

PART = "file"
SILENCE_SECONDS = 20
"""The longest pause between two pieces of a body."""
WHOLE_SECONDS = 240


class NotRead(Invalid):
    """The body is not one file of ours; `code` goes to the journal."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence, field=PART)


def too_large() -> NotRead:
    reason = REFUSALS["file_large"]
    return NotRead(reason.code, f"{reason.sentence} {reason.how_to_do_better}")


@dataclass
class _Receiver:
    """What the parser calls back. Only the part named `file` is written, and only once."""

    into: BinaryIO
    name: str = ""
    files: int = 0
    size: int = 0
    is_whole: bool = False
    _is_file: bool = False
    _header: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        self._headers, self._is_file = {}, False

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != PART.encode() or b"filename" not in options:
            return
        self.files += 1
        if self.files > 1:
            raise NotRead("many_files", "Загружайте файлы по одному.")
        self._is_file, self.name = True, options[b"filename"].decode("utf-8", "replace")

    def data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            return
        self.size += end - start
        if self.size > MAX_BYTES:
            raise too_large()
        self.into.write(data[start:end])

    def end(self) -> None:
        self.is_whole = True


async def receive(request: Request, folder: Path) -> tuple[Path, str]:
    """Write the request's one file into `folder`; its path and the name its sender gives it. Raises `NotRead`."""
    path = folder / "received"
    with path.open("xb") as into:
        receiver = _Receiver(into)
        try:
            await _feed(request, _parser(request, receiver))
        except MultipartParseError as problem:
            raise NotRead("broken", "Файл пришёл повреждённым. Загрузите его ещё раз.") from problem
        except (ClientDisconnect, TimeoutError) as problem:
            raise NotRead("interrupted", "Загрузка прервалась. Попробуйте ещё раз.") from problem
    if not (receiver.files and receiver.is_whole):
        raise NotRead("no_file", "Файл не получен. Выберите его и загрузите ещё раз.")
    return path, receiver.name


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
