"""A document on paper: headings, sentences, charts and tables as a PDF, in the application's own typeface."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from medcab.errors import Unavailable
from medcab.tables import plots
from medcab.tables.plots import Plot

_FONTS = Path(__file__).parent.parent / "web" / "build" / "client" / "assets"
_HEAD = 24
"""Millimetres: a heading and the sentence under it."""
_WEIGHTS = {"": {"wght": 400.0}, "B": {"wght": 600.0}}
_SETS = ("cyrillic", "latin")
"""The typeface comes in parts; the first is the one that most letters are of."""


class NoTypeface(Unavailable):
    """The front end, which brings the typeface along, is not built."""

    message = "Документ пока не составить: на сервере не собрана внешняя часть."


@dataclass(frozen=True)
class Table:
    """Ready strings; the first column is text, the others are set to the right. `widths` are shares."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()


@dataclass(frozen=True)
class Chapter:
    """A heading, a few sentences, perhaps a drawing and a table."""

    title: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    plot: Plot | None = None


def is_ready() -> bool:
    """Whether the typeface is here."""
    return all(len(_found(part)) == 1 for part in _SETS)


def _found(part: str) -> list[Path]:
    return list(_FONTS.glob(f"golos-text-{part}-wght-normal-*.woff2"))


def pdf_bytes(title: str, lead: Sequence[str], chapters: Sequence[Chapter]) -> bytes:
    """The document; takes a while, so ask for it in a thread. `NoTypeface` where it cannot be set."""
    if not is_ready():
        raise NoTypeface
    pdf = _blank(title)
    pdf.set_font(_SETS[0], "B", 17)
    pdf.multi_cell(0, 8, title, new_x="LMARGIN", new_y="NEXT", align="L")
    _sentences(pdf, lead, 9.5)
    for chapter in chapters:
        drawings = plots.pieces(chapter.plot, pdf.eph - _HEAD) if chapter.plot else []
        if drawings and pdf.will_page_break(plots.height_of(drawings[0]) + _HEAD):
            pdf.add_page()  # a heading stays with its drawing
        pdf.ln(4)
        pdf.set_font(_SETS[0], "B", 12.5)
        pdf.multi_cell(0, 6.5, chapter.title, new_x="LMARGIN", new_y="NEXT", align="L")
        _sentences(pdf, chapter.sentences, 10)
        for each in drawings:
            plots.draw(pdf, each, _SETS[0])
        if chapter.table and chapter.table.rows:
            _table(pdf, chapter.table)
    return bytes(pdf.output())


def _blank(title: str):
    from fpdf import FPDF  # a quarter of a second that only drawing needs

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_SETS[0], "", 8)
            self.cell(0, 5, f"{title} · страница {self.page_no()}", align="R")

    pdf = Paper(format="A4")
    pdf.set_title(title)
    pdf.set_lang("ru")
    pdf.set_margins(16, 16)
    pdf.set_auto_page_break(auto=True, margin=18)
    for part in _SETS:
        [path] = _found(part)
        pdf.add_font(part, fname=path, variations=_WEIGHTS)
    pdf.set_fallback_fonts([_SETS[1]], exact_match=False)
    pdf.add_page()
    return pdf


def _sentences(pdf, sentences: Sequence[str], size: float) -> None:
    pdf.set_font(_SETS[0], "", size)
    for sentence in sentences:
        pdf.multi_cell(0, 5, sentence, new_x="LMARGIN", new_y="NEXT", align="L")


def _table(pdf, table: Table) -> None:
    pdf.ln(1.5)
    pdf.set_font(_SETS[0], "", 9)
    align = ("LEFT", *("RIGHT" for _ in table.headings[1:]))
    with pdf.table(
        width=pdf.epw, col_widths=table.widths or None, text_align=align, line_height=5.2, borders_layout="HORIZONTAL_LINES",
        padding=(0.7, 1),
    ) as made:  # fmt: skip
        for line in (table.headings, *table.rows):
            made.row(line)
