"""A photograph on its way in: upright, without its past, in plain colours, straightened, joined with others."""

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageFilter, PngImagePlugin

from medcab.documents import intake
from medcab.documents.rules import MAX_BYTES, MAX_PHOTOS
from tests.documents import labelled, making

_TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip
"""How a camera that held the picture upright must have stored it, by what it then writes into EXIF."""
_SECRETS = (b"SecretPhone", b"SecretNote", b"SecretPlace", b"SecretProfile")
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>SecretPlace</rdf></x:xmpmeta>'


@pytest.fixture
def send(tmp_path: Path):
    async def examine(*contents: bytes, straighten: bool = True) -> intake.Accepted:
        paths = [tmp_path / f"upload-{number}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        if len(paths) == 1:
            return await intake.examine(paths[0], "снимок.jpg", straighten=straighten)
        named = [(path, f"снимок {number}.jpg") for number, path in enumerate(paths, 1)]
        return await intake.examine_together(named, straighten=straighten)

    return examine


def kept(taken: intake.Accepted) -> Image.Image:
    return Image.open(io.BytesIO(taken.clean_path.read_bytes()))


def told_by_camera(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhone"
    exif[0x9286] = "SecretNote"
    exif[0x8825] = {1: "N", 2: (55.0, 45.0, 7.0), 3: "E", 4: (37.0, 37.0, 3.0), 27: b"SecretPlace"}
    return exif


@pytest.mark.parametrize("orientation", _TURNS)
async def test_every_orientation_ends_upright(send, orientation: int) -> None:
    upright = making.photo()
    turn = _TURNS[orientation]
    stored = upright.transpose(turn) if turn is not None else upright
    taken = await send(making.jpeg(stored, exif=told_by_camera(orientation)), straighten=False)
    seen = kept(taken)
    assert seen.size == upright.size
    pair = [np.asarray(each.convert("L").resize((75, 100))).ravel() for each in (upright, seen)]
    assert np.corrcoef(*pair)[0, 1] > 0.99


def _jpeg() -> bytes:
    return making.jpeg(making.photo(), exif=told_by_camera(1), xmp=_XMP, comment=b"SecretNote")


def _png() -> bytes:
    notes, into = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_text("Comment", "SecretNote")
    notes.add_itxt("XML:com.adobe.xmp", _XMP.decode(), zip=True)
    making.photo().save(into, "PNG", pnginfo=notes, exif=told_by_camera(1), compress_level=1)
    return into.getvalue()


@lru_cache
def _heic() -> bytes:
    into = io.BytesIO()
    made = pillow_heif.from_pillow(making.photo())
    made.save(into, quality=60, exif=told_by_camera(1).tobytes(), xmp=_XMP)
    return into.getvalue()


_FORMS = {"JPEG": _jpeg, "PNG": _png, "HEIC": _heic}


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("straighten", [True, False])
async def test_nothing_of_its_past_is_kept(send, form: str, straighten: bool) -> None:
    taken = await send(_FORMS[form](), straighten=straighten)
    assert taken.straightened == straighten
    bytes_kept, seen = taken.clean_path.read_bytes(), kept(taken)
    assert not [secret for secret in _SECRETS if secret in bytes_kept + taken.thumbnail]
    assert not seen.getexif()
    assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Exif" not in bytes_kept
    assert b"ICC_PROFILE" not in bytes_kept


async def test_a_wide_colour_profile_becomes_srgb(send) -> None:
    """A profile with the primaries exchanged: whoever ignores it sees red as green."""
    paper = making.photo()
    swapped = Image.merge("RGB", [paper.getchannel(each) for each in "GRB"])
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    at = {name: profile.index(name) for name in (b"rXYZ", b"gXYZ")}
    exchanged = bytearray(profile)
    exchanged[at[b"rXYZ"] : at[b"rXYZ"] + 4], exchanged[at[b"gXYZ"] : at[b"gXYZ"] + 4] = b"gXYZ", b"rXYZ"
    named = bytes(exchanged).replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be")).replace(b"sRGB", b"wide")
    seen = kept(await send(making.jpeg(swapped, icc_profile=named), straighten=False))
    difference = np.abs(np.asarray(seen, dtype=int) - np.asarray(paper, dtype=int)).mean((0, 1))
    assert (difference < 6).all()


async def test_a_broken_profile_is_left_out(send) -> None:
    assert (await send(making.jpeg(making.photo(), icc_profile=b"SecretProfile" * 50))).warnings == ()


async def test_several_become_one_pdf_in_their_order(send) -> None:
    shots = [labelled.scene(seed).picture for seed in (1, 5, 6)]
    taken = await send(*map(making.jpeg, shots))
    assert (taken.mime, taken.name, taken.pages, taken.straightened) == ("application/pdf", "снимок 1.pdf", 3, True)
    assert taken.size <= MAX_BYTES
    with pikepdf.open(taken.clean_path) as made:
        seen = [pikepdf.PdfImage(page.Resources.XObject.Photo).as_pil_image() for page in made.pages]
    for seed, page in zip((1, 5, 6), seen, strict=True):
        pair = [np.asarray(each.convert("L").resize((250, 354))).ravel() for each in (labelled.straight(seed), page)]
        assert np.corrcoef(*pair)[0, 1] > 0.8, "the page is that sheet, straightened"


async def test_the_same_photographs_give_the_same_bytes(send) -> None:
    shots = [making.jpeg(labelled.scene(seed).picture) for seed in (1, 2)]
    assert (await send(*shots)).sha256 == (await send(*shots)).sha256
    assert (await send(*shots)).sha256 != (await send(*reversed(shots))).sha256


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (making.jpeg(making.photo(2).filter(ImageFilter.GaussianBlur(6))), "Снимок 2. Расплывчато"),
        (making.jpeg(making.darker(making.photo(2), 0.15)), "Снимок 2. Темно"),
        (making.pdf(), "Снимок 2. Вместе отправляются только снимки"),
        (b"", "Снимок 2. Файл пустой"),
        (b"MZ" + bytes(500), "Снимок 2. Файл такого вида"),
        (making.png_header(20_000, 20_000), "Снимок 2. Картинка больше 50 мегапикселей"),
    ],
    ids=["blurred", "dark", "pdf", "empty", "program", "bomb"],
)
async def test_a_refusal_names_the_photograph(send, second: bytes, says: str) -> None:
    good = making.jpeg(making.photo())
    with pytest.raises(intake.Refused) as no:
        await send(good, second, good)
    assert no.value.message.startswith(says)


async def test_a_remark_names_the_photograph(send) -> None:
    taken = await send(making.jpeg(making.photo()), making.jpeg(making.photo(cut=True)))
    assert [reason.sentence[:10] for reason in taken.warnings] == ["Снимок 2. "]


async def test_there_is_a_most(send) -> None:
    with pytest.raises(intake.Refused) as no:
        await send(*[b"x"] * (MAX_PHOTOS + 1))
    assert no.value.reason.code == "joined_many"


async def test_ten_large_ones_fit_into_one_file(send) -> None:
    grain = np.random.default_rng(1).normal(0, 12, (2000, 1500, 1))
    noisy = Image.fromarray((np.asarray(making.photo()) + grain).clip(0, 255).astype(np.uint8)).resize((2100, 2800))
    shots = [making.jpeg(noisy.rotate(number / 10)) for number in range(MAX_PHOTOS)]
    taken = await send(*shots, straighten=False)
    assert taken.pages == MAX_PHOTOS
    assert taken.size <= MAX_BYTES
