"""A worker photographs a paper of two pages: bad ones are told before they are sent, the rest become one document."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageFilter

from tests.documents import labelled
from tests.documents.making import jpeg
from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
LOGIN = "farmacevt"


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    """Two good photographs and a blurred one."""
    pictures = [labelled.scene(seed).picture for seed in (20, 21, 23)]
    pictures[2] = pictures[2].filter(ImageFilter.GaussianBlur(6))
    paths = [tmp_path / f"снимок-{number}.jpg" for number in (1, 2, 3)]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(jpeg(picture))
    return paths


def form(page: Any) -> None:
    page.goto("/documents?edit=paper&kind=other")
    page.get_by_role("button", name="Выбрать файл").wait_for()


def pages(page: Any) -> list[str]:
    return page.locator("[data-page] bdi").all_inner_texts()


def test_photographs_are_put_in_order_with_the_keyboard_and_become_one_document(
    worker: Come, shots: list[Path]
) -> None:
    page = worker(LOGIN, Face(390, 844))
    look = Look(page)
    form(page)
    page.get_by_text("Как снять, чтобы приняли").click()
    page.get_by_text("Так выглядит хороший снимок").wait_for()
    look("photos-help")
    page.get_by_text("Как снять, чтобы приняли").click()

    page.locator("input[type=file]").first.set_input_files(shots)
    page.locator("[data-page='3'][data-bad=true]").get_by_text("Расплывчато").wait_for()
    assert page.get_by_role("button", name="Отправить одним документом").is_disabled()
    look("photos-gathered")

    page.get_by_role("button", name="Снимок 3: ближе к началу").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the same button again: the focus went along
    assert pages(page) == ["снимок-3.jpg", "снимок-1.jpg", "снимок-2.jpg"]
    page.get_by_role("button", name="Снимок 1: убрать").press("Enter")
    page.get_by_role("button", name="Снимок 1: ближе к концу").press("Enter")
    assert pages(page) == ["снимок-2.jpg", "снимок-1.jpg"]
    page.get_by_role("button", name="Отправить одним документом (2)").press("Enter")
    page.get_by_text("Листы выровнены по краям.").first.wait_for()
    page.get_by_role("img", name="Первая страница загруженного файла").wait_for()
    look("photos-joined")
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать").click()
    assert download.value.suggested_filename == "снимок-2.pdf"
    look.judge()


def test_a_straightened_photograph_can_be_kept_as_it_was_taken_and_the_same_one_is_known(
    worker: Come, shots: list[Path]
) -> None:
    page = worker(LOGIN)
    form(page)
    page.locator("input[type=file]").first.set_input_files(shots[0])
    page.get_by_text("Лист выровнен по краям.").first.wait_for()
    straightened = page.get_by_role("link", name="Скачать").get_attribute("href")
    page.get_by_role("button", name="Оставить как снято").click()
    page.get_by_text("Загружено.", exact=True).wait_for()
    assert page.get_by_role("link", name="Скачать").get_attribute("href") != straightened

    page.locator("input[type=file]").first.set_input_files(shots[0])
    page.get_by_text("Такой файл уже есть: «снимок-1.jpg»").first.wait_for()
    assert page.get_by_role("link", name="Скачать").get_attribute("href") == straightened
