"""What the sandbox's federal register is filled with: the workers' records, two newcomers, and the clinics' licences."""

import json
from datetime import date
from typing import Any
from urllib.request import Request, urlopen

from medcab.demo.dossiers import Dossier, dossiers, newcomers_dossiers
from medcab.identifiers import snils
from medcab.integrations.federal_register.mapping import licence_payloads, to_payload
from medcab.settings import Settings
from medcab.verification.rules import Item
from medcab.verification.rules.findings import day_text, paper_text

_TIMEOUT = 10


def people(today: date) -> list[dict[str, Any]]:
    """Records for `PUT /control/register/people`, as of the day the demo was loaded on."""
    return [to_payload(dossier.record) for dossier in _everybody(today) if dossier.record]


def licences(today: date) -> list[dict[str, Any]]:
    """Each clinic's licence once."""
    found = {
        row["number"]: row
        for dossier in _everybody(today)
        if dossier.record
        for row in licence_payloads(dossier.record)
    }
    return list(found.values())


def newcomers(today: date) -> list[str]:
    """Everything a visitor has to type to register and be verified, a text for each newcomer."""
    return [_told(dossier) for dossier in newcomers_dossiers(today)]


def fill(settings: Settings, today: date) -> None:
    """Load the sandbox's register, unless it holds people already: what a visitor changed there stays."""
    with urlopen(f"{settings.sandbox_url}/health", timeout=_TIMEOUT) as answer:  # noqa: S310  (our own address)
        if json.load(answer)["people"]:
            return
    body = json.dumps({"people": people(today), "licences": licences(today)}, ensure_ascii=False).encode()
    address, kind = f"{settings.sandbox_url}/control/register/people", {"Content-Type": "application/json"}
    wanted = Request(address, body, kind, method="PUT")  # noqa: S310  (our own address)
    with urlopen(wanted, timeout=_TIMEOUT):  # noqa: S310  (our own address)
        pass


def _everybody(today: date) -> tuple[Dossier, ...]:
    return (*dossiers(today), *newcomers_dossiers(today))


def _told(dossier: Dossier) -> str:
    worker, claim = dossier.worker, dossier.claim
    job = claim.employment
    lines = [
        f"{worker.name.full}, {day_text(worker.born)}",
        f"СНИЛС {snils.formatted(worker.snils)}, ИНН {worker.inn}, телефон {worker.phone}, почта {worker.email}",
        f"Номер в регистре {claim.register_number}; специальность «{worker.training.title}», ОКПД2 {worker.training.okpd2}",
        f"Место работы: {job.organisation}, {job.post}" if job else "",
    ]
    lines += [f"{paper.item.label}: {paper_text(paper)}" for paper in claim.documents]
    [diploma] = claim.of(Item.DIPLOMA)
    held = dossier.record.of(Item.DIPLOMA)[0].number if dossier.record else diploma.number
    if held != diploma.number:
        lines.append(
            f"В регистре номер диплома другой, {held}: проверка найдёт расхождение, исправьте и отправьте снова"
        )
    return "\n".join(lines)
