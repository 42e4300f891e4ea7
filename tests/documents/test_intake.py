"""Files as people and attackers send them: a clean one goes on, the rest are told why and what to do."""

import asyncio
import io
import time
import zipfile
from pathlib import Path

import pikepdf
import pillow_heif
import pytest
from PIL import Image, ImageFilter

from medcab.documents import intake
from medcab.documents.intake import pool, scanners
from medcab.documents.rules import MAX_BYTES, FileKind
from medcab.errors import Unavailable
from tests.documents import making


@pytest.fixture
def send(tmp_path: Path):
    """Send these bytes under this name."""

    async def examine(content: bytes, name: str = "документ.pdf", **how: bool) -> intake.Accepted:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return await intake.examine(path, name, **how)

    return examine


@pytest.fixture
def refused(send):
    """Send these bytes, expect a refusal, and give its code."""

    async def code(content: bytes, name: str = "документ.pdf") -> str:
        with pytest.raises(intake.Refused) as no:
            await send(content, name)
        assert no.value.errors["file"] == no.value.message
        assert no.value.reason.sentence in no.value.message
        return no.value.reason.code

    return code


async def test_a_good_pdf_is_kept_as_it_came(send) -> None:
    content = making.pdf(pages=3)
    taken = await send(content, "Диплом.pdf")
    assert (taken.kind, taken.mime, taken.pages, taken.size) == (
        FileKind.PDF,
        "application/pdf",
        3,
        len(content),
    )
    assert taken.clean_path.read_bytes() == content
    assert taken.warnings == ()
    assert max(Image.open(io.BytesIO(taken.thumbnail)).size) == 320


async def test_a_good_photo_is_drawn_anew(send) -> None:
    taken = await send(making.jpeg(making.photo()), "IMG_0001.HEIC.jpg")
    assert (taken.kind, taken.mime, taken.pages) == (FileKind.JPEG, "image/jpeg", 1)
    assert taken.straightened
    assert max(taken.width, taken.height) < 2000  # without the table
    assert taken.warnings == ()
    assert taken.clean_path.read_bytes().startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("form", ["PNG", "HEIF"])
async def test_other_photographs_become_jpeg(send, form: str) -> None:
    kept = io.BytesIO()
    if form == "PNG":
        making.photo().convert("RGBA").save(kept, form, compress_level=1)
    else:
        pillow_heif.from_pillow(making.photo()).save(kept, quality=60)
    taken = await send(kept.getvalue(), "снимок")
    assert taken.mime == "image/jpeg"
    assert taken.name == "снимок.jpg"
    assert taken.clean_path.read_bytes().startswith(b"\xff\xd8\xff")


async def test_place_and_camera_are_dropped_and_the_picture_stands_upright(send) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010F] = "SecretPhone"
    exif[0x8825] = {1: "N", 2: (55.0, 45.0, 7.0), 3: "E", 4: (37.0, 37.0, 3.0)}
    taken = await send(making.jpeg(making.photo(), exif=exif, comment=b"SecretNote"), straighten=False)
    picture = Image.open(io.BytesIO(taken.clean_path.read_bytes()))
    assert picture.size == (2000, 1500)
    assert not picture.getexif()
    assert not {"exif", "comment", "icc_profile"} & picture.info.keys()
    assert b"Secret" not in taken.clean_path.read_bytes() + taken.thumbnail


async def test_a_polyglot_loses_its_second_half(send) -> None:
    payload = b"<html><script>alert(document.domain)</script></html>"
    whole = making.jpeg(making.photo(), comment=payload) + payload
    taken = await send(whole, "photo.html")
    assert b"script" not in taken.clean_path.read_bytes()
    assert taken.name == "photo.html.jpg"


async def test_type_is_that_of_the_content(send) -> None:
    assert (await send(making.pdf(), "scan.jpg")).name == "scan.pdf"


def _zip(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "file_empty", id="empty"),
        pytest.param(b"%PDF-1.7" + bytes(MAX_BYTES), "file_large", id="10 MB and a little"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "type_web", id="svg"),
        pytest.param(b"\xef\xbb\xbf <!DOCTYPE html><body>", "type_web", id="html"),
        pytest.param(_zip("[Content_Types].xml", "word/document.xml"), "type_office", id="docx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "type_office", id="doc"),
        pytest.param(_zip("diploma.pdf"), "type_archive", id="zip"),
        pytest.param(b"GIF89a/*" + bytes(50) + b"*/=1;alert(1)", "type_image", id="gif with a script"),
        pytest.param(b"MZ" + bytes(500), "type_unknown", id="program"),
        pytest.param(b"x" * 100 + making.pdf(), "type_unknown", id="pdf at offset 100"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"not a picture" * 9, "photo_damaged", id="jpeg by its first bytes only"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"not a picture" * 9, "photo_damaged", id="heic by its first bytes only"),
        pytest.param(making.png_header(20_000, 20_000), "photo_pixels", id="png bomb"),
        pytest.param(making.jpeg_of_claimed_size(65_500), "photo_pixels", id="jpeg bomb"),
    ],
)
async def test_what_is_not_a_document_is_refused_by_its_content(refused, content: bytes, code: str) -> None:
    assert await refused(content, "диплом.pdf") == code


async def test_half_a_photo_is_refused(refused) -> None:
    whole = making.jpeg(making.photo())
    assert await refused(whole[: len(whole) // 2]) == "photo_damaged"


@pytest.mark.parametrize("case", making.ACTIVE)
async def test_a_pdf_that_acts_is_refused_with_its_own_reason(refused, case: str) -> None:
    code, spoil = making.ACTIVE[case]
    assert await refused(making.pdf(spoil)) == code
    if code != "pdf_no_pages":  # hidden in an object stream, it is found all the same
        packed = making.pdf(spoil, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert await refused(packed) == code


async def test_a_hidden_name_is_still_a_script(refused) -> None:
    plain = making.pdf(making.ACTIVE["script at opening"][1])
    written, hidden = rb"/JS (app.alert\(1\)) /S /JavaScript", rb"/#4aS (alert\(1\)) /S /J#61vaScript"
    assert written in plain
    assert len(written) == len(hidden)
    assert await refused(plain.replace(written, hidden)) == "pdf_javascript"


async def test_opening_at_a_page_is_not_an_action(send) -> None:
    def fit(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])

    assert (await send(making.pdf(fit))).pages == 1


async def test_links_to_sites_are_allowed(send) -> None:
    def link(made: pikepdf.Pdf) -> None:
        uri = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://www.gosuslugi.ru"))
        made.pages[0].Annots = pikepdf.Array(
            [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=uri)]
        )

    assert (await send(making.pdf(link))).pages == 1


@pytest.mark.parametrize("owner_only", [False, True])
async def test_an_encrypted_pdf_is_refused(refused, owner_only: bool) -> None:
    lock = pikepdf.Encryption(owner="owner", user="" if owner_only else "user")
    assert await refused(making.pdf(encryption=lock)) == "pdf_encrypted"


async def test_a_pdf_of_sixty_pages_is_refused(refused) -> None:
    assert await refused(making.pdf(pages=60)) == "pdf_pages"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
async def test_a_pdf_cut_short_is_refused(refused, share: float) -> None:
    whole = making.pdf(pages=5)
    assert await refused(whole[: int(len(whole) * share)]) == "pdf_damaged"


async def test_a_pdf_mended_at_its_end_only_is_refused(refused) -> None:
    whole = making.pdf(pages=5)
    assert await refused(whole[: len(whole) // 2] + b"\nstartxref\n0\n%%EOF\n") == "pdf_damaged"


async def test_another_file_behind_the_pdf_is_refused(refused) -> None:
    assert await refused(making.pdf() + _zip("evil.exe")) == "pdf_tail"


async def test_a_blank_page_is_a_warning(send) -> None:
    empty = pikepdf.new()
    empty.add_blank_page()
    empty.save(kept := io.BytesIO())
    assert [reason.code for reason in (await send(kept.getvalue())).warnings] == ["blank_page"]


async def test_a_bomb_costs_a_refusal_and_the_next_file_is_taken(refused, send) -> None:
    assert await refused(making.object_stream_bomb()) in {
        "too_heavy",
        "pdf_damaged",
    }  # out of memory, by its own name or the kernel's
    assert (await send(making.pdf())).pages == 1


async def test_a_dead_sandbox_is_a_refusal_and_another_takes_its_place(refused, send, monkeypatch) -> None:
    monkeypatch.setattr(pool.Sandbox, "_line", lambda self: self._process.kill() or b"")
    assert await refused(making.pdf()) == "too_heavy"
    monkeypatch.undo()
    assert (await send(making.pdf())).pages == 1


@pytest.mark.parametrize(
    "lie",
    [
        {"ok": {"pages": 1}},
        {"ok": {"pages": 10**9, "width": 1, "height": 1, "measures": None, "blank": False, "straightened": False}},
        {"refused": "<script>"},
        {},
    ],
)
async def test_what_the_sandbox_says_is_not_trusted(refused, monkeypatch, lie: dict) -> None:
    async def lying(job: dict) -> dict:
        return lie

    monkeypatch.setattr(pool.POOL, "run", lying)
    assert await refused(making.pdf()) == "too_heavy"


async def test_a_sandbox_that_links_to_our_files_gets_nothing(refused, monkeypatch) -> None:
    async def linking(job: dict) -> dict:
        Path(job["icon"]).symlink_to("/etc/hostname")
        return {"ok": {"pages": 1, "width": 9, "height": 9, "measures": None, "blank": False, "straightened": False}}

    monkeypatch.setattr(pool.POOL, "run", linking)
    assert await refused(making.pdf()) == "too_heavy"


async def test_the_event_loop_runs_on_while_files_are_looked_at(tmp_path: Path) -> None:
    content = making.jpeg(making.photo(width=3000, height=4000))
    paths = [tmp_path / str(number) for number in range(4)]
    for path in paths:
        path.write_bytes(content)
    work = asyncio.gather(*(intake.examine(path, "x.jpg") for path in paths))
    longest, last = 0.0, time.monotonic()
    while not work.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert len(await work) == 4
    assert longest < 0.2


async def test_the_virus_test_file_is_refused(refused) -> None:
    assert await refused(making.pdf(pages=1).replace(b"%%EOF", b"%" + scanners._EICAR + b"\n%%EOF")) == "malware"


async def test_without_a_virus_scan_nothing_is_taken(send, monkeypatch) -> None:
    def down(path: Path) -> str | None:
        raise ConnectionRefusedError

    monkeypatch.setattr(scanners, "SCANNERS", [down])
    with pytest.raises(Unavailable):
        await send(making.pdf())


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda p: p.filter(ImageFilter.GaussianBlur(6)), "blur"),
        (lambda p: making.darker(p, 0.15), "dark"),
        (lambda p: making.washed_out(p, 215), "overexposed"),
        (lambda p: p.resize((750, 1000)), "small"),
        (lambda p: Image.new("RGB", p.size, (180, 180, 180)), "empty"),
    ],
    ids=["blurred", "dark", "washed out", "small", "no document"],
)
async def test_a_bad_photo_is_refused_with_what_to_do(refused, spoil, code: str) -> None:
    picture = spoil(making.photo())
    assert await refused(making.jpeg(picture)) == code


async def test_a_doubtful_photo_is_taken_with_a_warning(send) -> None:
    assert [reason.code for reason in (await send(making.jpeg(making.photo(cut=True)))).warnings] == ["cut"]


async def test_a_page_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(making.pdf(pages=2))
    shown = Image.open(io.BytesIO(await intake.render_preview(path, 2)))
    assert shown.format == "PNG"
    assert max(shown.size) == 1200
    with pytest.raises(intake.Refused):
        await intake.render_preview(path, 3)
    path.write_bytes(making.jpeg(making.photo()))
    assert Image.open(io.BytesIO(await intake.render_preview(path))).size == (900, 1200)
