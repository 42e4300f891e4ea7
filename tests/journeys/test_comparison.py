"""The register takes a right away: the clinic's administrator and the doctor learn of it, and the doctor gets it back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.demo.staff import workers
from tests.journeys.access import agree, at, phone_of
from tests.journeys.conftest import Face, World
from tests.journeys.reception import DOCTOR, look_at_doctor, open_day_with_free_slots

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
LOGIN, SPECIALTY = "terapevt", "Терапия"


def refuse(clinic: World, code: str | None) -> None:
    """What the register says of her from now on; None: everything is well."""
    own = next(one.snils for one in workers() if one.login == LOGIN)
    clinic.sandbox.put("/control/register/refusal", {"snils": own, "code": code})


def test_a_right_that_the_register_takes_away_and_gives_back(clinic: World, worker: Come) -> None:
    doctor, administrator = worker(LOGIN, Face(390, 844)), worker("administrator")
    day = open_day_with_free_slots(doctor)

    refuse(clinic, "PERSON_CARD_NOT_FOUND")
    administrator.goto("/comparison")
    administrator.get_by_role("button", name="Сверить сейчас").click()
    agree(administrator, "Сверить")
    administrator.get_by_text("Сверка завершена").wait_for()
    line = administrator.get_by_role("row").filter(has_text=DOCTOR)
    line.get_by_text("нет личного дела").wait_for()
    line.get_by_text("закрыто").wait_for()
    line.get_by_text(SPECIALTY, exact=True).wait_for()
    clinic.told(phone_of(LOGIN), "приостановлено")
    look_at_doctor(administrator, day)
    administrator.get_by_text("право на работу приостановлено").wait_for()
    expect(administrator.locator("[data-what=free]")).to_have_count(0)

    doctor.goto("/schedule")
    doctor.get_by_text("Раздел откроется, когда кабинет будет активирован").first.wait_for()
    doctor.goto("/activation?step=check")
    changes = doctor.get_by_role("region", name="Изменения в регистре")
    changes.get_by_text("Подтверждено федеральным регистром").wait_for()
    changes.get_by_text("нет личного дела").wait_for()

    refuse(clinic, None)
    doctor.get_by_role("button", name="Проверить ещё раз").click()
    doctor.wait_for_url(at("/activation"))
    doctor.get_by_role("heading", name="Кабинет активирован").wait_for()
    look_at_doctor(administrator, day)
    administrator.locator("[data-what=free]").first.wait_for()

    administrator.goto("/comparison")
    administrator.get_by_role("button", name="Сверить сейчас").click()
    agree(administrator, "Сверить")
    administrator.get_by_text("Следующую можно начать через 10 минут").wait_for()


def test_a_notice_of_the_supervision_service_is_a_reason_to_ask(clinic: World, worker: Come) -> None:
    """The administrator does nothing: what the register confirms comes by itself, with the order it rests on."""
    administrator = worker("administrator")
    administrator.goto("/comparison")
    administrator.get_by_role("heading", name="Изменения").wait_for()
    own = next(one for one in workers() if one.login == "konsultacii1")
    notice = {"kind": "accreditation_excluded", "subject": own.snils, "basis": "Приказ № 12-А"}
    clinic.sandbox.put("/control/supervision", {**notice, "true": False})
    clinic.sandbox.put("/control/supervision", notice)

    line = administrator.get_by_role("row").filter(has_text=own.name.family).filter(has_text="Приказ № 12-А")
    line.get_by_text("закрыто").wait_for(timeout=40_000)
    line.get_by_text("Уведомление надзора №").wait_for()
    clinic.told(own.phone, "приостановлено")
