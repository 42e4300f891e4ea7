"""Finding a patient: by name, initials, policy and SNILS, of one's own clinic only."""

import json

import pytest
from sqlmodel import select

from medcab import db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.errors import Forbidden
from medcab.patients import service
from medcab.patients.models import Patient
from medcab.patients.rules import hint, parse
from medcab.patients.service import PatientRow
from tests.cast import CLINIC, Cast, patient


async def _find(actor: Actor, text: str, limit: int = 10) -> list[PatientRow]:
    async with db.transaction() as session:
        return await service.find(session, actor, text=text, limit=limit)


def _names(rows: list[PatientRow]) -> list[str]:
    return [row["name"] for row in rows]


def _called(family: str, given: str, patronymic: str, number: int) -> Patient:
    made = patient(CLINIC, family, number=number)
    made.given_name, made.patronymic = given, patronymic
    made.search_name = f"{family} {given} {patronymic}".lower().replace("ё", "е").strip()
    return made


@pytest.fixture
async def crowd(cast: Cast) -> Cast:
    async with db.transaction() as session:
        session.add_all([
            _called("Семёнов", "Пётр", "Ильич", 11), _called("Семенова", "Анна", "Павловна", 12), _called("Семёнов", "Павел", "", 13),
            _called("Салтыков-Щедрин", "Михаил", "Евграфович", 14), _called("Мамедов", "Али", "Гасан оглы", 15),
        ])  # fmt: skip
    return cast


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Семен", ["Семёнов Павел", "Семёнов Пётр Ильич", "Семенова Анна Павловна"]),
        ("СЕМЁНОВ П", ["Семёнов Павел", "Семёнов Пётр Ильич"]),
        ("семенов п.и.", ["Семёнов Пётр Ильич"]),
        ("Семёнов Пётр Ильич", ["Семёнов Пётр Ильич"]),
        ("семенов и", []),
        ("салтыков-щ", ["Салтыков-Щедрин Михаил Евграфович"]),
        ("салтыков-щедрин м", ["Салтыков-Щедрин Михаил Евграфович"]),
        ("мамедов али гасан", ["Мамедов Али Гасан оглы"]),
        ("енов", []),
        ("с", []),
        ("%", []),
        ("се_енов", []),
        ("'; DROP TABLE patient; --", []),
    ],
)
async def test_by_the_beginning_of_the_name(crowd: Cast, text: str, found: list[str]) -> None:
    assert _names(await _find(crowd.doctor, text)) == found


@pytest.mark.parametrize("text", ["0000000000000001", "0000 0000 0000 0001", "00000000001", "000-000-000 01"])
async def test_by_exact_policy_or_snils(cast: Cast, text: str) -> None:
    [row] = await _find(cast.doctor, text)
    assert row == {
        "id": str(cast.patient_id), "name": "Сидоров Иван Сергеевич", "born": "01.05.1970", "policy": "•••• •••• •••• 0001",
    }  # fmt: skip


async def test_a_part_of_a_number_finds_nobody(cast: Cast) -> None:
    assert await _find(cast.doctor, "000000000000000") == []


async def test_patients_of_another_clinic_do_not_exist(cast: Cast) -> None:
    assert await _find(cast.doctor, "Чужой") == []
    assert await _find(cast.doctor, "0000000000000003") == []
    assert _names(await _find(cast.foreigner, "Чужой")) == ["Чужой Иван Сергеевич"]
    assert await _find(cast.foreigner, "Сидоров") == []


@pytest.mark.parametrize("who", ["doctor", "colleague", "head", "nurse", "admin", "neighbour"])
async def test_who_receives_patients_finds_them(cast: Cast, who: str) -> None:
    assert _names(await _find(cast.everyone()[who], "сид")) == ["Сидоров Иван Сергеевич"]


@pytest.mark.parametrize("who", ["pharmacist", "unverified", "support", "security"])
async def test_others_may_not_search(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        await _find(cast.everyone()[who], "сид")


async def test_no_more_than_asked_for(crowd: Cast) -> None:
    assert len(await _find(crowd.doctor, "сем", limit=2)) == 2


async def test_a_search_is_journalled_with_whom_it_showed_and_not_what_was_typed(cast: Cast) -> None:
    await _find(cast.doctor, "Сидоров")
    async with db.reading() as session:
        [entry] = (
            await session.exec(select(AuditEntry).where(AuditEntry.action == Action.PATIENTS_SEARCH.value))
        ).all()
    assert json.loads(entry.details) == {"by": "name", "shown": [str(cast.patient_id)]}
    assert entry.person_id == cast.doctor.person_id


def test_what_to_type_more() -> None:
    assert hint("") == hint("Иванов") == hint("123-456-789 01") == ""
    assert hint("И") == "Введите хотя бы две буквы фамилии."
    assert hint("123 456") == "Номер целиком: 11 цифр СНИЛС или 16 цифр полиса, сейчас 6."
    assert parse("Иванов И.С.").words == ["иванов", "и", "с"]
