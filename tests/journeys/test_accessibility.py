"""Every page for everybody: axe-core finds nothing, in both themes, on a phone and on a desktop; nothing sticks out at the side.

A route that nobody here opens fails the suite. Registration is looked at on its way, in test_activation.py.
"""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from medcab import clock
from medcab.demo.accounts import DEMO_PASSWORD, TOTP_LOGIN, TOTP_SECRET
from medcab.demo.clinic import identity
from medcab.demo.staff import workers
from medcab.routes import PUBLIC_ROUTES, ROUTES
from tests.conftest import POSTGRES
from tests.journeys.conftest import World
from tests.journeys.look import Look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(POSTGRES), reason="pages look the same whatever keeps their rows"),
]

LEFT, THERAPIST = identity("person", "sestra2"), identity("person", "terapevt")
WAITS = identity("wish", "0")
VISITS = {
    "terapevt": ["/", "/schedule", "/schedule?view=week", "/schedule/hours", "/schedule/hours?do=template", "/schedule/hours?do=close", "/schedule/waiting", "/schedule/waiting?do=add", "/schedule/calendar", "/schedule/away", "/services", "/documents", "/profile", "/journal", "/identity", "/identity/video"],
    "zaveduyushchaya": ["/", "/schedule/absence", "/schedule/moves", "/schedule/handover", "/schedule/rota", "/schedule/resources", "/schedule/resources?do=room", "/figures", "/compliance", "/compliance/people", "/nowhere"],
    "sestra": ["/", "/schedule", "/schedule/queue", "/schedule/queue?screen=1", "/schedule?view=month", "/schedule?view=list", "/comparison", "/compliance/people", "/staff", "/invitation"],
    "administrator": [
        f"/schedule/waiting?do=open&id={WAITS}", "/", "/figures", "/finance", "/epidemiology", "/comparison", "/compliance/people", "/staff", "/staff?state=invited", "/staff/invite", "/staff/departments", "/staff/list",
        f"/staff/person?id={LEFT}", f"/staff/person?id={THERAPIST}&do=place", f"/staff/person?id={THERAPIST}&do=suspend",
        f"/staff/person?id={THERAPIST}&do=dismiss",
    ],
    "raskhozhdenie": ["/", "/activation", "/activation?step=check", "/documents"],
    "gotov": ["/activation"],
    "chernovik": ["/", "/activation", "/documents", "/services"],
    "otlozheno": ["/", "/activation?step=check"],
    "netzapisi": ["/activation?step=check"],
    "sporit": ["/activation?step=check", "/activation/dispute?item=diploma"],
    "podderzhka": ["/", "/disputes", "/disputes?pile=decided", "/identity/desk?pile=over", "/identity/desk/hours"],
    "istekla": ["/", "/services", "/documents", "/compliance"],
    "bezopasnost": ["/", "/journal"],
    "farmacevt": [
        "/", "/notices", "/invitation", "/consent", "/security", "/security/confirm", "/security/totp", "/security/password", "/security/phone", "/security/email",
    ],
}  # fmt: skip
"""Who opens which pages."""
ON_THE_WAY = {
    "/sign-in", "/sign-in/code", "/recovery", "/recovery/code", "/recovery/factor", "/recovery/password",
    "/register/person", "/register/contacts", "/register/password", "/register/phone", "/register/email", "/register/done",
}  # fmt: skip
"""Pages that are reached only step by step."""
BY_LINK = {"/v"}
"""Looked at in its own journey (test_waiting.py): it shows nothing without somebody's link."""
ON_THE_WAY_BACK = {"/identity/bank"}
"""Looked at in its own journey: it has something to say only to whoever comes from the bank."""
OF_MONEY = {f"/finance/{one}" for one in ("tariffs", "plans", "registers", "register", "sheet")}
"""Looked at in their own journey (test_registers.py), with files, errors and answers in them."""


def test_every_route_is_looked_at() -> None:
    opened = {address.partition("?")[0] for addresses in VISITS.values() for address in addresses}
    assert {one.path for one in ROUTES} <= opened | ON_THE_WAY_BACK | OF_MONEY
    assert {one.path for one in PUBLIC_ROUTES} == ON_THE_WAY | BY_LINK


@pytest.mark.parametrize("login", VISITS)
def test_pages_of_the_cabinet(worker: Callable[..., Any], login: str) -> None:
    page = worker(login)
    look = Look(page)
    for address in VISITS[login]:
        page.goto(address)
        look(f"{login} {address}")
    look.judge()


def test_the_way_in_and_the_way_back_in(clinic: World, visitor: Callable[..., Any]) -> None:
    page = visitor()
    look, phone = Look(page), next(one.phone for one in workers() if one.login == TOTP_LOGIN)
    page.goto("/sign-in")
    look("sign-in")
    page.get_by_label("Телефон или e-mail").fill(phone)
    page.get_by_label("Пароль", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/sign-in/code**")
    look("sign-in code")
    page.goto("/recovery")
    look("recovery")
    page.get_by_label("Телефон или e-mail").fill(phone)
    page.get_by_role("button", name="Получить код").click()
    page.wait_for_url("**/recovery/code**")
    look("recovery code")
    page.get_by_role("textbox", name="Код из SMS").fill(clinic.code(phone))
    page.wait_for_url("**/recovery/factor**")
    look("recovery factor")
    page.get_by_label("Код из приложения или резервный код").fill(pyotp.TOTP(TOTP_SECRET).at(clock.now()))
    page.get_by_role("button", name="Продолжить").click()
    page.wait_for_url("**/recovery/password**")
    look("recovery password")
    look.judge()
