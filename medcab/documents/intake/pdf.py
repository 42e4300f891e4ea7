"""Looking at a PDF inside the sandbox: whole, open to all, and nothing in it that acts.

Run by `worker` only: it parses hostile bytes. The bytes are kept as they came (a document may carry a
signature), so what cannot be made safe by rewriting is refused.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from medcab.documents.intake.refusal import RefusedFile
from medcab.documents.rules import MAX_PAGES

_REPAIRED = ("damaged", "reconstruct", "recover", "unexpected eof", "expected end", "can't find startxref")
_TAIL = 2048
_A4_LONG = 842  # pt
_LARGEST = 14400  # pt: what the format allows
_LONGEST = 100  # times as long as wide

# What is refused, by the key or the value that gives it away; the first found in a dictionary is told.
_ACTIONS = {
    "/JavaScript": "pdf_javascript",
    "/Launch": "pdf_launch",
    "/GoToE": "pdf_action",
    "/GoToR": "pdf_action",
    "/SubmitForm": "pdf_action",
    "/ImportData": "pdf_action",
    "/Rendition": "pdf_rich_media",
    "/RichMediaExecute": "pdf_rich_media",
    "/Movie": "pdf_rich_media",
    "/Sound": "pdf_rich_media",
}
_SUBTYPES = {
    "/RichMedia": "pdf_rich_media",
    "/Screen": "pdf_rich_media",
    "/Movie": "pdf_rich_media",
    "/Sound": "pdf_rich_media",
    "/3D": "pdf_rich_media",
    "/FileAttachment": "pdf_embedded",
}
_KEYS = {
    "/JS": "pdf_javascript",
    "/JavaScript": "pdf_javascript",
    "/EmbeddedFiles": "pdf_embedded",
    "/EF": "pdf_embedded",
    "/XFA": "pdf_xfa",
    "/AA": "pdf_additional_actions",
}


def examine(path: Path) -> int:
    """The number of pages of a PDF that may be taken; raises `RefusedFile`."""
    _whole(path)
    try:
        with pikepdf.open(path, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise RefusedFile("pdf_encrypted")
            pages = _pages(pdf)
            _passive(pdf)
            if any(
                sign in str(w).lower() for w in [*pdf.get_warnings(), *pdf.check_pdf_syntax()] for sign in _REPAIRED
            ):
                raise RefusedFile("pdf_damaged")
            return pages
    except pikepdf.PasswordError as problem:
        raise RefusedFile("pdf_encrypted") from problem
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as problem:
        raise RefusedFile("pdf_damaged") from problem


def first_page(path: Path, side: int, *, page: int = 1) -> Image.Image:
    """Page `page` (from 1) drawn so that its longer side is `side` px; raises `RefusedFile`."""
    try:
        with pdfium.PdfDocument(path) as document:
            sheet = document[page - 1]
            return sheet.render(scale=side / max(*sheet.get_size(), 1)).to_pil().convert("RGB")
    except (pdfium.PdfiumError, IndexError, ValueError) as problem:
        raise RefusedFile("pdf_damaged") from problem


def text_of(path: Path, most: int) -> str:
    """The first `most` characters of the text that the file itself holds, page after page."""
    read = ""
    with pdfium.PdfDocument(path) as document:
        for sheet in document:
            read += sheet.get_textpage().get_text_bounded() + "\n"
            if len(read) >= most:
                break
    return read[:most]


def join(photographs: Sequence[Path], into: Path) -> None:
    """One PDF of these JPEGs of our own making, a page each, as large as a sheet of A4 is long. The same photographs give the same bytes."""
    with pikepdf.new() as made:
        for path in photographs:
            with Image.open(path, formats=("JPEG",)) as picture:
                size = picture.size
            scale = _A4_LONG / max(size)
            width, height = (round(side * scale, 2) for side in size)
            image = pikepdf.Stream(
                made, path.read_bytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=size[0], Height=size[1],
                ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
            )  # fmt: skip
            page = made.add_blank_page(page_size=(width, height))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=image))
            page.Contents = made.make_stream(f"q {width} 0 0 {height} 0 0 cm /Photo Do Q".encode())
        made.save(into, deterministic_id=True)


def _whole(path: Path) -> None:
    """Look for the end ourselves: qpdf repairs half a file into a shorter document, not the whole one."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        _end, mark, tail = file.read().rpartition(b"%%EOF")
    if not mark:
        raise RefusedFile("pdf_damaged")
    if tail.strip(b"\0 \t\r\n\x1a"):  # another file hidden behind the end
        raise RefusedFile("pdf_tail")


def _pages(pdf: pikepdf.Pdf) -> int:
    count = len(pdf.pages)
    if count == 0:
        raise RefusedFile("pdf_no_pages")
    if count > MAX_PAGES:
        raise RefusedFile("pdf_pages")
    if not all(_is_possible(page) for page in pdf.pages):
        raise RefusedFile("pdf_page_size")
    return count


def _is_possible(page: pikepdf.Page) -> bool:
    """A sheet of some size: not larger than the format allows, not a thread, not nothing."""
    left, low, right, high = (float(each) for each in page.mediabox.as_list())
    unit = float(page.obj.get("/UserUnit", 1))
    short, long = sorted((abs(right - left) * unit, abs(high - low) * unit))
    return short >= 1 and long <= min(_LARGEST, short * _LONGEST)


def _passive(pdf: pikepdf.Pdf) -> None:
    """No dictionary in the file acts. A jump to a page at opening is allowed: most programs write one."""
    for found in _dictionaries(pdf):
        if code := _active(found):
            raise RefusedFile(code)
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo":
        raise RefusedFile("pdf_open_action")


def _active(found: Any) -> str | None:
    """Why this dictionary acts, or None."""
    by_value = _ACTIONS.get(str(found.get("/S"))) or _SUBTYPES.get(str(found.get("/Subtype")))
    return by_value or next((code for key, code in _KEYS.items() if key in found), None)


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary (a stream's own too) in the file, each once."""
    for top in pdf.objects:
        waiting: list[Any] = [top]
        while waiting:
            item = waiting.pop()
            if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
                own = item.stream_dict if isinstance(item, pikepdf.Stream) else item
                yield own
                waiting += [value for value in own.values() if _inner(value)]
            elif isinstance(item, pikepdf.Array):
                waiting += [value for value in item if _inner(value)]


def _inner(value: Any) -> bool:
    """A container written in place; an indirect one comes by itself."""
    return isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect
