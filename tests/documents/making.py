"""Documents made for the tests: photographs of a sheet with text, and PDFs good and bad."""

import io
import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "диплом",
    "решением",
    "государственной",
    "комиссии",
    "присвоена",
    "квалификация",
    "врач",
    "лечебное",
    "дело",
    "выдан",
    "номер",
]


def photo(seed: int = 1, *, width: int = 1500, height: int = 2000, lines: int = 26, cut: bool = False) -> Image.Image:
    """A sheet with text on a table, as a phone sees it; `cut`: text runs out of the frame."""
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    table = Image.new("RGB", (width, height), chance.choice([(120, 90, 60), (70, 75, 85), (150, 150, 145)]))
    draw = ImageDraw.Draw(table)
    margin = -width // 12 if cut else width // chance.randint(9, 16)
    draw.rectangle((margin, margin, width - margin, height - margin), fill=(236, 232, 224))
    font = ImageFont.load_default(size=width // chance.randint(38, 50))
    for number in range(lines):
        text = " ".join(chance.choices(WORDS, k=4 if not cut else 9))
        draw.text((margin + width // 14, margin + (number + 2) * height // 32), text, fill=(45, 45, 60), font=font)
    light = np.linspace(1.0, chance.uniform(0.75, 0.95), width, dtype=np.float32)[None, :, None]
    grain = noise.normal(0, chance.uniform(1, 4), (height, width, 1)).astype(np.float32)
    return Image.fromarray((np.asarray(table, dtype=np.float32) * light + grain).clip(0, 255).astype(np.uint8))


def darker(picture: Image.Image, share: float) -> Image.Image:
    return picture.point(lambda value: int(value * share))


def washed_out(picture: Image.Image, floor: int) -> Image.Image:
    """Everything pressed between `floor` and white, as a flash does."""
    return picture.point(lambda value: min(255, floor + value * (255 - floor) // 200))


def jpeg(picture: Image.Image, **options: object) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85, **options)
    return kept.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG bomb: a few KB that unpack to `width` × `height` white pixels."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = zlib.compress(bytes(min(width * height // 8, 4_000_000)), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", row) + part(b"IEND", b"")


def jpeg_of_claimed_size(side: int) -> bytes:
    """A small JPEG whose header claims `side` × `side` pixels."""
    data = bytearray(jpeg(Image.new("RGB", (64, 64), "white")))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def pdf(spoil: Callable[[Pdf], object] | None = None, *, pages: int = 1, **saving: object) -> bytes:
    """A PDF with text on each page; `spoil` changes it before it is saved."""
    made = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    for number in range(pages):
        made.add_blank_page(page_size=(595, 842))
        page = made.pages[number]
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = made.make_stream(b"BT /F1 24 Tf 72 700 Td (Diploma No 107724) Tj ET")
    if spoil:
        spoil(made)
    kept = io.BytesIO()
    made.save(kept, **saving)
    return kept.getvalue()


def _script(kind: str = "JavaScript") -> Dictionary:
    return Dictionary(S=Name("/" + kind), JS=String("app.alert(1)"))


def _annotation(made: Pdf, **entries: object) -> None:
    made.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)])


def _attach(made: Pdf) -> None:
    made.attachments["x.exe"] = b"MZ"


def _root(**entries: object) -> Callable[[Pdf], None]:
    return lambda made: made.Root.update(Dictionary(**entries))


def _no_pages(made: Pdf) -> None:
    del made.pages[0]


ACTIVE: dict[str, tuple[str, Callable[[Pdf], object]]] = {
    "script at opening": ("pdf_javascript", _root(OpenAction=_script())),
    "named scripts": ("pdf_javascript", _root(Names=Dictionary(JavaScript=Dictionary(Names=[])))),
    "script behind a link": (
        "pdf_javascript",
        lambda made: _annotation(made, Subtype=Name.Link, A=Dictionary(S=Name.URI, Next=Array([_script()]))),
    ),
    "program start": (
        "pdf_launch",
        lambda made: _annotation(made, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("cmd.exe"))),
    ),
    "attachment": ("pdf_embedded", _attach),
    "attachment on the page": ("pdf_embedded", lambda made: _annotation(made, Subtype=Name.FileAttachment)),
    "print at opening": ("pdf_open_action", _root(OpenAction=Dictionary(S=Name.Named, N=Name.Print))),
    "page action": (
        "pdf_additional_actions",
        lambda made: made.pages[0].obj.update(Dictionary(AA=Dictionary())),
    ),
    "XFA form": ("pdf_xfa", _root(AcroForm=Dictionary(XFA=String("<xdp/>"), Fields=[]))),
    "video": ("pdf_rich_media", lambda made: _annotation(made, Subtype=Name.RichMedia)),
    "form that posts": (
        "pdf_action",
        lambda made: _annotation(made, Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=String("http://x"))),
    ),
    "no pages": ("pdf_no_pages", _no_pages),
}


def object_stream_bomb() -> bytes:
    """1.2 MB of PDF whose catalogue lies in an object stream of 1.2 GB."""
    packer = zlib.compressobj(9)
    spaces = b" " * 1_000_000
    stream = b"".join([packer.compress(b"1 0 "), *[packer.compress(spaces) for _ in range(1200)], packer.flush()])
    start = b"%PDF-1.7\n"
    packed = b"2 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(stream)
    body = start + packed + stream + b"\nendstream\nendobj\n"
    rows = b"".join(
        struct.pack(">BIH", *row) for row in ((0, 0, 65535), (2, 2, 0), (1, len(start), 0), (1, len(body), 0))
    )
    index = b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(rows)
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + index + rows + end


def written(*lines: str, blank: int = 0) -> bytes:
    """A PDF whose text can be read out: no font of ours knows Cyrillic, so the file says itself which letter each byte means.

    `blank` empty pages follow.
    """
    letters = sorted({letter for line in lines for letter in line})
    codes = {letter: code for code, letter in enumerate(letters, 1)}
    told = "\n".join(f"<{code:02x}> <{ord(letter):04x}>" for letter, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /x def\n1 begincodespacerange\n<01> <ff>\nendcodespacerange\n"
        f"{len(codes)} beginbfchar\n{told}\nendbfchar\nendcmap"
    )
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(595, 842))
        font = made.make_indirect(Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica, FirstChar=1, LastChar=len(codes),
            Widths=pikepdf.Array([500] * len(codes)), ToUnicode=made.make_stream(cmap.encode()),
        ))  # fmt: skip
        page.Resources = Dictionary(Font=Dictionary(F=font))
        shown = [
            f"BT /F 12 Tf 50 {780 - 24 * n} Td <{''.join(f'{codes[each]:02x}' for each in line)}> Tj ET"
            for n, line in enumerate(lines)
        ]
        page.Contents = made.make_stream("\n".join(shown).encode())
        for _ in range(blank):
            made.add_blank_page(page_size=(595, 842))
        into = io.BytesIO()
        made.save(into, deterministic_id=True)
        return into.getvalue()
