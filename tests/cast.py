"""The people every test knows: a verified doctor, her head, a colleague, each other role, an unverified one, and another clinic's doctor."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Role
from medcab.accounts.models import Department, Membership, Organisation, Person, Standing
from medcab.patients.models import Patient
from medcab.security.crypto import blind_index

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Monday 09:00 in Moscow."""

CLINIC, OTHER_CLINIC = UUID(int=0xC1), UUID(int=0xC2)
WARD, OTHER_WARD, FOREIGN_WARD = UUID(int=0xD1), UUID(int=0xD2), UUID(int=0xD3)


@dataclass(frozen=True)
class Cast:
    """Actors by part. `doctor`, `colleague`, `nurse` and `head` are of WARD; `neighbour` of OTHER_WARD; `foreigner` of OTHER_CLINIC."""

    doctor: Actor
    colleague: Actor
    head: Actor
    nurse: Actor
    pharmacist: Actor
    admin: Actor
    neighbour: Actor
    unverified: Actor
    support: Actor
    security: Actor
    foreigner: Actor
    patient_id: UUID
    other_patient_id: UUID
    foreign_patient_id: UUID

    def everyone(self) -> dict[str, Actor]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Actor)}


def person(number: int, family_name: str, *, standing: Standing = Standing.ACTIVE) -> Person:
    """A worker whose identifying numbers follow from `number`."""
    snils, inn = f"{number:011}", f"{number:012}"
    phone, email = f"+7912{number:07}", f"person{number}@medcab.example"
    return Person(
        id=UUID(int=number), family_name=family_name, given_name="Анна", patronymic="Петровна", birth_date=date(1985, 3, 14),
        snils=snils, snils_index=blind_index("person.snils", snils), inn=inn, inn_index=blind_index("person.inn", inn),
        phone=phone, phone_index=blind_index("person.phone", phone), email=email, email_index=blind_index("person.email", email),
        created_at=MORNING, standing=standing,
    )  # fmt: skip


def patient(organisation_id: UUID, family_name: str, *, number: int = 1) -> Patient:
    """A patient with a name that is found by its beginning."""
    snils, policy = f"{number:011}", f"{number:016}"
    return Patient(
        id=uuid4(), organisation_id=organisation_id, family_name=family_name, given_name="Иван", patronymic="Сергеевич",
        search_name=f"{family_name} иван сергеевич".lower().replace("ё", "е"), sex="M", birth_date=date(1970, 5, 1),
        snils=snils, snils_index=blind_index("patient.snils", snils), policy=policy,
        policy_index=blind_index("patient.policy", policy), phone="+79120000001", created_at=MORNING,
    )  # fmt: skip


def settle(session: AsyncSession) -> Cast:
    """Add the whole cast to the session; the caller commits."""
    session.add_all([
        Organisation(id=CLINIC, name="Городская клиника № 1", short_name="ГК № 1", ogrn="1027700132195"),
        Organisation(id=OTHER_CLINIC, name="Областная больница", short_name="ОБ", ogrn="1022200525819"),
        Department(id=WARD, organisation_id=CLINIC, name="Терапевтическое отделение"),
        Department(id=OTHER_WARD, organisation_id=CLINIC, name="Хирургическое отделение"),
        Department(id=FOREIGN_WARD, organisation_id=OTHER_CLINIC, name="Терапия"),
    ])  # fmt: skip
    patients = [
        patient(CLINIC, "Сидоров", number=1),
        patient(CLINIC, "Смирнов", number=2),
        patient(OTHER_CLINIC, "Чужой", number=3),
    ]
    session.add_all(patients)

    def hire(
        number: int, name: str, role: Role, ward: UUID | None, clinic: UUID = CLINIC, *, active: bool = True
    ) -> Actor:
        standing = Standing.ACTIVE if active else Standing.UNVERIFIED
        session.add(person(number, name, standing=standing))
        session.add(
            Membership(
                person_id=UUID(int=number),
                organisation_id=clinic,
                department_id=ward,
                role=role,
                since=date(2020, 1, 1),
            )
        )
        return Actor(
            person_id=UUID(int=number), session_id=UUID(int=0x1000 + number), name=f"{name} А. П.", organisation_id=clinic,
            department_ids=frozenset({ward} if ward else ()), posts=frozenset({(role, ward)} if ward else ()), roles=frozenset({role}),
            is_active=active,
        )  # fmt: skip

    return Cast(
        doctor=hire(1, "Иванова", Role.SPECIALIST, WARD),
        colleague=hire(2, "Петрова", Role.THERAPIST, WARD),
        head=hire(3, "Главная", Role.DEPARTMENT_HEAD, WARD),
        nurse=hire(4, "Сестрина", Role.NURSE, WARD),
        pharmacist=hire(5, "Аптекарева", Role.PHARMACIST, WARD),
        admin=hire(6, "Порядкова", Role.CLINIC_ADMIN, None),
        neighbour=hire(7, "Соседова", Role.SPECIALIST, OTHER_WARD),
        unverified=hire(8, "Новикова", Role.SPECIALIST, WARD, active=False),
        support=hire(9, "Помогова", Role.SUPPORT, None, active=False),
        security=hire(10, "Охранова", Role.SECURITY_ADMIN, None, active=False),
        foreigner=hire(11, "Чужакова", Role.SPECIALIST, FOREIGN_WARD, OTHER_CLINIC),
        patient_id=patients[0].id,
        other_patient_id=patients[1].id,
        foreign_patient_id=patients[2].id,
    )
