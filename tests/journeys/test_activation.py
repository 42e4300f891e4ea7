"""A newcomer's whole way: register, give the papers, meet a mismatch, correct it, be activated. In a real browser, over real HTTP."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from medcab.identifiers import inn, snils
from medcab.integrations.federal_register.mapping import licence_payloads, to_payload
from medcab.verification.rules import Claim, Document, Employment, Item, RegisterRecord
from tests.documents.making import jpeg, pdf, photo
from tests.journeys.conftest import Face, World
from tests.journeys.look import Look
from tests.verification.people import held

pytestmark = pytest.mark.browser

PASSWORD = "зимний трамвай везёт рентгенолога"
DIPLOMA = Document(
    item=Item.DIPLOMA, series="ВСГ", number="0123456", issued=date(2008, 6, 25), speciality="Лечебное дело"
)
ACCREDITATION = Document(
    item=Item.ACCREDITATION, series="7723", number="031234567", issued=date(2025, 2, 1), speciality="Кардиология"
)
LICENCE = Document(item=Item.LICENCE, number="Л041-01137-77/00584930", issued=date(2020, 9, 3))

ADD = {Item.DIPLOMA: "диплом", Item.ACCREDITATION: "аккредитацию", Item.LICENCE: "лицензию"}


def claim(number: int) -> Claim:
    """One newcomer; identifying numbers follow from `number`."""
    return Claim(
        last_name="Соловьёва", first_name="Алёна", patronymic="Игоревна", birth_date=date(1985, 3, 14),
        snils=snils.with_check_digits(f"112233{number:03}"), inn=inn.with_check_digits(f"50010073{number:02}"),
        register_number=f"77.0001.{number:04}", employment=Employment(organisation="Клиника «Северная»", post="врач-кардиолог"),
        documents=(DIPLOMA, ACCREDITATION, LICENCE),
    )  # fmt: skip


def load(server: World, record: RegisterRecord, oid: str) -> None:
    record = replace(record, person=replace(record.person, oid=f"1.2.643.5.1.13.13.12.1.{oid}"))
    server.sandbox.put(
        "/control/register/people", {"people": [to_payload(record)], "licences": licence_payloads(record)}
    )


def misspelt(record: RegisterRecord) -> RegisterRecord:
    """The register holds another diploma number."""
    papers = tuple(replace(p, number="0123465") if p.item is Item.DIPLOMA else p for p in record.documents)
    return replace(record, documents=papers)


@pytest.mark.parametrize("face", [Face(1440, 1000), Face(390, 844, "dark")], ids=["desktop", "phone"])
def test_from_registration_through_a_mismatch_to_activation(
    server: World, person: Callable[..., Any], face: Face, tmp_path: Path
) -> None:
    number = 41 if face.width > 1000 else 42
    who, page = claim(number), person(face)
    phone, email = f"+791600000{number}", f"newcomer{number}@medcab.example"
    load(server, misspelt(held(who)), str(number))
    scan, picture = tmp_path / "диплом.pdf", tmp_path / "аккредитация.jpg"
    scan.write_bytes(pdf(pages=2))
    picture.write_bytes(jpeg(photo(number)))
    look = Look(page, whole=False)

    register(page, server, who, phone, email, look)
    page.get_by_role("link", name=re.compile("Мои сервисы|Сервисы")).first.click()
    page.get_by_role("heading", name="Мои сервисы").wait_for()
    page.get_by_text("Активировать").wait_for()
    look("services")
    page.get_by_role("link", name="Активировать").click()
    page.get_by_role("heading", name="Что нужно для активации").wait_for()
    look("documents-empty")

    fill_details(page, who, look)
    for paper, file in ((DIPLOMA, scan), (ACCREDITATION, picture), (LICENCE, scan)):
        add_paper(page, paper, file, look)
    look("documents-full")

    send(page, server, phone, look)
    diploma = page.locator("[data-item=diploma]")
    diploma.get_by_text("расхождение", exact=True).wait_for()
    assert page.locator("[data-item=licence]").get_by_text("подтверждено").is_visible()
    assert "№ 0123465" in diploma.inner_text(), "the register's number is shown to the person it is about"
    assert "Кто исправляет" in diploma.inner_text()
    look("mismatch")

    diploma.get_by_role("link", name="Исправить").click()
    page.get_by_label("Номер").wait_for()
    page.get_by_role("img", name="Первая страница загруженного файла").wait_for()
    look("correction")
    page.get_by_label("Номер").fill("0123465")
    page.get_by_role("button", name="Сохранить").click()
    diploma.get_by_text("исправлено", exact=True).wait_for()
    look("corrected")
    page.get_by_role("button", name="Отправить исправленное").click()
    page.get_by_role("heading", name="Кабинет активирован").wait_for()
    assert page.url.endswith("step=done")
    look("activated")

    page.goto("/documents")
    page.get_by_role("link", name="Диплом об образовании", exact=True).wait_for()
    look("papers")
    page.get_by_role("link", name="Диплом об образовании", exact=True).click()
    page.get_by_role("heading", name="Прежние версии").wait_for()
    page.get_by_role("img", name=re.compile("Страница 1")).wait_for()
    look("paper")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Скачать файл")).click()
    assert download.value.suggested_filename == "диплом.pdf"
    assert Path(download.value.path()).read_bytes() == scan.read_bytes()
    look.judge()


def register(page: Any, server: World, who: Claim, phone: str, email: str, look: Look) -> None:
    page.goto("/register/person")
    assert who.birth_date
    given = {
        "Фамилия": who.last_name, "Имя": who.first_name, "Отчество": who.patronymic, "Дата рождения": f"{who.birth_date:%d.%m.%Y}",
        "СНИЛС": who.snils, "ИНН": who.inn,
    }  # fmt: skip
    for label, text in given.items():
        page.get_by_label(label, exact=False).first.fill(text)
    look("register person")
    forward(page, "/register/contacts")
    look("register contacts")
    page.get_by_label("Мобильный телефон").fill(phone)
    page.get_by_label("E-mail").fill(email)
    forward(page, "/register/password")
    look("register password")
    page.get_by_label("Придумайте пароль").fill(PASSWORD)
    forward(page, "/register/phone")
    look("register phone")
    page.get_by_role("textbox", name="Код из SMS").fill(server.code(phone))
    page.wait_for_url(at("/register/email"))
    look("register email")
    page.get_by_label("Код из письма").fill(server.mailed_code(email))
    page.wait_for_url(at("/register/done"))
    look("register done")
    page.goto("/sign-in")
    page.get_by_label("Телефон или e-mail").fill(phone)
    assert not page.get_by_text("Демонстрация").count(), "only a demo shows its accounts"
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(at("/sign-in/code"))
    page.get_by_role("textbox", name="Код из SMS").fill(server.code(phone, after=1))
    page.wait_for_url(lambda url: "/sign-in" not in url)


def at(path: str) -> re.Pattern[str]:
    """The address, with or without the slash that a static page's folder brings."""
    return re.compile(re.escape(path) + "/?$")


def forward(page: Any, path: str) -> None:
    page.get_by_role("button", name="Продолжить").click()
    page.wait_for_url(at(path))


def fill_details(page: Any, who: Claim, look: Look) -> None:
    assert who.employment
    page.get_by_role("link", name="Регистр и место работы").click()
    page.get_by_label("Номер в регистре").fill(who.register_number)
    page.get_by_label("Организация").fill(who.employment.organisation)
    page.get_by_label("Должность").fill(who.employment.post)
    page.get_by_label("Специальность", exact=True).fill("Кардиология")
    page.get_by_label("ОКПД2", exact=True).fill("86.22.11")
    look("details")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("№ " + who.register_number).wait_for()


def think_better_of_it(page: Any, file: Path) -> None:
    """An upload is called off while it is on its way."""
    page.route("**/api/files", lambda route: route.fallback() if route.request.method == "GET" else None)
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("progressbar").wait_for()
    page.get_by_role("button", name="Отменить").click()
    page.get_by_text(file.name).wait_for(state="hidden")
    page.unroute("**/api/files")


def add_paper(page: Any, paper: Document, file: Path, look: Look) -> None:
    assert paper.issued
    page.get_by_role("link", name=f"Добавить {ADD[paper.item]}").click()
    page.get_by_role("button", name="Выбрать файл").wait_for()
    if paper is DIPLOMA:
        think_better_of_it(page, file)
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_text("Файл приложен").wait_for()
    page.get_by_label(re.compile("^Номер")).fill(paper.number)
    if paper.series:
        page.get_by_label(re.compile("^Серия")).fill(paper.series)
    page.get_by_label(re.compile("^Дата")).fill(f"{paper.issued:%d.%m.%Y}")
    if paper.speciality:
        page.get_by_label(re.compile("^Специальность")).fill(paper.speciality)
    look(f"paper-{paper.item.value}")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_role("link", name=paper.number).wait_for()


def send(page: Any, server: World, phone: str, look: Look) -> None:
    before = len(server.sandbox.sms(phone))
    page.get_by_role("button", name="Отправить на проверку").click()
    page.wait_for_url(at("step=code"))
    page.get_by_role("textbox", name="Код из SMS").wait_for()
    look("code")
    page.get_by_role("textbox", name="Код из SMS").fill(server.code(phone, after=before))
    page.wait_for_url(at("step=check"))
