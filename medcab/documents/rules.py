"""What a file may be: limits, the quality of a photograph, names, and every sentence of refusal.

Pure. Thresholds of quality stand here once: the server reads them from `CHECKS`, the browser gets the same
rows through `browser_rules()`. How often they are wrong is measured by the tests: docs/photos.md.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

MEBIBYTE = 1024 * 1024
MAX_BYTES = 10 * MEBIBYTE
MAX_PAGES = 50
MAX_PHOTOS = 10
MAX_TOGETHER = 30 * MEBIBYTE
"""Photographs that become the pages of one document, as they come from the phone; kept, they are one file under `MAX_BYTES`."""
MAX_PIXELS = 50_000_000
MIN_SIDE = 1000
MAX_NAME = 120
QUOTA_BYTES = 200 * MEBIBYTE
QUOTA_FILES = 200
MAX_PAPERS = 300
LARGE_SIDE = 2600  # px, longer side: print of 7 points on A4 can be read
THUMBNAIL_SIDE = 1200  # px, longer side: what quality is measured on, here and in the browser


class FileKind(StrEnum):
    """What a file is by its content."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"


class Severity(StrEnum):
    """A refusal ends the matter; a warning leaves it to the person."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True)
class Reason:
    """Why a file is not taken, or might not be read by those who check it."""

    code: str
    sentence: str
    how_to_do_better: str
    severity: Severity = Severity.REFUSE


@dataclass(frozen=True)
class Measures:
    """A photograph in figures. Brightness is 0–255 (ITU-R 601 luma)."""

    min_side: int  # px of the original, shorter side
    light: float  # 90th percentile of brightness: the paper
    ink: float  # 1st percentile: the darkest strokes
    contrast: float  # standard deviation of brightness
    sharpness: float  # variance of the Laplacian
    border: float  # share of sharp strokes among the pixels of the outermost frame


@dataclass(frozen=True)
class Check:
    """One bound on one measure: worse than `refuse` is a refusal, worse than `warn` a warning.

    `below`: small values are the bad ones. `hides`: what cannot be judged once this one has refused.
    """

    code: str
    measure: str
    below: bool
    refuse: float | None
    warn: float | None
    sentence: str
    how: str
    hides: tuple[str, ...] = ()

    def severity(self, value: float) -> Severity | None:
        if self.refuse is not None and (value < self.refuse if self.below else value > self.refuse):
            return Severity.REFUSE
        if self.warn is not None and (value < self.warn if self.below else value > self.warn):
            return Severity.WARN
        return None


CHECKS = (
    Check(
        "small", "min_side", below=True, refuse=MIN_SIDE, warn=None,
        sentence=f"Слишком мелко: короткая сторона снимка меньше {MIN_SIDE} точек.",
        how="Снимите документ камерой телефона целиком или отсканируйте с разрешением от 150 точек на дюйм. "
        "Снимок экрана и картинка из мессенджера не подойдут.",
    ),
    Check(
        "dark", "light", below=True, refuse=70, warn=115,
        sentence="Темно: текст трудно отличить от бумаги.",
        how="Положите документ у окна или под лампу так, чтобы на него не падала тень.",
        hides=("overexposed", "empty", "blur", "cut"),
    ),
    Check(
        "overexposed", "ink", below=False, refuse=200, warn=165,
        sentence="Засвечено: буквы сливаются с бумагой.",
        how="Выключите вспышку и поверните документ так, чтобы лампа не отражалась в нём.",
        hides=("empty", "blur", "cut"),
    ),
    Check(
        "empty", "contrast", below=True, refuse=6, warn=None,
        sentence="На снимке не видно документа.",
        how="Наведите камеру так, чтобы документ занимал почти весь кадр, и снимите ещё раз.",
        hides=("blur", "cut"),
    ),
    Check(
        "blur", "sharpness", below=True, refuse=40, warn=100,
        sentence="Расплывчато: мелкий текст читается плохо.",
        how="Протрите объектив, коснитесь документа на экране, чтобы навести резкость, "
        "и держите телефон двумя руками.",
    ),
    Check(
        "cut", "border", below=False, refuse=None, warn=0.06,
        sentence="Похоже, край документа обрезан: текст доходит до границы кадра.",
        how="Отойдите на шаг, чтобы все четыре угла документа попали в кадр.",
    ),
)  # fmt: skip


def verdict(measures: Measures) -> list[Reason]:
    """What is wrong with a photograph, the most fundamental first; an empty list means it is good."""
    found: list[Reason] = []
    hidden: set[str] = set()
    for check in CHECKS:
        severity = check.severity(getattr(measures, check.measure))
        if severity is None or check.code in hidden:
            continue
        found.append(Reason(check.code, check.sentence, check.how, severity))
        if severity is Severity.REFUSE:
            hidden.update(check.hides)
    return found


_PRINT = "Откройте файл, выберите «Печать» → «Сохранить как PDF» и загрузите новый файл."
_PHOTO = "Подойдут PDF, JPEG, PNG и HEIC: отсканируйте документ или сфотографируйте его телефоном."
_NO_ROOM = "Файлы, которые не прикреплены к документам, уберутся сами через сутки. Если место нужно раньше, напишите в поддержку."

REFUSALS = {
    code: Reason(code, sentence, how)
    for code, sentence, how in (
        ("file_empty", "Файл пустой.",
         "Проверьте, открывается ли он на вашем устройстве, и выберите другой."),
        ("file_large", "Файл больше 10 МБ.",
         "Снимите документ заново или сохраните PDF с меньшим качеством картинок."),
        ("joined_large", "Снимки вместе больше 30 МБ.", "Отправьте их двумя документами или снимите с меньшим разрешением."),
        ("joined_many", f"Снимков больше {MAX_PHOTOS}.", "Разделите документ или отсканируйте его в PDF."),
        ("joined_pdf", "Вместе отправляются только снимки.", "Загрузите этот файл отдельно."),
        ("type_unknown", "Файл такого вида принять нельзя.", _PHOTO),
        ("type_office", "Это файл офисной программы.",
         "Сохраните его как PDF: «Файл» → «Сохранить как» → PDF."),
        ("type_archive", "Это архив.", "Распакуйте его и загрузите документы по одному."),
        ("type_web", "Это веб-страница или рисунок из кода.", _PHOTO),
        ("type_image", "Картинку этого вида принять нельзя.", "Сохраните её как JPEG или PNG."),
        ("malware", "В файле найден вредоносный код.",
         "Проверьте устройство антивирусом и загрузите другой файл."),
        ("too_heavy", "Файл слишком сложный: проверить его не удалось.",
         "PDF откройте, выберите «Печать» → «Сохранить как PDF»; снимок сделайте с меньшим разрешением."),
        ("photo_damaged", "Картинка повреждена и не открывается.",
         "Снимите документ ещё раз или загрузите другой файл."),
        ("photo_pixels", "Картинка больше 50 мегапикселей.",
         "Снимите документ с обычным, а не максимальным разрешением."),
        ("pdf_damaged", "PDF повреждён или скачан не до конца.",
         ("Скачайте файл ещё раз. Если и он не подойдёт: откройте его, выберите "
         "«Печать» → «Сохранить как PDF» и загрузите новый файл.")),
        ("pdf_tail", "После конца PDF дописаны посторонние данные.", _PRINT),
        ("pdf_encrypted", "PDF защищён паролем.",
         "Откройте файл с паролем, выберите «Печать» → «Сохранить как PDF» и загрузите новый файл."),
        ("pdf_no_pages", "В PDF нет ни одной страницы.", "Проверьте, тот ли файл вы выбрали."),
        ("pdf_pages", f"В PDF больше {MAX_PAGES} страниц.",
         "Оставьте страницы самого документа или разделите файл."),
        ("pdf_page_size", "В PDF есть страница невозможного размера.", _PRINT),
        ("pdf_javascript", "В PDF есть программа на JavaScript.", _PRINT),
        ("pdf_launch", "PDF пытается запустить программу на устройстве.", _PRINT),
        ("pdf_embedded", "В PDF вложены другие файлы.",
         "Загрузите их отдельно, а этот сохраните без вложений. " + _PRINT),
        ("pdf_open_action", "PDF выполняет действие сразу при открытии.", _PRINT),
        ("pdf_additional_actions", "PDF выполняет скрытые действия при просмотре.", _PRINT),
        ("pdf_xfa", "Это PDF-форма (XFA): её вид зависит от программы.", _PRINT),
        ("pdf_rich_media", "В PDF есть видео, звук или трёхмерная сцена.", _PRINT),
        ("pdf_action", "PDF отправляет данные или открывает другие файлы.", _PRINT),
        ("quota_bytes", "Место для документов закончилось: занято 200 МБ.", _NO_ROOM),
        ("quota_files", f"Загружено уже {QUOTA_FILES} файлов.", _NO_ROOM),
    )
}  # fmt: skip


def of_photo(reason: Reason, number: int) -> Reason:
    """The same about one of several photographs, counted from 1."""
    return replace(reason, sentence=f"Снимок {number}. {reason.sentence}")


BLANK_PAGE = Reason(
    "blank_page",
    "Первая страница PDF пустая.",
    "Проверьте, не перевёрнут ли был лист в сканере.",
    Severity.WARN,
)


def over_quota(used_bytes: int, used_files: int, new_bytes: int) -> Reason | None:
    """Why one more file of `new_bytes` does not fit into this person's share; None when it does."""
    if used_bytes + new_bytes > QUOTA_BYTES:
        return REFUSALS["quota_bytes"]
    return REFUSALS["quota_files"] if used_files >= QUOTA_FILES else None


_ENDINGS = {FileKind.PDF: ".pdf", FileKind.JPEG: ".jpg", FileKind.PNG: ".jpg", FileKind.HEIC: ".jpg"}
_KNOWN_ENDING = re.compile(r"\.(pdf|jpe?g|png|hei[cf])$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def display_name(declared: str, kind: FileKind) -> str:
    """A name safe to show and to save under: no path, control or direction marks, at most 120 characters.

    The ending is that of the content, so that a PDF called `scan.jpg` is given back as `scan.pdf`.
    """
    text = unicodedata.normalize("NFC", declared.encode("utf-8", "ignore").decode())
    last = re.split(r"[/\\]", text)[-1]
    seen = "".join(c for c in last if not _unseen(c))
    stem = re.sub(r'[<>:"|?*\s]+', " ", _KNOWN_ENDING.sub("", seen)).strip(" .")
    ending = _ENDINGS[kind]
    stem = stem[: MAX_NAME - len(ending)].rstrip(" .")
    if not stem or _RESERVED.fullmatch(stem.split(".")[0]):
        stem = f"документ {stem}".strip()[: MAX_NAME - len(ending)]
    return stem + ending


def _unseen(character: str) -> bool:
    """Control, direction and zero-width marks, line separators: no part of what a person reads."""
    category = unicodedata.category(character)
    return category.startswith("C") or category in {"Zl", "Zp"}


def browser_rules() -> dict[str, object]:
    """What the uploader needs to judge a file before it is sent; plain JSON."""

    def told(reasons: Sequence[str]) -> dict[str, dict[str, str]]:
        return {c: {"sentence": REFUSALS[c].sentence, "how": REFUSALS[c].how_to_do_better} for c in reasons}

    return {
        "maxBytes": MAX_BYTES,
        "thumbnailSide": THUMBNAIL_SIDE,
        "maxPixels": MAX_PIXELS,
        "maxPhotos": MAX_PHOTOS,
        "maxTogether": MAX_TOGETHER,
        "checks": [asdict(check) for check in CHECKS],
        "refusals": told(("file_empty", "file_large", "photo_pixels", "joined_large", "joined_many", "joined_pdf")),
    }
