"""«Приёмы провёл другой врач»: who was written down, who was there, of which days; what goes; done, and how it is handed back."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.schedule import service as visits
from medcab.schedule.absences.rows.service import PART, part
from medcab.schedule.handover import rules, service
from medcab.schedule.handover.rows import service as drawn
from medcab.schedule.handover.rows.service import LineRow, Somebody
from medcab.schedule.handover.rules import Task
from medcab.schedule.handover.service import Applied, Preview, Unsettled
from medcab.schedule.rules.given import day, identity
from medcab.ui import formats

PATH = "/schedule/handover"
_ASKED = ("who", "to", "since", "until", "swap")
_YES = "yes"
_LONGEST = 200


class Done(TypedDict):
    """What was handed over, in words, and where it is handed back; empty: nothing yet."""

    words: str
    back: str


_NOTHING: Done = {"words": "", "back": ""}


class HandoverState(rx.State):
    """`lines` is a part of the visits that the address asks for; all of them stay here, with those that are ticked.

    The list holds what the person has seen: that, in those versions, is what goes.
    """

    closed: str = ""
    ready: bool = False
    written: list[Somebody] = []
    """Who may have been written down."""
    near: list[Somebody] = []
    far: list[Somebody] = []
    """Who may really have been there: of the own departments, and of others."""
    who: str = ""
    to: str = ""
    since: str = ""
    until: str = ""
    swap: str = ""
    """"yes": each led the other's."""
    reason: str = ""
    is_planned: bool = False
    title: str = ""
    receiver: str = ""
    is_more: bool = False
    lines: list[LineRow] = []
    chosen: dict[str, bool] = {}
    hours: list[str] = []
    summary: str = ""
    doubt: str = ""
    """What several visits have in common that makes one wonder."""
    has_stuck: bool = False
    is_only_stuck: bool = False
    is_any: bool = False
    part: str = ""
    has_more: bool = False
    unclear: str = ""
    """Why the form cannot be followed."""
    fault: str = ""
    """Why nothing was handed over."""
    done: Done = _NOTHING
    _all: list[LineRow] = []
    _ticked: list[str] = []
    _is_new: bool = True
    """Nothing of these days has been ticked or left out by hand: the service proposes."""
    _is_anew: bool = False
    """What took place is asked for, whatever was handed over before."""
    _fresh: list[str] = []
    _first: int = 0
    _ways: tuple[str, str] = ("", "")
    """Of a swap, who → whom."""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.HANDOVER_DEPARTMENT)
        return None if self.closed else HandoverState.show

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def show(self):
        """Read whose visits of which days the address names, journal the look, and watch both doctors."""
        self._read()
        async with transaction(self) as (session, who):
            await self._fill(session, who, is_look=True)
        topics = {visits.topic(each): HandoverState.refresh for each in (self.who, self.to) if self.is_planned}
        watch(self, topics)

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def refresh(self):
        """Something was changed, here or elsewhere: what was ticked stays so, and nothing else is."""
        async with reading(self) as (session, who):
            await self._fill(session, who, is_look=False)

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def ask(self, form: dict[str, Any]):
        """Who was written down, who was there, from which day to which: look which visits these are."""
        asked = _typed(form)
        self.unclear = _fault(asked)
        if self.unclear:
            return None
        query = self.router.url.query_parameters
        is_same = all(asked.get(name, "") == query.get(name, "") for name in _ASKED)
        return HandoverState.show if is_same else rx.redirect(_address(**asked))

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def tick(self, appointment_id: str):
        """Take one visit along, or leave it out; hours follow."""
        known = {each["id"] for each in self._all if not each["problem"]}
        if appointment_id not in known:
            return None
        self._ticked = sorted({*self._ticked} ^ {appointment_id})
        self._count()
        return HandoverState.refresh

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def tick_day(self, day: str):
        """Take a whole day along, no-shows as well; leave it out, if all of it goes."""
        known = {each["id"] for each in self._all if each["day"] == day and not each["problem"]}
        ticked = set(self._ticked)
        self._ticked = sorted(ticked - known if known <= ticked else ticked | known)
        self._count()
        return HandoverState.refresh

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def tick_all(self, along: str):
        """Everything that can go ("yes"), nothing ("no"), or what took place."""
        self._ticked = [each["id"] for each in self._all if not each["problem"] and along == _YES]
        self._is_new = self._is_anew = along not in (_YES, "no")
        self._count()
        return HandoverState.refresh

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def show_stuck(self, only: str):
        """Only visits that cannot go ("yes"), or all."""
        self.is_only_stuck, self._first = only == _YES, 0
        self._count()

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def turn(self, to: str):
        """To the next part of the list, or to the one before ("back")."""
        self._first += -PART if to == "back" else PART
        self._count()

    @rx.event
    @requires(Permission.HANDOVER_DEPARTMENT)
    async def apply(self, form: dict[str, Any]):
        """Hand over all that is ticked, once; what stands in the way is said, and nothing was done."""
        if not (self.is_planned and self._all):
            return None  # a second click: it is done
        reason = form.get("reason", "")
        self.reason = reason[: _LONGEST + 1] if isinstance(reason, str) else ""
        made = await self._apply()
        if made is None:
            return HandoverState.refresh
        self._finish(made)
        return success("Приёмы переданы.")

    def _read(self) -> None:
        query = self.router.url.query_parameters
        asked = {name: query.get(name, "")[:_LONGEST] for name in _ASKED}
        asked["since"] = asked["since"] or formats.day(clock.today(visits.zone()))
        asked["until"] = asked["until"] or asked["since"]
        if any(asked[name] != getattr(self, name) for name in _ASKED):
            self.reason = ""
        for name in _ASKED:
            setattr(self, name, asked[name])
        self._forget()
        self.unclear, self.done = "", _NOTHING
        self.is_planned = bool(self.who and self.to)

    async def _fill(self, session: AsyncSession, who: Actor, *, is_look: bool) -> None:
        if is_look:
            found = await service.colleagues(session, who)
            self.written, self.near, self.far = drawn.people(found, self.who)
        if self.is_planned:
            try:
                ticked = None if self._is_new else [UUID(key) for key in self._ticked]
                asked = {"task": self._task(), "chosen": ticked, "is_look": is_look, "is_anew": self._is_anew}
                self._draw(await service.preview(session, who, **asked))
            except MedcabError as refused:
                self.unclear, self.is_planned = refused.message, False
        self.ready = True

    def _draw(self, found: Preview) -> None:
        task = self._task()
        before = {each["id"]: each["version"] for each in self._all}
        self._fresh = [
            str(each.visit.id)
            for each in found.lines
            if before.get(str(each.visit.id), each.visit.version) != each.visit.version
            or str(each.visit.id) in self._fresh
        ]
        self._ticked, self._is_new = sorted(str(key) for key in found.chosen), False
        apart = {str(key) for key in found.apart}
        self._all = [drawn.line(each, task, self._fresh, apart) for each in found.lines]
        self.doubt = drawn.shared_doubt(self._all)
        if self.doubt:
            self._all = [{**each, "doubt": ""} for each in self._all]
        one, two = found.names[task.who], found.names[task.to]
        self.title = f"{one} {'⇄' if task.is_swap else '→'} {two}, {_period(task)}"
        self._ways = (f"{one} → {two}: ", f"{two} → {one}: ") if task.is_swap else ("", "")
        self.receiver, self.is_more, self.hours = "" if task.is_swap else two, found.is_more, drawn.hours(found, task)
        self._count()

    def _count(self) -> None:
        stuck = [each for each in self._all if each["problem"]]
        self.has_stuck, self.is_only_stuck = bool(stuck), self.is_only_stuck and bool(stuck)
        listed = stuck if self.is_only_stuck else self._all
        self._first, self.part, self.has_more = part(self._first, len(listed))
        lines = drawn.headed(listed[self._first : self._first + PART], self._ways)
        if lines != self.lines:  # they are sent whenever they are set
            self.lines = lines
        ticked = set(self._ticked)
        self.chosen = {each["id"]: each["id"] in ticked for each in lines}
        self.summary, self.is_any = drawn.summary(self._all, ticked), bool(self._all)

    async def _apply(self) -> Applied | None:
        """None when it was refused, which is said above the button and at the visits."""
        self.fault, ticked = "", set(self._ticked)
        seen = {UUID(each["id"]): each["version"] for each in self._all if each["id"] in ticked}
        try:
            async with transaction(self) as (session, who):
                return await service.apply(session, who, task=self._task(), seen=seen, reason=self.reason)
        except Unsettled as refused:
            self.fault, self._first = refused.message, 0
        except MedcabError as refused:
            self.fault = refused.message
        return None

    def _finish(self, made: Applied) -> None:
        """The list goes: what is left would be proposed anew, under a hand that is about to press once more."""
        self.done, self.reason = self._done(made), ""
        self._forget()
        self.is_planned = False

    def _done(self, made: Applied) -> Done:
        count = formats.plural(made.visits, "приём", "приёма", "приёмов")
        hours = " вместе с часами приёма" if made.hours else ""
        back = _address(who=self.to, to=self.who, since=self.since, until=self.until, swap=self.swap)
        return {
            "words": f"{self.title}: {count}{hours}. Расписание и показатели уже пересчитаны.",
            "back": back,
        }

    def _forget(self) -> None:
        self._is_new, self._is_anew = True, False
        self._all, self._ticked, self._fresh, self.lines, self.chosen = [], [], [], [], {}
        self._first, self.is_only_stuck, self.fault, self.hours = 0, False, "", []

    def _task(self) -> Task:
        return _task({name: getattr(self, name) for name in _ASKED})


def _typed(form: dict[str, Any]) -> dict[str, str]:
    """What was filled in; a tick says «on», whatever else it may say."""
    asked = {name: form[name][:_LONGEST].strip() for name in _ASKED if isinstance(form.get(name), str)}
    return asked | {"swap": _YES if form.get("swap") else ""}


def _task(asked: dict[str, str]) -> Task:
    who = identity(asked.get("who", ""), "Выберите, кто был записан.")
    to = identity(asked.get("to", ""), "Выберите, кто принял на самом деле.")
    return Task(who, to, day(asked, "since"), day(asked, "until", asked.get("since", "")), asked.get("swap") == _YES)


def _fault(asked: dict[str, str]) -> str:
    """Why there is nothing to look for, a sentence."""
    try:
        rules.demand(_task(asked), clock.today(visits.zone()))
    except MedcabError as refused:
        return refused.message
    return ""


def _period(task: Task) -> str:
    return formats.period(task.since, task.until)


def _address(**asked: str) -> str:
    return f"{PATH}?{urlencode({name: asked[name] for name in _ASKED if asked.get(name)})}"
