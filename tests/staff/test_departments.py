"""Departments of one's own clinic only: one name once, closed when empty."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from medcab import db
from medcab.access import Actor, Role
from medcab.accounts.models import Department
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.staff.departments import service
from medcab.staff.invitations import service as invitations
from medcab.staff.invitations.service import Guest
from medcab.staff.person import service as person
from medcab.staff.service import NewPlace
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_WARD, WARD, Cast
from tests.staff.test_people import membership_of


async def do(verb, actor: Actor, **facts):
    async with db.transaction() as session:
        return await verb(session, actor, **facts)


async def names(actor: Actor) -> list[str]:
    async with db.reading() as session:
        return [one.name for one in await service.listed(session, actor)]


async def test_a_department_is_added_renamed_and_closed(cast: Cast) -> None:
    await do(service.save, cast.admin, name="  Дневной   стационар ")
    assert await names(cast.admin) == ["Дневной стационар", "Терапевтическое отделение", "Хирургическое отделение"]
    async with db.reading() as session:
        [made] = [one.id for one in await service.listed(session, cast.admin) if one.name == "Дневной стационар"]
    for taken in ("дневной стационар", "ТЕРАПЕВТИЧЕСКОЕ ОТДЕЛЕНИЕ"):
        with pytest.raises(Invalid):
            await do(service.save, cast.admin, name=taken)
    with pytest.raises(Invalid):
        await do(service.save, cast.admin, name="Терапевтическое отделение", department_id=made)
    await do(service.save, cast.admin, name="Дневной Стационар", department_id=made)
    await do(service.close, cast.admin, department_id=made)
    assert "Дневной Стационар" not in await names(cast.admin)
    with pytest.raises(NotFound):
        await do(service.save, cast.admin, name="x", department_id=made)
    await do(service.save, cast.admin, name="Дневной стационар")  # the name is free again


async def test_one_with_people_or_invited_ones_stays_open(cast: Cast) -> None:
    with pytest.raises(Conflict):
        await do(service.close, cast.admin, department_id=OTHER_WARD)
    to_ward = NewPlace(Role.SPECIALIST, WARD, "", 100)
    await do(person.change_place, cast.admin, membership_id=await membership_of(cast.neighbour), place=to_ward)
    guest = Guest("Новая", "Анна", "", "new@medcab.example", NewPlace(Role.NURSE, OTHER_WARD, "", 100))
    await do(invitations.invite, cast.admin, guest=guest)
    with pytest.raises(Conflict):
        await do(service.close, cast.admin, department_id=OTHER_WARD)


async def test_whoever_was_dismissed_does_not_keep_it_open(cast: Cast, now) -> None:
    await do(
        person.dismiss, cast.admin, person_id=cast.neighbour.person_id, last_day="23.11.2026", reason="", agreed=True
    )
    with pytest.raises(Conflict):
        await do(service.close, cast.admin, department_id=OTHER_WARD)
    now.tick(timedelta(days=1))
    await do(service.close, cast.admin, department_id=OTHER_WARD)


@pytest.mark.parametrize("wanted", [FOREIGN_WARD, uuid4()])
async def test_another_clinics_departments_do_not_exist(cast: Cast, wanted: UUID) -> None:
    for verb, facts in ((service.save, {"name": "Моё"}), (service.close, {})):
        with pytest.raises(NotFound) as refusal:
            await do(verb, cast.admin, department_id=wanted, **facts)
        assert refusal.value.message == "Отделение не найдено."
        with pytest.raises(Forbidden):
            await do(verb, cast.head, department_id=WARD, **facts)
    async with db.reading() as session:
        assert (await session.get_one(Department, FOREIGN_WARD)).name == "Терапия"
        assert all(one.id != FOREIGN_WARD for one in await service.listed(session, cast.admin))


async def test_two_clinics_may_call_a_department_the_same(cast: Cast, foreign_admin: Actor) -> None:
    await do(service.save, foreign_admin, name="Хирургическое отделение")
    assert "Хирургическое отделение" in await names(foreign_admin)
    assert cast.admin.organisation_id == CLINIC
