"""Bad files, made here: cut, bent, locked, too large for their bytes, two things at once. Each with what may be said of it."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from tests.documents import making


class Bad(NamedTuple):
    """A file, and the codes of the refusals that are true of it; `None` among them: it may be taken as well."""

    name: str
    content: bytes
    codes: frozenset[str | None]


def bad(name: str, content: bytes, *codes: str | None) -> Bad:
    return Bad(name, content, frozenset(codes))


def _shares(count: int) -> Iterator[float]:
    return ((number + 1) / (count + 1) for number in range(count))


def cut_short() -> Iterator[Bad]:
    """Downloads that broke off, everywhere between the first bytes and the last."""
    whole = making.pdf(pages=5)
    for share in _shares(20):
        yield bad(f"pdf cut at {share:.0%}", whole[: int(len(whole) * share)], "pdf_damaged")
    picture = making.jpeg(making.photo(width=1100, height=1400))
    for share in _shares(8):
        yield bad(f"jpeg cut at {share:.0%}", picture[: int(len(picture) * share)], "photo_damaged")
    packed = png(making.photo(width=1100, height=1400))
    for share in _shares(4):
        yield bad(f"png cut at {share:.0%}", packed[: int(len(packed) * share)], "photo_damaged")
    apple = heic(making.photo(width=1100, height=1400))
    for share in _shares(4):
        yield bad(f"heic cut at {share:.0%}", apple[: int(len(apple) * share)], "photo_damaged")


_ANYTHING_TRUE = (
    None, "pdf_damaged", "photo_damaged", "photo_pixels", "pdf_tail", "pdf_pages", "pdf_no_pages", "type_unknown", "too_heavy",
    "blur", "cut", "small", "dark", "empty", "overexposed", "pdf_encrypted",
)  # fmt: skip
"""A flipped bit may hit what nobody reads, or anything else. It must never be told that the file acts."""


def bent() -> Iterator[Bad]:
    """One to forty flipped bits."""
    for kind, whole in (("pdf", making.pdf(pages=3)), ("jpeg", making.jpeg(making.photo(width=1100, height=1400)))):
        for seed in range(20):
            chance, content = random.Random(seed), bytearray(whole)
            for _ in range(1 + 2 * seed):
                content[chance.randrange(16, len(content))] ^= 1 << chance.randrange(8)
            yield bad(f"{kind} with {1 + 2 * seed} bits flipped", bytes(content), *_ANYTHING_TRUE)


def locked() -> Iterator[Bad]:
    for revision in (2, 3, 4, 6):
        for owner_only in (True, False):
            lock = pikepdf.Encryption(
                owner="owner", user="" if owner_only else "user", R=revision, aes=revision > 3, metadata=revision > 3
            )
            name = f"pdf locked, revision {revision}, {'owner' if owner_only else 'user'}"
            yield bad(name, making.pdf(encryption=lock), "pdf_encrypted")


def acting() -> Iterator[Bad]:
    """What `making.ACTIVE` has not: actions in odd places."""

    def script(made: Pdf) -> Dictionary:
        return Dictionary(S=Name.JavaScript, JS=made.make_stream(b"app.alert(1)"))

    def outline(made: Pdf) -> None:
        item = made.make_indirect(Dictionary(Title=String("x"), A=script(made)))
        made.Root.Outlines = made.make_indirect(Dictionary(First=item, Last=item, Count=1))

    def form_field(made: Pdf) -> None:
        field = Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=script(made)))
        made.Root.AcroForm = Dictionary(Fields=Array([made.make_indirect(field)]))

    def nested(made: Pdf) -> None:
        inner: Dictionary = Dictionary(S=Name.Launch, F=String("cmd.exe"))
        for _ in range(60):
            inner = Dictionary(S=Name.URI, URI=String("https://x"), Next=Array([inner]))
        made.Root.OpenAction = inner

    def reset(made: Pdf) -> None:
        made.Root.OpenAction = Dictionary(S=Name.ResetForm)

    cases: dict[str, tuple[str, Callable[[Pdf], None]]] = {
        "script in an outline": ("pdf_javascript", outline),
        "script at a key": ("pdf_additional_actions", form_field),
        "a launch sixty actions deep": ("pdf_launch", nested),
        "reset at opening": ("pdf_open_action", reset),
        "file from elsewhere": ("pdf_action", lambda made: made.Root.update(Dictionary(OpenAction=Dictionary(S=Name.GoToR, F=String("//evil/x"))))),
        "data from elsewhere": ("pdf_action", lambda made: made.Root.update(Dictionary(OpenAction=Dictionary(S=Name.ImportData, F=String("x"))))),
    }  # fmt: skip
    for name, (code, spoil) in cases.items():
        yield bad(name, making.pdf(spoil), code)


def huge_pages() -> Iterator[Bad]:
    """Boxes up to what the format allows (14400 pt, five metres), and beyond."""

    def boxed(*box: float, unit: float | None = None) -> bytes:
        def spoil(made: Pdf) -> None:
            made.pages[0].obj.MediaBox = Array(list(box))
            if unit:
                made.pages[0].obj.UserUnit = unit

        return making.pdf(spoil)

    yield bad("a page of 14400 pt", boxed(0, 0, 14400, 14400), None)
    yield bad("a page of 14400 pt in units of 1000", boxed(0, 0, 14400, 14400, unit=1000), "pdf_page_size")
    yield bad("a page of 1e9 pt", boxed(0, 0, 1e9, 1e9), "pdf_page_size")
    yield bad("a page as long as a road", boxed(0, 0, 1, 14400), "pdf_page_size")
    yield bad("a page as wide as a road", boxed(0, 0, 1e7, 1), "pdf_page_size")
    yield bad("a page of nothing", boxed(0, 0, 0, 0), "pdf_page_size")
    yield bad("a page turned inside out", boxed(600, 800, 0, 0), None)
    yield bad("a page somewhere else", boxed(-1e6, -1e6, -1e6 + 600, -1e6 + 800), None)


def bombs() -> Iterator[Bad]:
    """A few bytes that would become a lot."""
    heavy = ("too_heavy", "pdf_damaged")
    yield bad("drawing of 150 MB, packed five times", making.pdf(_drawing(150, times=5)), "too_heavy")
    yield bad("a picture of 20000 × 20000 in a page", making.pdf(_vast_picture), None, *heavy)
    yield bad("100,000 pages", _pages_that_are_one(100_000), "pdf_pages")
    yield bad("pages that contain themselves", making.pdf(_circle), "pdf_damaged")
    yield bad("a form that draws itself", making.pdf(_mirror), "too_heavy")
    yield bad("100,000 objects", making.pdf(_many_objects), None)
    yield bad("arrays 100,000 deep", _deep(100_000), None, *heavy)
    yield bad("png of 20000 × 20000", making.png_header(20_000, 20_000), "photo_pixels")
    yield bad("png with endless notes", _png_of_notes(), "photo_damaged")
    yield bad("jpeg that claims 65500 × 65500", making.jpeg_of_claimed_size(65_500), "photo_pixels")
    yield bad("heic that claims 40000 × 40000", _heic_of_claimed_size(40_000), "photo_pixels")


def two_at_once() -> Iterator[Bad]:
    """Polyglots: what is kept is one thing only, or nothing."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("evil.exe", b"MZ")
    page = b"<html><script>alert(document.domain)</script></html>"
    yield bad("pdf and zip", making.pdf() + archive.getvalue(), "pdf_tail")
    yield bad("zip and pdf", archive.getvalue() + making.pdf(), "type_archive")
    yield bad("html and pdf", page + making.pdf(), "type_web")
    yield bad("pdf and html", making.pdf() + page, "pdf_tail")
    yield bad("gif and html", b"GIF89a" + page, "type_image")
    yield bad("svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "type_web")
    yield bad("program and pdf", b"MZ" + making.pdf(), "type_unknown")
    yield bad("nothing", b"", "file_empty")
    yield bad("one byte", b"%", "type_unknown")
    yield bad("only a signature", b"%PDF-1.7", "pdf_damaged")
    yield bad("only zeros", bytes(1000), "type_unknown")


CORPUS = (cut_short, bent, locked, acting, huge_pages, bombs, two_at_once)


def png(picture: Image.Image) -> bytes:
    into = io.BytesIO()
    picture.save(into, "PNG", compress_level=1)
    return into.getvalue()


def heic(picture: Image.Image) -> bytes:
    into = io.BytesIO()
    pillow_heif.from_pillow(picture).save(into, quality=40)
    return into.getvalue()


def _drawing(megabytes: int, *, times: int = 1) -> Callable[[Pdf], None]:
    packer = zlib.compressobj(9)
    block = b"0 0 m 9 9 l S\n" * 74_900  # about 1 MB
    content = b"".join([*[packer.compress(block) for _ in range(megabytes)], packer.flush()])
    for _ in range(times - 1):
        content = zlib.compress(content, 9)

    def spoil(made: Pdf) -> None:
        stream = pikepdf.Stream(made, content, Filter=Array([Name.FlateDecode] * times))
        made.pages[0].Contents = stream

    return spoil


def _vast_picture(made: Pdf) -> None:
    packer = zlib.compressobj(9)
    rows = bytes(3_007_519)
    content = b"".join([*[packer.compress(rows) for _ in range(133)], packer.flush()])
    image = pikepdf.Stream(
        made, content, Type=Name.XObject, Subtype=Name.Image, Width=20_000, Height=20_000, ColorSpace=Name.DeviceGray,
        BitsPerComponent=8, Filter=Name.FlateDecode,
    )  # fmt: skip
    made.pages[0].Resources.XObject = Dictionary(Vast=image)
    made.pages[0].Contents = made.make_stream(b"600 0 0 800 0 0 cm /Vast Do")


def _circle(made: Pdf) -> None:
    made.Root.Pages.Kids = Array([made.Root.Pages])


def _mirror(made: Pdf) -> None:
    form = made.make_stream(b"/Me Do /Me Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 600, 800])
    form.Resources = Dictionary(XObject=Dictionary(Me=form))
    made.pages[0].Resources.XObject = Dictionary(Me=form)
    made.pages[0].Contents = made.make_stream(b"/Me Do")


def _many_objects(made: Pdf) -> None:
    made.Root.Many = Array([made.make_indirect(Dictionary(N=number)) for number in range(100_000)])


def _written(*objects: bytes) -> bytes:
    """A whole PDF of these objects; the first is the catalogue."""
    body, at = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        at.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join([b"0000000000 65535 f \n", *[b"%010d 00000 n \n" % offset for offset in at]])
    end = (len(at) + 1, table, len(at) + 1, len(body))
    return body + b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % end


def _pages_that_are_one(count: int) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    kids = b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b"3 0 R " * count)
    return _written(b"<</Type/Catalog/Pages 2 0 R>>", kids, page)


def _deep(levels: int) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    deep = b"[" * levels + b"]" * levels
    return _written(b"<</Type/Catalog/Pages 2 0 R/Deep 4 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, deep)


def _png_of_notes() -> bytes:
    whole = png(Image.new("RGB", (1200, 1200), "white"))
    note = b"Comment\0\0" + zlib.compress(bytes(300_000_000), 9)
    chunk = struct.pack(">I", len(note)) + b"zTXt" + note + struct.pack(">I", zlib.crc32(b"zTXt" + note))
    return whole[:33] + chunk + whole[33:]


def _heic_of_claimed_size(side: int) -> bytes:
    """Its header claims more than there is."""
    content = bytearray(heic(Image.new("RGB", (64, 64), "white")))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", side, side)
    return bytes(content)
