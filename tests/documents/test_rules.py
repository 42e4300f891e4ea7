"""The bounds of quality, the names of files, the shares: pure rules."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from medcab.documents import rules
from medcab.documents.intake.photo import measure
from medcab.documents.rules import FileKind, Measures, Severity, display_name, verdict
from tests.documents import making

GOOD = Measures(min_side=1500, light=220, ink=45, contrast=60, sharpness=900, border=0.01)

PEOPLE = range(100, 116)  # seeds of the labelled set

LABELLED: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "blur of 4 px": ("blur", lambda p: p.filter(ImageFilter.GaussianBlur(4))),
    "dark": ("dark", lambda p: making.darker(p, 0.2)),
    "washed out": ("overexposed", lambda p: making.washed_out(p, 210)),
    "small": ("small", lambda p: p.resize((720, 960))),
}


@pytest.fixture(scope="module")
def sharp() -> list[Image.Image]:
    return [making.photo(seed) for seed in PEOPLE]


def refusals(picture: Image.Image) -> list[str]:
    return [reason.code for reason in verdict(measure(picture)) if reason.severity is Severity.REFUSE]


def test_no_good_photograph_is_refused_or_warned_about(sharp: list[Image.Image]) -> None:
    assert [reason for picture in sharp for reason in verdict(measure(picture))] == []


def test_a_sheet_with_three_lines_is_not_called_blurred() -> None:
    assert verdict(measure(making.photo(7, lines=3))) == []


@pytest.mark.parametrize("label", LABELLED)
def test_no_bad_photograph_gets_through(sharp: list[Image.Image], label: str) -> None:
    code, spoil = LABELLED[label]
    missed = [seed for seed, picture in zip(PEOPLE, sharp, strict=True) if refusals(spoil(picture))[:1] != [code]]
    assert missed == []


def test_text_at_the_edge_of_the_frame_is_a_warning_only() -> None:
    found = [verdict(measure(making.photo(seed, cut=True))) for seed in PEOPLE[:8]]
    assert {(reason.code, reason.severity) for reasons in found for reason in reasons} == {("cut", Severity.WARN)}
    assert all(found)


@pytest.mark.parametrize(
    ("figures", "code", "severity"),
    [
        ({"sharpness": 39.9}, "blur", Severity.REFUSE),
        ({"sharpness": 40}, "blur", Severity.WARN),
        ({"sharpness": 99.9}, "blur", Severity.WARN),
        ({"min_side": 999}, "small", Severity.REFUSE),
        ({"light": 100}, "dark", Severity.WARN),
        ({"light": 50, "sharpness": 5, "contrast": 3}, "dark", Severity.REFUSE),
        ({"contrast": 3, "sharpness": 5}, "empty", Severity.REFUSE),
    ],
)
def test_each_bound(figures: dict[str, float], code: str, severity: Severity) -> None:
    [reason] = verdict(Measures(**{**vars(GOOD), **figures}))
    assert (reason.code, reason.severity) == (code, severity)


def test_what_is_good_has_no_reasons_and_the_bound_itself_is_good() -> None:
    assert verdict(GOOD) == []
    assert verdict(Measures(**{**vars(GOOD), "sharpness": 100, "min_side": 1000})) == []


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("Диплом врача.pdf", "Диплом врача.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Анна\\скан.PDF", "скан.pdf"),
        ("scan.jpg", "scan.pdf"),
        ("cod\u202egpj.exe", "codgpj.exe.pdf"),
        ("a\r\nContent-Type: text/html\r\n\r\n.pdf", "html.pdf"),
        ("nul\0l.pdf", "null.pdf"),
        ("CON.pdf", "документ CON.pdf"),
        ("  ..  ", "документ.pdf"),
        ("", "документ.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ('<img src=x onerror="alert(1)">.pdf', "img src=x onerror= alert(1).pdf"),
    ],
)
def test_a_name_is_only_text(declared: str, shown: str) -> None:
    assert display_name(declared, FileKind.PDF) == shown


@given(st.text(max_size=400), st.sampled_from(FileKind))
def test_no_name_can_hurt(declared: str, kind: FileKind) -> None:
    name = display_name(declared, kind)
    assert 0 < len(name) <= rules.MAX_NAME
    assert not set(name) & set('/\\<>:"|?*\r\n\0')
    assert not any(unicodedata.category(c).startswith("C") for c in name)
    assert not name.startswith(".")
    assert display_name(name, kind) == name


def test_a_person_has_a_share_of_the_disk() -> None:
    assert rules.over_quota(0, 0, rules.MAX_BYTES) is None
    full = rules.over_quota(rules.QUOTA_BYTES - 5, 3, 6)
    many = rules.over_quota(0, rules.QUOTA_FILES, 6)
    assert (full and full.code, many and many.code) == ("quota_bytes", "quota_files")


def test_every_refusal_says_what_to_do() -> None:
    for reason in rules.REFUSALS.values():
        assert reason.sentence.endswith(".")
        assert reason.how_to_do_better.endswith(".")
