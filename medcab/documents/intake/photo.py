"""Looking at a photograph inside the sandbox, and drawing it anew so that only its pixels are kept.

Run by `worker` only: it decodes hostile bytes. The stored picture is always a JPEG of our own making:
metadata (place, camera), colour profiles, further frames and anything appended to or hidden in the original
are gone.
"""

import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from medcab.documents.intake.refusal import RefusedFile
from medcab.documents.rules import MAX_PIXELS, THUMBNAIL_SIDE, Measures

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_FORMATS = ("JPEG", "PNG", "HEIF")
STORED_SIDE = 4096  # px: 350 dots per inch of an A4 sheet, and a whole 12 MP photograph
_QUALITY = 88
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
            plain = _on_white(picture)
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
    return picture.convert("RGB")


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


def examine(path: Path, clean: Path) -> tuple[Image.Image, dict[str, float]]:
    """Decode, measure, and write the picture anew to `clean`; the kept picture and its figures."""
    picture = open_upright(path)
    figures = asdict(measure(picture))
    picture.thumbnail((STORED_SIDE, STORED_SIDE))
    picture.save(clean, "JPEG", quality=_QUALITY)
    return picture, figures
