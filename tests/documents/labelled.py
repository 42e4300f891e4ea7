"""The labelled set: photographs of papers drawn by us, of which is known where the sheet lies and what is wrong with them.

Everything follows from the seed. A paper is set (a diploma with a frame, a certificate, a plain form), laid on a table, seen by a camera
that is held askew, in the light of a window. `SPOILED` says how a good photograph becomes a bad one and what it is then called.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.documents.making import darker, washed_out

WIDTH, HEIGHT = 1080, 1440
SHEET = (1000, 1414)
_TEXT = (110, 120, 890, 1290)
"""Where print stands on a sheet, in its own px."""
_WORDS = [
    "diplom",
    "reshenie",
    "gosudarstvennoi",
    "komissii",
    "prisvoena",
    "kvalifikacija",
    "vrach",
    "lechebnoe",
    "delo",
    "vydan",
    "nomer",
    "podpis",
    "seriia",
    "specialnost",
    "terapiia",
    "rektor",
    "universiteta",
    "protokol",
    "obrazovanie",
]
"""In Latin letters: Pillow's own face, the only one that is there on every machine, has no others."""
_INKS = ((40, 40, 55), (25, 25, 30), (60, 50, 70), (30, 40, 90))
_PAPERS = ((238, 234, 226), (245, 245, 242), (228, 232, 236), (240, 228, 214), (224, 236, 228))


@dataclass(frozen=True)
class Scene:
    """A photograph, and where the sheet's corners and those of its print are in it."""

    picture: Image.Image
    corners: NDArray[np.float64]
    text: NDArray[np.float64]


@lru_cache(maxsize=16)
def sheet(seed: int) -> Image.Image:
    """A paper as printed: one of several faces."""
    rng = np.random.default_rng(seed)
    paper = Image.new("RGB", SHEET, _PAPERS[seed % len(_PAPERS)])
    draw, ink = ImageDraw.Draw(paper), _INKS[seed % len(_INKS)]
    left, top, right, bottom = _TEXT
    if seed % 3 == 0:  # an ornamental frame
        for inset in (60, 68, 76):
            draw.rectangle((inset, inset, SHEET[0] - inset, SHEET[1] - inset), outline=(150, 120, 70), width=3)
    if seed % 4 == 1:  # a tinted panel, lighter within
        draw.rectangle((left - 20, top + 150, right + 20, bottom), fill=(250, 250, 250))
    size, y = 26 + 3 * (seed % 4), top
    font, head = ImageFont.load_default(size=size), ImageFont.load_default(size=52)
    draw.text((left + 90, y), " ".join(rng.choice(_WORDS, 2)).upper(), fill=ink, font=head)
    while (y := y + 2 * size) < bottom - size:
        line = " ".join(rng.choice(_WORDS, 12))
        while draw.textlength(line, font=font) > right - left:
            line = line.rpartition(" ")[0]
        draw.text((left, y + 40), line, fill=ink, font=font)
        if rng.random() < 0.15:
            y += size
    if seed % 2:  # a seal
        draw.ellipse((600, 1060, 800, 1260), outline=(70, 80, 160), width=6)
    return paper


def straight(seed: int) -> Image.Image:
    """What a scene should become: its sheet with a little of the table around it."""
    margin = tuple(round(side * 0.0125) for side in SHEET)
    whole = Image.new("L", (SHEET[0] + 2 * margin[0], SHEET[1] + 2 * margin[1]), 90)
    whole.paste(sheet(seed % 12).convert("L"), margin)
    return whole


def table(rng: np.random.Generator, kind: int) -> Image.Image:
    """What the sheet lies on: plain, lit from one side, wood, cloth, things lying about."""
    tone = rng.uniform(35, 150)
    tint = np.array([1.0, rng.uniform(0.8, 1.0), rng.uniform(0.6, 1.05)])
    y, x = np.mgrid[0:HEIGHT:4, 0:WIDTH:4].astype(np.float32)
    grey = np.full(y.shape, tone, dtype=np.float32)
    if kind == 1:
        grey *= 0.7 + 0.5 * x / WIDTH
    elif kind == 2:
        grey += 12 * np.sin(y / rng.uniform(8, 20) + 2 * np.sin(x / 300)) + 5 * np.sin(y / 3.1)
    elif kind == 3:
        grey += 10 * (((x // 60).astype(int) + (y // 60).astype(int)) % 2)
    whole = Image.fromarray((grey[..., None] * tint).clip(0, 255).astype(np.uint8)).resize((WIDTH, HEIGHT))
    if kind == 4:
        draw = ImageDraw.Draw(whole)
        for _ in range(6):
            at = rng.uniform(0, 1, 2) * (WIDTH, HEIGHT)
            colour = tuple(int(each) for each in rng.uniform(20, tone + 25, 3))
            draw.rounded_rectangle((*at, *(at + rng.uniform(40, 260, 2))), 12, fill=colour)
    return whole


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.int16]:
    return np.random.default_rng(0).normal(0, 1, (HEIGHT + 64, WIDTH + 64, 1)).astype(np.float32)


def scene(seed: int, *, kind: int | None = None) -> Scene:
    """A good photograph: askew by up to 12°, in perspective, on one of five tables, in uneven light, with the camera's noise."""
    rng = np.random.default_rng(10_000 + seed)
    paper = sheet(seed % 12)
    corners = _corners(rng)
    forth = _homography(np.array([[0, 0], [SHEET[0], 0], SHEET, [0, SHEET[1]]], dtype=float), corners)
    back = np.linalg.inv(forth)
    back /= back[2, 2]
    seen = paper.transform(
        (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, tuple(back.ravel()[:8]), Image.Resampling.BILINEAR
    )
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).polygon([tuple(each) for each in corners], fill=255)
    whole = table(rng, seed % 5 if kind is None else kind)
    if rng.random() < 0.5:  # the sheet's own shadow
        shadow = Image.new("L", (WIDTH, HEIGHT), 0)
        shift = rng.uniform(2, 14, 2)
        ImageDraw.Draw(shadow).polygon([tuple(each + shift) for each in corners], fill=110)
        whole.paste((0, 0, 0), mask=shadow.filter(ImageFilter.BoxBlur(7)))
    whole.paste(seen, mask=mask.filter(ImageFilter.BoxBlur(1)))
    light = np.linspace(1.0, rng.uniform(0.72, 1.0), WIDTH, dtype=np.float32)[None, :, None]
    dy, dx = rng.integers(0, 64, 2)
    noise = _grain()[dy : dy + HEIGHT, dx : dx + WIDTH] * rng.uniform(1, 5)
    picture = Image.fromarray((np.asarray(whole) * light + noise).clip(0, 255).astype(np.uint8))
    left, top, right, bottom = _TEXT
    text = _moved(forth, np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float))
    return Scene(picture, corners, text)


def _corners(rng: np.random.Generator) -> NDArray[np.float64]:
    angle, tall = np.radians(rng.uniform(-12, 12)), rng.uniform(0.62, 0.84) * HEIGHT
    wide = tall * SHEET[0] / SHEET[1]
    base = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    base += rng.uniform(-0.035, 0.035, (4, 2)) * tall
    turned = base @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    low, high = turned.min(0), turned.max(0)
    frame = np.array([WIDTH, HEIGHT])
    turned *= min(1.0, *(frame * 0.96 / (high - low)))
    low, high = turned.min(0), turned.max(0)
    spare = frame - (high - low)
    return turned - low + spare * rng.uniform(0.25, 0.75, 2)


def _homography(of: NDArray[np.float64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, values = [], []
    for (x, y), (u, v) in zip(of, to, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def _moved(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    return moved[:, :2] / moved[:, 2:]


def coloured_border(seed: int) -> Scene:
    """A certificate whose border is of another colour and printed on: the light field within is not the whole of it."""
    made = scene(seed, kind=seed % 2)
    rng = np.random.default_rng(50_000 + seed)
    middle = made.corners.mean(0)
    field = [tuple(each) for each in middle + (made.corners - middle) * rng.uniform(0.55, 0.85)]
    border = made.picture.copy()
    draw = ImageDraw.Draw(border)
    shade = rng.uniform(0.2, 0.9)
    colour = tuple(int(each) for each in rng.uniform(90, 255, 3) * shade)
    draw.polygon([tuple(each) for each in made.corners], fill=colour)
    ink = (245, 235, 200) if sum(colour) < 330 else (30, 30, 30)
    for share in (0.93, 0.97):
        for begin, end in zip(made.corners, np.roll(made.corners, -1, 0), strict=True):
            at = middle + (begin + (end - begin) * 0.2 - middle) * share
            draw.text(
                tuple(at),
                "universitet  diplom  nomer 107724",
                fill=ink,
                font=ImageFont.load_default(size=30),
                anchor="mm",
            )
    mask = Image.new("L", border.size, 0)
    ImageDraw.Draw(mask).polygon(field, fill=255)
    border.paste(made.picture, mask=mask)
    return Scene(border, made.corners, middle + (made.corners - middle) * 0.985)


def spread(seed: int) -> Scene:
    """A booklet of two pages, one of them in shade: both belong to the document."""
    made = scene(seed, kind=seed % 4)
    low, high = made.corners.min(0), made.corners.max(0)
    page = made.picture.crop((*(int(each) for each in low), *(int(each) for each in high)))
    size = np.array([WIDTH * 45 // 100, HEIGHT * 2 // 3])
    page = page.resize((int(size[0]), int(size[1])))
    other = Image.new("RGB", made.picture.size, (90, 80, 70))
    places = np.array([[WIDTH * 4 // 100, HEIGHT // 6], [WIDTH // 2, HEIGHT // 6]])
    other.paste(page, tuple(int(each) for each in places[0]))
    other.paste(darker(page, 0.6 + 0.4 * (seed % 5) / 4), tuple(int(each) for each in places[1]))
    left, right = ((made.text - low) / (high - low) * size + place for place in places)
    return Scene(other, made.corners, np.array([left[0], right[1], right[2], left[3]]))


def beyond_the_frame(seed: int) -> Scene:
    """A sheet of which one side is outside the picture."""
    made = scene(seed)
    cut = int(WIDTH * (0.12 + 0.1 * (seed % 3)))
    shift = np.array([cut, 0])
    picture = made.picture.crop((cut, 0, WIDTH, HEIGHT))
    text = (made.text - shift).clip((0, 0), (WIDTH - cut, HEIGHT))
    return Scene(picture, made.corners - shift, text)


def good(number: int, picture: Image.Image) -> Image.Image:
    """A photograph as people make them: by evening light or by day, a hand that was not quite still."""
    steady = picture.filter(ImageFilter.GaussianBlur(0.8 * (number % 5) / 4))
    return darker(steady, 1 - 0.4 * (number % 6) / 5)


SPOILED: dict[str, tuple[str, Callable[[int, Image.Image], Image.Image]]] = {
    "blurred, radius 1.8–6 px": ("blur", lambda n, p: p.filter(ImageFilter.GaussianBlur(1.8 + 4.2 * (n % 8) / 7))),
    "dark, 8–30 % of the light": ("dark", lambda n, p: darker(p, 0.08 + 0.22 * (n % 7) / 6)),
    "washed out": ("overexposed", lambda n, p: washed_out(p, 204 + 3 * (n % 8))),
    "small, 400–990 px": ("small", lambda n, p: _narrowed(p, 400 + 590 * (n % 11) // 10)),
    "no document": ("empty", lambda n, p: Image.new("RGB", p.size, (120 + 3 * (n % 24),) * 3)),
}
"""How a good photograph becomes one that must be refused, and what must be said of it."""


def _narrowed(picture: Image.Image, side: int) -> Image.Image:
    return picture.resize((side, round(side * picture.height / picture.width)), Image.Resampling.BOX)


def cut(seed: int) -> Image.Image:
    """Taken so near that print runs out of the frame on every side."""
    left, top, right, bottom = _TEXT
    near = sheet(seed % 12).crop((left + 60 + 5 * (seed % 6), top + 120, right - 330, bottom - 420))
    return _with_noise(near.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), seed)


def _with_noise(picture: Image.Image, seed: int) -> Image.Image:
    noise = _grain()[:HEIGHT, :WIDTH] * (1 + seed % 4)
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))
