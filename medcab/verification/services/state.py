"""«Мои сервисы»: how the doctor's cabinet stands."""

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.guard import reading, requires, watch
from medcab.ui import formats
from medcab.verification import service
from medcab.verification.rules import CaseState, case_badge, checklist

_LEADS = {
    CaseState.DRAFT: "Подтвердите профессиональный статус: понадобятся СНИЛС, ИНН, номер в регистре, диплом, аккредитация и лицензия.",
    CaseState.SENT: "Есть данные, которые вы ещё не отправили на проверку.",
    CaseState.CHECKING: "Сверяем ваши данные с федеральным регистром. О результате сообщим.",
    CaseState.MISMATCH: "Регистр подтвердил не всё. Откройте: там сказано, что не совпало и кто это исправляет.",
    CaseState.CONFIRMED: "Регистр всё подтвердил, открываем кабинет.",
    CaseState.ACTIVE: "Профессиональный статус подтверждён, рабочие разделы открыты.",
}
_ACTIONS = {CaseState.DRAFT: "Активировать", CaseState.ACTIVE: "Открыть"}


class ServicesState(rx.State):
    """The card of the doctor's cabinet; the other sections come from the frame."""

    tone: str = "quiet"
    word: str = ""
    lead: str = ""
    action: str = ""
    left: str = ""
    is_new: bool = False
    """Nothing was confirmed yet, so no role is known: the sections that will open cannot be listed by name."""

    @rx.event
    @requires(Permission.VERIFICATION)
    async def load(self):
        """Read the case anew."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
            watch(self, {service.topic(actor.person_id): ServicesState.refresh})

    @rx.event
    @requires(Permission.VERIFICATION)
    async def refresh(self):
        """The case has moved."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        case = await service.overview(session, actor)
        self.tone, self.word = case_badge(case.state)
        self.lead = _LEADS.get(case.state) or " ".join(case.reasons)
        self.action = _ACTIONS.get(case.state, "Продолжить")
        self.is_new = case.state is not CaseState.ACTIVE and not actor.roles
        rows = checklist(case.claim, case.findings, missing=case.missing, changed=case.changed)
        lacks = sum(1 for row in rows if row.missing) if case.state is CaseState.DRAFT else 0
        self.left = f"Осталось заполнить: {formats.plural(lacks, 'пункт', 'пункта', 'пунктов')}" if lacks else ""
