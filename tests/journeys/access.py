"""What a person does to get in, and to change how they get in, whoever it is."""

import re
from datetime import timedelta
from typing import Any

import pyotp

from medcab import clock
from medcab.demo.accounts import DEMO_PASSWORD
from medcab.demo.staff import workers

AT_ONCE_MS = 1500
"""Until another browser is out: a second, and what the test itself takes."""
OUT = re.compile(r"/sign-in/?(\?next=.*)?$")
WRONG = "Неверный телефон, почта или пароль"


def phone_of(login: str) -> str:
    return next(one.phone for one in workers() if one.login == login)


def mail_of(login: str) -> str:
    return f"{login}@medcab.example"


def at(path: str) -> re.Pattern[str]:
    """The address, with or without the slash that a static page's folder brings."""
    return re.compile(re.escape(path) + r"/?(\?.*)?$")


def name_and_password(page: Any) -> tuple[Any, Any]:
    """The two fields of the sign-in page."""
    return page.get_by_label("Телефон или e-mail"), page.get_by_label("Пароль", exact=True)


def give_password(page: Any, login: str, password: str = DEMO_PASSWORD) -> None:
    """`login` in any notation."""
    page.goto("/sign-in")
    name, secret = name_and_password(page)
    name.fill(login)
    secret.fill(password)
    page.get_by_role("button", name="Войти").click()


def enter(page: Any, field: str, code: str) -> None:
    """The second factor; the sixth digit sends it."""
    page.get_by_role("textbox", name=field).fill(code)
    page.wait_for_url(lambda url: "/sign-in" not in url)


def app_code(app: pyotp.TOTP, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later; each code is good once, the next one already."""
    return app.at(clock.now() + timedelta(seconds=30 * steps))


def agree(page: Any, action: str) -> None:
    """The question before a deed that takes something away."""
    page.get_by_role("alertdialog").get_by_role("button", name=action, exact=True).click()


def other_than(code: str) -> str:
    """Six digits that are not these."""
    return f"{(int(code) + 1) % 10**6:06}"


def seen(page: Any) -> str:
    """What the page says to whoever looks at it, whatever number and address stand there and however long is still to wait."""
    said = re.sub(r": через .*", "", page.locator("main").inner_text())
    return re.sub(r"\S+@\S+", "@", re.sub(r"\d", "0", said))


def ticks(page: Any) -> dict[str, bool]:
    """The list beside a new password: each sentence, and whether it is ticked."""
    lines = page.get_by_role("list", name="Требования к паролю").get_by_role("listitem")
    lines.first.wait_for()
    return {line.locator("span").first.inner_text(): line.get_attribute("data-ok") == "true" for line in lines.all()}
