"""Files behind the papers, for anybody may have to send them again: real PDFs that say what they are, sealed in the storage."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from medcab import storage
from medcab.demo.dossiers import Dossier, file_id
from medcab.demo.waiting import result_of
from medcab.storage import Stored as Scan


def store(dossiers: tuple[Dossier, ...]) -> dict[str, Scan]:
    """Size and checksum of each file by its id. Those of an interrupted load are written again."""
    wanted = {
        file_id(dossier.worker, paper.item): _pdf(paper.item.value, paper.number)
        for dossier in dossiers for paper in dossier.claim.documents
    }  # fmt: skip
    return result_of(_write, wanted)


async def _write(wanted: dict[UUID, bytes]) -> dict[str, Scan]:
    stored = {}
    for name, content in wanted.items():
        await storage.delete(name)
        stored[str(name)] = await storage.write(name, _once(content))
    return stored


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _pdf(kind: str, number: str) -> bytes:
    """One page in Latin letters: the fonts that every reader has know no others."""
    from fpdf import FPDF  # a quarter of a second that only filling needs

    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.add_page()
    pdf.set_font("Helvetica", size=28)
    pdf.cell(text=kind.capitalize(), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=14)
    latin = number.replace("Л", "L")
    pdf.cell(text=f"No. {latin}. A specimen of the medcab demo: not a document.")
    return bytes(pdf.output())
