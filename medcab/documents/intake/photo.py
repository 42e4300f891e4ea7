"""Looking at a photograph inside the sandbox, and drawing it anew so that only its pixels are kept.

Run by `worker` only: it decodes hostile bytes. The stored picture is always a JPEG of our own making:
metadata (place, camera), further frames and anything appended to or hidden in the original are gone; colours
are those of sRGB. Where the edges of the sheet are certain, the sheet alone is kept, seen from above.
"""

import io
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from medcab.documents.intake import edges
from medcab.documents.intake.refusal import RefusedFile
from medcab.documents.rules import MAX_BYTES, MAX_PIXELS, THUMBNAIL_SIDE, Measures

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_FORMATS = ("JPEG", "PNG", "HEIF")
STORED_SIDE = 4096  # px: 350 dots per inch of an A4 sheet, and a whole 12 MP photograph
_QUALITIES = (88, 75, 60, 45)
"""Of the kept JPEG: the first that fits its share of a document."""
_SRGB = ImageCms.createProfile("sRGB")
_STROKE = 40  # luma steps of the Laplacian that make a stroke
_FRAME = 0.012  # of the longer side: how wide the outermost frame is


def open_upright(path: Path) -> Image.Image:
    """The picture decoded in full, upright, RGB on white, without metadata; raises `RefusedFile`."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise RefusedFile("photo_pixels")
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            plain = _on_white(_in_srgb(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise RefusedFile("photo_pixels") from problem
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
    ) as problem:
        raise RefusedFile("photo_damaged") from problem
    plain.info = {}
    return plain


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The same colours without the camera's own profile; a broken profile is simply left out."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK"}:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(own).lower():
                return ImageCms.profileToProfile(picture, own, _SRGB, outputMode="RGB") or picture
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """RGB; 16-bit greys scaled, what is transparent laid on white paper."""
    if picture.mode.startswith("I"):
        return Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8)).convert(
            "RGB"
        )
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(layered, mask=layered.getchannel("A"))
        return paper
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # a copy of 50 megapixels is 150 MB


def measure(picture: Image.Image) -> Measures:
    """The figures that `rules.verdict` judges; `ui/photo_quality.js` computes the same: change both."""
    scale = min(1.0, THUMBNAIL_SIDE / max(picture.size))
    size = (max(3, round(picture.width * scale)), max(3, round(picture.height * scale)))
    grey = np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX)).astype(np.float32)
    strokes = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    width = max(1, round(max(size) * _FRAME))
    outer = np.ones(strokes.shape, dtype=bool)
    outer[width:-width, width:-width] = False
    return Measures(
        min_side=min(picture.size),
        light=float(np.percentile(grey, 90)),
        ink=float(np.percentile(grey, 1)),
        contrast=float(grey.std()),
        sharpness=float(strokes.var()),
        border=float((np.abs(strokes[outer]) > _STROKE).mean()),
    )


@dataclass(frozen=True)
class Wanted:
    """How a photograph is to be kept: the longer side in px, the bytes it may take, and whether to look for the sheet's edges."""

    side: int = STORED_SIDE
    size: int = MAX_BYTES
    straighten: bool = True


def examine(path: Path, clean: Path, wanted: Wanted) -> tuple[Image.Image, dict[str, float], bool]:
    """Decode, measure, and write the picture anew to `clean`: the kept picture, its figures, whether it was straightened."""
    picture = open_upright(path)
    figures = asdict(measure(picture))
    picture.thumbnail((STORED_SIDE, STORED_SIDE))
    sheet = edges.straightened(picture) if wanted.straighten else None
    kept = sheet or picture
    kept.thumbnail((wanted.side, wanted.side))
    for quality in _QUALITIES:
        kept.save(clean, "JPEG", quality=quality)
        if clean.stat().st_size <= wanted.size:
            break
    return kept, figures, sheet is not None
