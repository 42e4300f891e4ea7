"""The inbox in a real browser: what arrives appears by itself, and what is written in it does not run."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from medcab.integrations.sms.client import SmsClient
from tests.sandbox.running import SMS_KEY, Sandbox

pytestmark = pytest.mark.browser
PHONE = "+79123456789"
PATHS = ("/", "/register", "/licences", "/sms", "/mail")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield await chromium.new_page(viewport={"width": 390, "height": 800})
        await chromium.close()


async def test_a_new_sms_appears_by_itself_and_is_marked(sandbox: Sandbox, page: Page) -> None:
    await page.goto(f"{sandbox.url}/sms")
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        await sms.send(PHONE, "<img src=x onerror=\"document.title='run'\">", key="1")
        await page.wait_for_selector("article")
        await sms.send(PHONE, "Код 482915", key="2")
        await page.wait_for_selector("article.new:first-child >> text=482915")
    assert await page.title() == "Входящие SMS · Песочница medcab"


async def test_every_page_fits_a_phone(sandbox: Sandbox, page: Page) -> None:
    for path in PATHS:
        await page.goto(sandbox.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
