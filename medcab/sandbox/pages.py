"""The sandbox's pages: what they show and what their forms do."""

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from medcab.sandbox import views
from medcab.sandbox.editor import BLANK, blank, edited
from medcab.sandbox.store import Store
from medcab.sandbox.supervision import Kind, Supervision
from medcab.sandbox.switches import OPERATIONS, Switch, Switchboard
from medcab.verification.rules import Code

_SNILS_DIGITS = 11
_OID_ROOT = "1.2.643.5.1.13.13.12.9"


class Pages:
    """Routes for people with a browser."""

    def __init__(self, store: Store, switchboard: Switchboard, supervision: Supervision) -> None:
        self._store = store
        self._switchboard = switchboard
        self._supervision = supervision

    def routes(self) -> list[Route]:
        return [
            Route("/", self._switches),
            Route("/", self._turn, methods=["POST"]),
            Route("/register", self._people),
            Route("/register", self._add_person, methods=["POST"]),
            Route("/register/{oid}", self._person),
            Route("/register/{oid}", self._save_person, methods=["POST"]),
            Route("/licences", self._licences),
            Route("/licences", self._save_licences, methods=["POST"]),
            Route("/supervision", self._notices),
            Route("/supervision", self._issue, methods=["POST"]),
            Route("/sms", self._sms),
            Route("/mail", self._mail),
        ]

    async def _switches(self, request: Request) -> Response:
        return HTMLResponse(views.switches_page(self._switchboard.current()))

    async def _turn(self, request: Request) -> Response:
        form = await _form(request)
        try:
            wanted = {operation: _switch(operation, form) for operation in OPERATIONS}
        except ValueError:
            problem = "Числа должны быть целыми: задержка до 60 000 мс, ответ через до 86 400 с, раз до 1 000."
            return HTMLResponse(views.switches_page(self._switchboard.current(), problem), 422)
        for operation, switch in wanted.items():
            self._switchboard.put(operation, Switch() if "reset" in form else switch)
        return RedirectResponse("/", 303)

    async def _people(self, request: Request) -> Response:
        search = request.query_params.get("q", "")
        return HTMLResponse(views.people_page(self._store.people(search), search, self._store.count("person")))

    async def _add_person(self, request: Request) -> Response:
        snils = re.sub(r"\D", "", (await _form(request)).get("snils", ""))
        if len(snils) != _SNILS_DIGITS:
            people, total = self._store.people(), self._store.count("person")
            return HTMLResponse(views.people_page(people, "", total, "В СНИЛС 11 цифр."), 422)
        if known := self._store.person(snils=snils):
            return RedirectResponse(f"/register/{known['oid']}", 303)
        oid = f"{_OID_ROOT}.{snils}"
        self._store.put_people([_newcomer(oid, snils)], [])
        return RedirectResponse(f"/register/{oid}", 303)

    async def _person(self, request: Request) -> Response:
        row = self._store.person(oid=request.path_params["oid"])
        if row is None:
            return RedirectResponse("/register", 303)
        saved = "saved" in request.query_params
        return HTMLResponse(views.person_page(row, json.loads(row["body"]), saved=saved))

    async def _save_person(self, request: Request) -> Response:
        row, form = self._store.person(oid=request.path_params["oid"]), await _form(request)
        if row is None:
            return RedirectResponse("/register", 303)
        try:
            self._store.put_people([self._edited_person(row, form)], [])
        except ValueError as problem:
            return HTMLResponse(views.person_page(row, json.loads(row["body"]), problem=str(problem)), 422)
        return RedirectResponse(f"/register/{row['oid']}?saved=1", 303)

    def _edited_person(self, row: sqlite3.Row, form: Mapping[str, str]) -> dict[str, Any]:
        """The record as the form says. Raises `ValueError` with a Russian sentence."""
        before = json.loads(row["body"])
        try:
            record = {name: edited(value, name, form) for name, value in before.items()}
        except ValueError as problem:
            raise ValueError("Ставка должна быть числом, например 0,5.") from problem
        record["person"]["oid"] = row["oid"]
        snils = record["person"]["snils"] = re.sub(r"\D", "", record["person"]["snils"] or "")
        other = self._store.person(snils=snils)
        if len(snils) != _SNILS_DIGITS or (other and other["oid"] != row["oid"]):
            raise ValueError("В СНИЛС 11 цифр, и он не может принадлежать другому человеку.")
        if (section := form.get("add")) in BLANK:
            record.setdefault(section, []).append(blank(section))
        return record | {"refusal": Code(form["refusal"]).value if form.get("refusal") else None}

    async def _licences(self, request: Request) -> Response:
        shown = [*self._store.licences(), blank("licence")]
        return HTMLResponse(views.licences_page(shown, saved="saved" in request.query_params))

    async def _save_licences(self, request: Request) -> Response:
        form, shown = await _form(request), [*self._store.licences(), blank("licence")]
        given = [edited(each, str(number), form) for number, each in enumerate(shown)]
        for before, after in zip(shown, given, strict=True):
            if before["number"] != after["number"]:
                self._store.drop_licence(before["number"])
        self._store.put_people([], [each for each in given if each["number"]])
        return RedirectResponse("/licences?saved=1", 303)

    async def _notices(self, request: Request) -> Response:
        return HTMLResponse(views.supervision_page(self._store.notices(), self._store.licences()))

    async def _issue(self, request: Request) -> Response:
        form = await _form(request)
        try:
            kind = Kind(form.get("kind", ""))
            subject = form.get("licence" if kind.value.startswith("licence") else "snils", "").strip()
            basis = form.get("basis", "").strip() or "Приказ территориального органа"
            self._supervision.issue(kind, subject, basis, is_true="true" in form)
        except ValueError as problem:
            shown = views.supervision_page(self._store.notices(), self._store.licences(), str(problem))
            return HTMLResponse(shown, 422)
        return RedirectResponse("/supervision", 303)

    async def _sms(self, request: Request) -> Response:
        return HTMLResponse(views.sms_page(self._store.messages("sms")))

    async def _mail(self, request: Request) -> Response:
        return HTMLResponse(views.mail_page(self._store.messages("mail")))


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=3_000) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _switch(operation: str, form: Mapping[str, str]) -> Switch:
    names = ("mode", "delay_ms", "retry_after", "times")
    return Switch.parse(
        operation, {name: form[f"{operation}:{name}"] for name in names if f"{operation}:{name}" in form}
    )


def _newcomer(oid: str, snils: str) -> dict[str, Any]:
    """A record with a line of each kind, to be filled in."""
    person = {"oid": oid, "snils": snils, "lastName": "", "firstName": "", "patronymic": None}
    details = {"birthDate": "1985-01-01", "inn": None, "registryNumber": None}
    sections = {name: [blank(name)] for name in ("card", "prof", "accreditation")}
    return {"person": person | details, **sections, "cert": []}
