"""Taking days out of an absence: which, why; what that means; done."""

from typing import Any

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.errors import MedcabError
from medcab.guard import reading, requires, success, transaction
from medcab.schedule.absences import queries
from medcab.schedule.absences.service import own
from medcab.schedule.absences.shortening import rules, service
from medcab.schedule.absences.shortening.rules import Worked
from medcab.schedule.absences.state import AbsenceState
from medcab.schedule.rules.given import day, identity
from medcab.schedule.rules.templates import said_of
from medcab.schedule.service import zone

_ASKED = ("since", "until", "reason")
_LONGEST = 201


class ShorteningState(rx.State):
    """`words` is what will be, asked about once; `of` the absence that it was asked about."""

    of: str = ""
    words: str = ""
    fault: str = ""
    given: dict[str, str] = {"since": "", "until": "", "reason": ""}
    """As it was typed."""

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def ask(self, form: dict[str, Any]):
        """These days the worker was there: say what that means before it is done."""
        self.given = {name: str(form.get(name, ""))[:_LONGEST].strip() for name in _ASKED}
        self.of, self.words, self.fault = self.router.url.query_parameters.get("id", ""), "", ""
        await self._ask()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def drop(self):
        """Leave it as it is."""
        self.words, self.fault = "", ""

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def apply(self):
        """Do what was said, once."""
        if not self.words:
            return None  # a second click: it is done
        self.words = ""
        self.fault = await self._apply()
        if self.fault:
            return None
        self.of = ""
        return [AbsenceState.show, success("Отсутствие сокращено.")]

    async def _ask(self) -> None:
        try:
            self.words = await self._meant()
        except MedcabError as refused:
            self.fault = refused.message

    async def _meant(self) -> str:
        worked, today = self._worked(), clock.today(zone())
        rules.reason_of(self.given["reason"])
        async with reading(self) as (session, who):
            time = queries.time_of(await own(session, who, identity(self.of)))
        rules.demand(time, worked, today)
        left = ", ".join(said_of(each) for each in rules.rest(time, worked))
        kept = f"Останется отсутствие: {left}." if left else "Отсутствия не останется."
        opens = " Часы приёма с сегодняшнего дня снова откроются." if worked.until >= today else ""
        return f"Врач работал {said_of(rules.taken_out(time, worked))}. {kept}{opens}"

    async def _apply(self) -> str:
        """Why nothing was done; empty: it was."""
        try:
            async with transaction(self) as (session, who):
                await service.shorten(
                    session, who, absence_id=identity(self.of), worked=self._worked(), reason=self.given["reason"]
                )  # fmt: skip
        except MedcabError as refused:
            return refused.message
        return ""

    def _worked(self) -> Worked:
        return Worked(day(self.given, "since"), day(self.given, "until"))
