"""Several specialisations at once: as many as five, each once, each with its code."""

from typing import Any

import pytest

from tests.api.browser import Browser

DETAILS = {"register_number": "77.0002", "organisation": "Городская клиника № 1", "post": "врач-кардиолог", "specialty": "Кардиология", "okpd2": "86.22.11"}  # fmt: skip
OTHERS = {f"{name}_{n}": value for n, title in ((2, "Терапия"), (3, "Нефрология"), (5, "Функциональная диагностика"))
          for name, value in (("specialty", title), ("okpd2", "86.22.19"))}  # fmt: skip


async def save(doctor: Browser, **more: str) -> Any:
    return (await doctor.post("/api/verification/details", {**DETAILS, **more})).json()


async def test_all_of_them_come_back_without_a_gap(doctor: Browser) -> None:
    assert (await save(doctor, **OTHERS))["message"] == "Сохранено."
    form = await doctor.form("details")
    shown = [form["values"].get(f"specialty{suffix}") for suffix in ("", "_2", "_3", "_4", "_5")]
    assert shown == ["Кардиология", "Терапия", "Нефрология", "Функциональная диагностика", None]
    assert form["data"]["many"] == "yes"


async def test_two_of_them_need_no_more_room(doctor: Browser) -> None:
    await save(doctor, specialty_2="Терапия", okpd2_2="86.22.19")
    assert (await doctor.form("details"))["data"]["many"] == ""


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"specialty_3": "кардиология ", "okpd2_3": "86.22.11"}, "specialty_3"),
        ({"okpd2_4": "86.22.11"}, "specialty_4"),
        ({"specialty_5": "Терапия", "okpd2_5": "862211"}, "okpd2_5"),
        ({"specialty_2": "Терапия"}, "okpd2_2"),
    ],
)
async def test_what_is_wrong_is_told_at_its_own_field(doctor: Browser, more: dict[str, str], field: str) -> None:
    assert list((await save(doctor, **more))["errors"]) == [field]
