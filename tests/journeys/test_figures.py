"""The head of a department reads its figures, looks behind them, and sees them follow the schedule."""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.tables.writer import MARK
from tests.journeys.conftest import Face
from tests.journeys.look import Look
from tests.journeys.reception import DOCTOR, deed, marked, open_day_that_was, seen_visit, soon, take_all_marks_back

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
CHARTS = {
    "Приёмы по неделям": "Проведено",
    "Заполненность по записи, по врачам": "Заполненность",
    "Неявки по дням недели": "Неявки",
    "Ожидание у кабинета по врачам": "пациентов ждёт",
}
"""Titles of the charts, and what the sentence over each speaks of."""
_BARS = ".barlayer .point path"


def open_figures(page: Any, start: str = "", end: str = "") -> None:
    page.goto(f"/figures?from={start}&to={end}" if start else "/figures")
    page.locator(".chart svg.main-svg").first.wait_for(state="attached")


def chart(page: Any, title: str) -> Any:
    return page.locator(".section", has=page.get_by_role("heading", name=title))


def click_bar(bar: Any) -> None:
    """Over the bars lies Plotly's own layer, which takes the click."""
    bar.click(force=True)


def cells_of(row: Any) -> list[str]:
    return [" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()]


def lines_of(page: Any) -> list[list[str]]:
    """What the table of lines shows."""
    return [cells_of(row) for row in page.get_by_role("region", name="Дни врачей за период").locator("tbody tr").all()]


def test_four_charts_say_in_words_drawing_and_table_how_it_stands(worker: Come) -> None:
    head, asked = worker("zaveduyushchaya"), []
    head.on("request", lambda request: asked.append(request.url))
    head.reload()
    head.get_by_role("link", name="Показатели отделения").first.wait_for()
    assert not any("plotly" in url for url in asked), "who looks at no charts loads no library that draws them"
    head.get_by_role("link", name="Показатели отделения").first.click()
    for title, subject in CHARTS.items():
        card = chart(head, title)
        card.locator("svg.main-svg .point, svg.main-svg .points").first.wait_for()
        assert subject in card.locator(".conclusion").inner_text()
        card.get_by_role("radio", name="Таблица").click()
        card.get_by_role("region", name=title).locator("tbody tr").nth(1).wait_for()
    assert any("plotly" in url for url in asked)

    head.get_by_role("button", name="Год", exact=True).click()
    head.wait_for_url(re.compile("from=.*to="))
    head.locator("button[aria-pressed=true]", has_text="Год").wait_for()
    year = head.url
    head.get_by_label("с", exact=True).fill("2026-11-20")
    head.get_by_label("по", exact=True).fill("2026-11-10")
    head.get_by_role("button", name="Показать", exact=True).click()
    head.get_by_text("Начало периода позже конца. Поменяйте даты местами.").wait_for()
    assert head.url == year, "nonsense changes nothing"
    head.get_by_label("с", exact=True).fill("1998-11-02")
    head.get_by_role("button", name="Показать", exact=True).click()
    head.get_by_text("Проверьте год в датах периода.").wait_for()


def test_a_bar_opens_its_visits_and_its_days_and_the_files_hold_the_same(worker: Come) -> None:
    head = worker("zaveduyushchaya")
    open_figures(head)
    which = head.get_by_label("Какие строки показать")
    which.select_option(index=1)
    _shows_only(head, which, "doctor:")

    click_bar(chart(head, "Неявки по дням недели").locator(_BARS).first)
    expect(which).to_have_value("weekday:0")
    head.locator("#figures-visits:focus").wait_for()
    behind = head.locator("#figures-visits")
    behind.get_by_role("heading", name="Неявки").wait_for()
    row = chart(head, "Неявки по дням недели")
    row.get_by_role("radio", name="Таблица").click()
    missed = cells_of(row.locator("tbody tr").first)[2]
    summary = behind.locator(".pager-summary")
    expect(summary).to_have_text(re.compile(rf"^{missed}\s"))
    visits = behind.get_by_role("region", name="Что посчитано").locator("tbody tr")
    assert visits.count() == min(int(missed), 20)
    assert {cells_of(line)[5] for line in visits.all()} == {"Не пришёл"}
    content = _downloaded(head, behind.get_by_role("button", name="Скачать CSV"), r"no_show-[\d-]+\.csv")
    assert len(content.splitlines()) == int(missed) + 4, "head of three lines, headings, and each visit"
    assert {day.weekday() for day in _days(head)} == {0}

    lines = head.locator(".section", has=head.get_by_role("heading", name="Из чего сложены показатели"))
    content = _downloaded(head, lines.get_by_role("button", name="Скачать CSV"), r"pokazateli-[\d-]+\.csv")
    rows = list(csv.DictReader(content.splitlines(), delimiter=";"))
    shown = lines_of(head)
    assert [[row["Дата"], row["Врач"], row["Запланировано"], row["Проведено"], row["Неявок"]] for row in rows][
        : len(shown)
    ] == [line[:5] for line in shown]
    assert lines.locator(".pager-summary").inner_text().startswith(str(len(rows)))
    behind.get_by_role("button", name="Закрыть").click()
    expect(behind).to_have_count(0)


def _days(page: Any) -> set[date]:
    return {date(*map(int, reversed(line[0].split(".")))) for line in lines_of(page)}


def _downloaded(page: Any, button: Any, name: str) -> str:
    """The file's text; Excel would take it for Windows-1251 without the mark."""
    with page.expect_download() as download:
        button.click()
    assert re.fullmatch(name, download.value.suggested_filename)
    content = Path(download.value.path()).read_bytes().decode()
    assert content.startswith(MARK)
    return content.removeprefix(MARK)


def test_each_figure_explains_itself_and_opens_what_it_divides(worker: Come) -> None:
    head = worker("zaveduyushchaya")
    open_figures(head)
    said = head.get_by_role("heading", name="Что сегодня не так?")
    said.wait_for()
    tile = head.locator(".figure", has=head.get_by_text("Неявки", exact=True))
    question = tile.get_by_role("button", name="Что значит «Неявки»")
    question.focus()
    head.keyboard.press("Enter")
    words = head.locator(".help-words")
    for fact in ("Как считается", "Числитель", "Знаменатель", "Ориентир", "Важно", "Свежесть"):
        words.get_by_text(fact, exact=True).wait_for()
    head.keyboard.press("Escape")
    expect(words).to_have_count(0)
    question.hover()
    words.wait_for()
    head.mouse.move(0, 0)
    expect(words).to_have_count(0)

    ended = tile.get_by_role("link").last
    count = ended.inner_text()
    ended.click()
    behind = head.locator("#figures-visits")
    expect(behind.locator(".pager-summary")).to_have_text(re.compile("^" + re.sub(r"\s", r"\\s", count) + r"\s"))

    head.locator(".figure").get_by_role("link", name=re.compile("^свободно")).click()
    behind.get_by_role("heading", name="Свободное время приёма").wait_for()
    expect(behind.locator(".pager-summary")).to_have_text(re.compile("предложено .*, занято .*, свободно "))
    assert cells_of(behind.locator("tbody tr").first)[2:5]
    with head.expect_download() as download:
        chart(head, "Неявки по дням недели").get_by_role("button", name="Скачать").click()
        head.get_by_role("menuitem", name="Картинку PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    with head.expect_download() as download:
        chart(head, "Неявки по дням недели").get_by_role("button", name="Скачать").click()
        head.get_by_role("menuitem", name="Таблицу XLSX").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")


def test_the_choice_stays_is_kept_sent_and_printed(worker: Come) -> None:
    head, admin = worker("zaveduyushchaya"), worker("administrator")
    open_figures(head)
    head.get_by_label("Вид приёма").select_option("repeat")
    head.wait_for_url(re.compile("kind=repeat"))
    head.get_by_role("button", name="Квартал", exact=True).click()
    head.wait_for_url(re.compile("kind=repeat"))
    head.locator("button[aria-pressed=true]", has_text="Квартал").wait_for()
    paper = head.locator(".figures-paper")
    assert "повторный приём" in " ".join((paper.text_content() or "").split())
    assert "Составлено" in (paper.text_content() or "")
    head.evaluate("window.print = () => { window.printed = true }")
    head.get_by_role("button", name="Напечатать").click()
    head.wait_for_function("window.printed")
    assert "Напечатан" in (head.get_by_text(re.compile("^Напечатаны ")).first.text_content() or "")
    assert head.locator(".paper-only tbody tr").count() > len(lines_of(head)), "paper has no pages to turn"
    assert head.pdf(format="A4").startswith(b"%PDF")

    head.get_by_text("Сохранить или отправить этот вид").click()
    head.get_by_label("Название вида").fill("Повторные за квартал")
    head.get_by_role("button", name="Сохранить вид").click()
    kept = head.get_by_role("navigation", name="Мои виды").get_by_role("link", name="Повторные за квартал")
    kept.wait_for()
    head.get_by_role("button", name="Сбросить").click()
    expect(head.get_by_label("Вид приёма")).to_have_value("all")
    kept.click()
    expect(head.get_by_label("Вид приёма")).to_have_value("repeat")

    head.get_by_label("Коллега").select_option(index=1)
    name = head.get_by_label("Коллега").locator("option:checked").inner_text()
    people = [option.inner_text() for option in head.get_by_label("Коллега").locator("option").all()]
    assert len(people) > 1, name
    for number in range(1, len(people)):  # one of them is the administrator
        head.get_by_label("Коллега").select_option(index=number)
        head.get_by_role("button", name="Отправить коллеге").click()
        head.get_by_text(f"Отправлено: {people[number]}").wait_for()
    bell = admin.get_by_role("link", name=re.compile("^Уведомления, непрочитанных"))
    bell.click()
    told = admin.locator(".notices-list > li", has_text="Вам отправили показатели").first
    told.get_by_text("Новое", exact=True).wait_for()
    look = Look(admin)
    look("notices")
    look.judge()
    admin.get_by_role("button", name="Отметить все прочитанными").click()
    expect(bell).to_have_count(0)
    expect(told.get_by_text("Новое", exact=True)).to_have_count(0)
    admin.get_by_role("link", name="Рабочий стол", exact=True).first.click()
    sent = admin.locator(".callout", has_text=": показатели отделения").first
    sent.get_by_role("link", name="Открыть", exact=True).click()
    admin.wait_for_url(re.compile(r"/figures\?from=.*kind=repeat"))
    expect(admin.get_by_label("Вид приёма")).to_have_value("repeat")
    head.get_by_role("button", name="Удалить вид «Повторные за квартал»").click()
    head.get_by_role("alertdialog").get_by_role("button", name="Удалить вид").click()
    expect(kept).to_have_count(0)


def test_load_and_right_to_practise_open_visits_and_people(worker: Come) -> None:
    head = worker("zaveduyushchaya")
    open_figures(head)
    load = chart(head, "Нагрузка врачей к норме")
    staff = head.locator(".section", has=head.get_by_role("heading", name="Право на работу", exact=True))
    behind, counted = head.locator("#figures-visits"), head.locator("#figures-visits .pager-summary")
    click_bar(load.locator(_BARS).nth(3))
    head.wait_for_url(re.compile("rows=doctor.*cases=done"))
    visits = counted.inner_text()
    load.get_by_role("radio", name="Таблица").click()
    doctor = cells_of(behind.locator("tbody tr").first)[2]
    row = cells_of(load.get_by_role("region").locator("tbody tr", has_text=doctor))
    assert " ".join(visits.split()).startswith(f"{row[5]} "), "the bar, its row and its visits"

    click_bar(staff.locator(".trace").nth(1).locator("path").first)
    head.wait_for_url(re.compile("cases=invalid_ahead"))
    behind.get_by_role("heading", name="Право на работу не будет действовать через 90 дней").wait_for()
    staff.get_by_role("radio", name="Таблица").click()
    _, ahead = (cells_of(each) for each in staff.get_by_role("region").locator("tbody tr").all())
    assert counted.inner_text().startswith(ahead[3])
    expect(behind.locator("tbody tr")).to_have_count(int(ahead[3]))
    look = Look(head, whole=False)
    look("figures people behind a mark")
    look.judge()


def test_on_a_phone(worker: Come) -> None:
    """The administrator of the clinic in a corridor: another department, what is off, the visits behind it."""
    page = worker("administrator", Face(390, 844))
    open_figures(page)
    look = Look(page, whole=False)
    page.get_by_label("Отделение", exact=True).select_option(index=1)
    page.wait_for_url(re.compile("department="))
    page.get_by_role("heading", name="Что сегодня не так?").wait_for()
    tile = page.locator(".figure", has=page.get_by_text("Неявки", exact=True))
    tile.get_by_role("button", name="Что значит «Неявки»").tap()
    page.locator(".help-words").wait_for()
    look("figures help on a phone")
    page.keyboard.press("Escape")
    tile.get_by_role("link").first.tap()
    page.locator("#figures-visits").wait_for()
    page.get_by_text("Сохранить или отправить этот вид").tap()
    look("figures visits on a phone")
    look.judge()


def test_a_phone_folds_what_is_not_asked_for_and_remembers(worker: Come) -> None:
    """Everything within reach of a thumb, by keyboard too; nothing is missing on paper, and nothing folds on a desktop."""
    page = worker("zaveduyushchaya", Face(390, 844))
    open_figures(page)
    look = Look(page, whole=False)
    steady = page.get_by_role("button", name="Устойчиво ли это?")
    drawn = page.get_by_role("heading", name="Неявки по неделям")
    expect(steady).to_have_attribute("aria-expanded", "false")
    expect(drawn).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") < _REACH
    look("figures folded on a phone")
    steady.focus()
    page.keyboard.press("Enter")
    expect(drawn).to_be_visible()
    look("figures unfolded on a phone")
    page.reload()
    expect(drawn).to_be_visible()
    page.get_by_role("button", name="Устойчиво ли это?").click()
    expect(drawn).to_be_hidden()

    page.emulate_media(media="print")
    expect(drawn).to_be_visible()
    page.emulate_media(media="screen")
    page.goto("/figures#lines")
    page.get_by_label("Какие строки показать").wait_for()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(drawn).to_be_visible()
    expect(page.get_by_role("button", name="Устойчиво ли это?")).to_be_hidden()
    look.judge()


_REACH = 4500
"""Pixels of the page on a phone, folded; it was 17,800."""


def _shows_only(page: Any, which: Any, kind: str) -> None:
    """The list names one, and every line is theirs."""
    expect(which).to_have_value(re.compile(f"^{kind}"))
    name = which.locator("option:checked").inner_text()
    lines = page.get_by_role("region", name="Дни врачей за период").locator("tbody tr")
    expect(lines.filter(has_not_text=name)).to_have_count(0)
    assert lines.count() > 0


def test_a_week_behind_the_period_a_day_ahead_of_it_and_a_year_ago(worker: Come) -> None:
    head = worker("zaveduyushchaya")
    open_figures(head)
    steady, ahead = chart(head, "Неявки по неделям"), chart(head, "Приёмы в ближайшие дни")
    assert "бычн" in steady.locator(".conclusion").inner_text()
    assert "ошибались в среднем на" in chart(head, "Приёмы в ближайшие недели").locator(".conclusion").inner_text()

    which = head.get_by_label("Какие строки показать")
    click_bar(steady.locator(".scatterlayer .point").first)
    expect(which).to_have_value(re.compile("^whole:"))
    monday = date.fromisoformat(which.input_value().removeprefix("whole:"))
    days = {date(*map(int, reversed(line[0].split(".")))) for line in lines_of(head)}
    assert days
    assert all(0 <= (day - monday).days < 7 for day in days)

    click_bar(ahead.locator(_BARS).nth(1))
    expect(which).to_have_value(re.compile("^day:"))
    head.get_by_label("С чем сравнить").select_option("year")
    head.wait_for_url(re.compile("compare=year"))
    head.get_by_text("ровно 52 недели раньше").wait_for()


def test_a_visit_marked_as_missed_changes_the_days_figures_at_once(worker: Come) -> None:
    doctor, head = worker("terapevt"), worker("zaveduyushchaya")
    day = open_day_that_was(doctor)
    line = seen_visit(doctor)
    open_figures(head, day, day)
    who = head.get_by_label("Врач", exact=True)
    who.select_option(who.locator("option", has_text=DOCTOR).get_attribute("value"))
    head.wait_for_url(re.compile("doctor="))
    row = head.get_by_role("region", name="Дни врачей за период").locator("tbody tr", has_text=DOCTOR)
    _, _, planned, done, missed, *_ = cells_of(row)
    load = chart(head, "Нагрузка врачей к норме")
    load.get_by_role("radio", name="Таблица").click()
    loaded = load.get_by_role("region").locator("tbody tr", has_text=DOCTOR).locator("td.number").nth(4)
    take_all_marks_back(doctor, line)
    line.get_by_role("button", name="Не пришёл").click()
    marked(line, "Не пришёл").wait_for()
    cells = row.locator("td.number")
    soon(cells.nth(2).filter(has_text=re.compile(f"^{int(missed) + 1}$")))
    assert cells_of(row)[2:4] == [planned, str(int(done) - 1)]
    soon(loaded.filter(has_text=re.compile(f"^{int(done) - 1}$")))

    deed(doctor, line, "Вернуть как было")
    line.get_by_role("button", name="Пришёл", exact=True).click()
    line.get_by_role("button", name="Завершить").click()
    soon(cells.nth(1).filter(has_text=re.compile(f"^{done}$")))


def test_figures_are_closed_to_a_therapist(worker: Come) -> None:
    therapist = worker("terapevt")
    expect(therapist.get_by_role("link", name="Показатели отделения")).to_have_count(0)
    therapist.goto("/figures")
    therapist.get_by_text("Показатели видит руководитель отделения.").wait_for()
    expect(therapist.locator(".chart")).to_have_count(0)
