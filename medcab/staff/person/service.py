"""One person of the clinic: their places, suspension and dismissal. Nobody leaves the clinic without an administrator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Role
from medcab.accounts import queries as accounts
from medcab.accounts.models import DecisionKind, Membership, Person, StaffDecision
from medcab.accounts.notices import service as notices
from medcab.accounts.rules.terms import on
from medcab.errors import Conflict, Invalid, NotFound
from medcab.schedule import queries as schedule
from medcab.staff import queries, rules
from medcab.staff.models import Invitation
from medcab.staff.queries import Place, Told
from medcab.staff.rules import Days, Employment
from medcab.staff.service import NewPlace, changed, clinic, forget, need_place, place_words, take_on, take_turn, tell
from medcab.staff.terms import rules as rules_of_terms
from medcab.staff.terms import service as terms
from medcab.ui import formats

_DAY = timedelta(days=1)
_NOT_YOURSELF = "Себя приостановить или уволить нельзя: это делает другой администратор."


@dataclass(frozen=True)
class Opened:
    """One person as the administrator sees them; `reason` of what is decided now, `ahead` what is booked from today on."""

    person: Person
    employment: Employment
    places: list[Place]
    reason: str
    ahead: str
    history: list[Told]
    is_oneself: bool


async def look(session: AsyncSession, actor: Actor, *, person_id: UUID, again: bool = False) -> Opened:
    """Open the person; it is in the journal, unless it is only shown `again`."""
    here = clinic(actor)
    person, employment, places = await queries.worker(session, here, person_id)
    if not again:
        audit.record(session, actor, Action.STAFF_VIEW, person_id)
    decided = [one for one in await accounts.decisions(session, person_id, here) if not _is_over(one)]
    ahead = await affected(session, here, person_id, Days(clock.today()))
    return Opened(
        person, employment, places, decided[0].reason if decided else "", ahead,
        await queries.story(session, here, person_id), person_id == actor.person_id,
    )  # fmt: skip


async def add_place(session: AsyncSession, actor: Actor, *, person_id: UUID, place: NewPlace) -> None:
    """One more role, or the first of somebody who comes back."""
    here = clinic(actor)
    await take_turn(session, here)
    person, _, _ = await queries.worker(session, here, person_id)
    await need_place(session, here, place)
    held = await take_on(session, here, person, place)
    audit.record(session, actor, Action.STAFF_PLACE_ADD, person_id, **await _facts(session, here, held))
    words = await _words(session, here, held)
    await tell(session, here, person, "новая роль", f"вам назначена роль с {formats.day(held.since)}: {words}.")
    await changed(session, here, person_id)


async def change_place(session: AsyncSession, actor: Actor, *, membership_id: UUID, place: NewPlace) -> None:
    """Another post or rate in the same place, from a day on; another department or role ends the place and begins one."""
    here = clinic(actor)
    await take_turn(session, here)
    held = await _held(session, here, membership_id)
    person, employment, places = await queries.worker(session, here, held.person_id)
    if employment.suspension and employment.suspension.hold_on(clock.today()):
        raise Conflict("Права сотрудника приостановлены: сначала верните их.")
    _demand_working(employment)
    await need_place(session, here, place)
    if (held.role, held.department_id) == (place.role, place.department_id):
        what, facts = await _change_terms(session, actor, held, place)
    else:
        if place.role is not Role.CLINIC_ADMIN:
            await _keep_administrator(session, actor, held, places)
        what, facts = await _transfer(session, person, held, place)
    audit.record(session, actor, Action.STAFF_PLACE_CHANGE, person.id, **facts)
    await tell(session, here, person, "роль изменена", what)
    await changed(session, here, person.id)


async def _change_terms(
    session: AsyncSession, actor: Actor, held: Membership, place: NewPlace
) -> tuple[str, dict[str, Any]]:
    """The sentence for the person, and what the journal keeps."""
    new, was = await terms.write(session, actor.person_id, held, place)
    words = place_words(held.role, await _department(session, held.organisation_id, held), new.post, new.rate)
    what = "исправлена запись о вашей роли" if place.is_correction else "меняется ваша роль"
    facts = {
        "place": words, "since": formats.day(new.since), "until": formats.day(new.until) if new.until else "", "was": rules_of_terms.words(was),
        "is_correction": place.is_correction,
    }  # fmt: skip
    return f"{what}: {rules_of_terms.days_words(new)} — {words}.", facts


async def _transfer(
    session: AsyncSession, person: Person, held: Membership, place: NewPlace
) -> tuple[str, dict[str, Any]]:
    """The one place ends on the day before the other begins."""
    here, today = held.organisation_id, clock.today()
    starts = rules_of_terms.transfer_day(rules.day_of(place.since, field="since"), queries.began(held), today)
    if held.until:
        raise Conflict(
            f"Последний день этой роли уже назначен, {formats.day(held.until)}: её сменяет другая. Снимите сначала ту."
        )
    await _end(session, held, starts - _DAY)
    made = await take_on(session, here, person, replace(place, since=formats.day(starts)))
    words = await _words(session, here, made)
    return f"{'теперь' if starts == today else f'с {formats.day(starts)}'} ваша роль: {words}.", await _facts(
        session, here, made
    )


async def end_place(session: AsyncSession, actor: Actor, *, membership_id: UUID) -> None:
    """Take one of several roles, from now on."""
    here = clinic(actor)
    await take_turn(session, here)
    held = await _held(session, here, membership_id)
    person, employment, places = await queries.worker(session, here, held.person_id)
    _demand_working(employment)
    if not any(one.id != held.id and not one.days.are_over(clock.today()) for one in places):
        raise Conflict("Это единственная роль сотрудника. Если он больше не работает, оформите увольнение.")
    await _keep_administrator(session, actor, held, places)
    words = await _words(session, here, held)
    audit.record(session, actor, Action.STAFF_PLACE_END, person.id, **await _facts(session, here, held))
    await _end(session, held, clock.today() - _DAY)
    await _take_back_transfer(session, held)
    await tell(session, here, person, "роль снята", f"с вас снята роль: {words}.")
    await changed(session, here, person.id)


async def suspend(
    session: AsyncSession, actor: Actor, *, person_id: UUID, until: str, reason: str, agreed: bool
) -> None:
    """Take the rights in this clinic from now on; those in other clinics stay. `agreed`: what it affects has been told."""
    here, person, employment = await _deciding(session, actor, person_id)
    _demand_working(employment)
    if employment.suspension and not employment.suspension.are_over(clock.today()):
        raise Conflict("Права уже приостановлены.")
    days = rules.suspension(rules.day_of(until, field="until"), clock.today())
    why = rules.line_of(
        reason, field="reason", longest=rules.LONGEST_REASON, empty="Укажите причину: её увидит сотрудник."
    )
    await _tell_first(session, here, person_id, days, agreed=agreed)
    await _decide(session, actor, here, person_id, DecisionKind.SUSPENSION, days, why)
    audit.record(session, actor, Action.STAFF_SUSPEND, person_id, until=days.until)
    how_long = f"до {formats.day(days.until)} включительно" if days.until else "до особого решения"
    await tell(
        session,
        here,
        person,
        "права приостановлены",
        f"ваши права приостановлены {how_long}. Причина: {why}",
    )
    notices.sms(session, person.phone, f"medcab: ваши права в клинике приостановлены {how_long}. Причина — в письме.")
    await _revoke_theirs(session, here, person_id)
    await changed(session, here, person_id)


async def restore(session: AsyncSession, actor: Actor, *, person_id: UUID) -> None:
    """Give the rights back at once."""
    here, person = await _lift(session, actor, person_id, DecisionKind.SUSPENSION, "Права не приостановлены.")
    audit.record(session, actor, Action.STAFF_RESTORE, person_id)
    await tell(session, here, person, "права возвращены", "ваши права возвращены.", by_sms=True)
    await changed(session, here, person_id)


async def dismiss(
    session: AsyncSession, actor: Actor, *, person_id: UUID, last_day: str, reason: str, agreed: bool
) -> None:
    """The rights hold to the end of the last day."""
    here, person, employment = await _deciding(session, actor, person_id)
    if employment.dismissal:
        raise Conflict("Увольнение уже оформлено.")
    if employment.state_on(clock.today()) is rules.State.DISMISSED:
        raise Conflict("Сотрудник уже не работает в клинике.")
    last = rules.day_of(last_day, field="last_day")
    days = rules.dismissal(last, clock.today())
    why = rules.line_of(reason, field="reason", longest=rules.LONGEST_REASON)
    await _tell_first(session, here, person_id, days, agreed=agreed)
    await _decide(session, actor, here, person_id, DecisionKind.DISMISSAL, days, why)
    audit.record(session, actor, Action.STAFF_DISMISS, person_id, last_day=last)
    words = f"оформлено увольнение. Последний день работы: {formats.day(days.since - _DAY)}."
    await tell(session, here, person, "увольнение", words, by_sms=True)
    await _revoke_theirs(session, here, person_id)
    await changed(session, here, person_id)


async def keep(session: AsyncSession, actor: Actor, *, person_id: UUID) -> None:
    """Take a dismissal back before it comes true."""
    employment = (await queries.worker(session, clinic(actor), person_id))[1]
    if employment.dismissal and employment.dismissal.hold_on(clock.today()):
        raise Conflict("Сотрудник уже уволен. Чтобы принять его снова, назначьте ему роль.")
    here, person = await _lift(session, actor, person_id, DecisionKind.DISMISSAL, "Увольнение не оформлено.")
    audit.record(session, actor, Action.STAFF_KEEP, person_id)
    await tell(session, here, person, "увольнение отменено", "увольнение отменено, вы продолжаете работать.")
    await changed(session, here, person_id)


async def _revoke_theirs(session: AsyncSession, here: UUID, person_id: UUID) -> None:
    """Nobody comes by the word of somebody who may not give it any more."""
    theirs = sa.update(Invitation).where(
        col(Invitation.organisation_id) == here, col(Invitation.invited_by_id) == person_id, col(Invitation.is_open)
    )
    await session.execute(theirs.values(is_open=False, outcome="revoked", ended_at=clock.now()))


async def affected(session: AsyncSession, organisation_id: UUID, person_id: UUID, days: Days) -> str:
    """What is booked with the person in those days, a sentence; empty: nothing."""
    starts = max(datetime.combine(days.since, time(), clock.MOSCOW), clock.now())
    ends = datetime.combine(days.until + _DAY, time(), clock.MOSCOW) if days.until else None
    count, first = await schedule.booked_ahead(session, person_id, organisation_id, starts, ends)
    if not count or first is None:
        return ""
    return f"К сотруднику записано {formats.plural(count, 'приём', 'приёма', 'приёмов')}, ближайший {formats.moment(first)}."


async def _tell_first(session: AsyncSession, here: UUID, person_id: UUID, days: Days, *, agreed: bool) -> None:
    if not agreed and (sentence := await affected(session, here, person_id, days)):
        raise Invalid(f"За эти дни: {sentence} Перенесите их или отметьте, что это сделают.", field="agreed")


async def _deciding(session: AsyncSession, actor: Actor, person_id: UUID) -> tuple[UUID, Person, Employment]:
    """The turn, and the person about whom the actor may decide."""
    here = clinic(actor)
    await take_turn(session, here)
    person, employment, places = await queries.worker(session, here, person_id)
    if person_id == actor.person_id:
        raise Conflict(_NOT_YOURSELF)
    if any(one.role is Role.CLINIC_ADMIN and not one.days.are_over(clock.today()) for one in places):
        rules.keep_an_administrator(await queries.lasting_administrators(session, here, clock.today()), person_id)
    return here, person, employment


def _demand_working(employment: Employment) -> None:
    """Whoever has left is taken on anew by a new role, and by nothing else."""
    if employment.state_on(clock.today()) is rules.State.DISMISSED:
        raise Conflict("Сотрудник уже не работает в клинике. Чтобы принять его снова, назначьте ему роль.")


async def _keep_administrator(session: AsyncSession, actor: Actor, held: Membership, places: Sequence[Place]) -> None:
    """Whether this role of an administrator may be taken: one's own last one never."""
    today = clock.today()
    others = (one.days for one in places if one.id != held.id and one.role is Role.CLINIC_ADMIN)
    if held.role is not Role.CLINIC_ADMIN or any(days.hold_on(today) and days.until is None for days in others):
        return
    if held.person_id == actor.person_id:
        raise Conflict("Свою роль администратора снять нельзя: это делает другой администратор.")
    lasting = await queries.lasting_administrators(session, held.organisation_id, today)
    rules.keep_an_administrator(lasting, held.person_id)


async def _decide(
    session: AsyncSession, actor: Actor, here: UUID, person_id: UUID, kind: DecisionKind, days: Days, reason: str
) -> None:
    for former in await accounts.decisions(session, person_id, here):
        if former.kind is kind:  # one that has run out
            former.lifted_at = clock.now()
    await session.flush()
    session.add(
        StaffDecision(
            person_id=person_id, organisation_id=here, kind=kind, since=days.since, until=days.until, reason=reason,
            decided_by_id=actor.person_id, decided_at=clock.now(),
        )
    )  # fmt: skip


async def _lift(
    session: AsyncSession, actor: Actor, person_id: UUID, kind: DecisionKind, nothing: str
) -> tuple[UUID, Person]:
    here = clinic(actor)
    await take_turn(session, here)
    if person_id == actor.person_id:
        raise Conflict("О себе решает другой администратор.")
    person, _, _ = await queries.worker(session, here, person_id)
    decided = [
        one for one in await accounts.decisions(session, person_id, here) if one.kind is kind and not _is_over(one)
    ]
    if not decided:
        raise Conflict(nothing)
    decided[0].lifted_at = clock.now()
    return here, person


def _is_over(decision: StaffDecision) -> bool:
    return decision.until is not None and decision.until < clock.today()


async def _held(session: AsyncSession, here: UUID, membership_id: UUID) -> Membership:
    """A place of this clinic that is not over."""
    query = select(Membership).where(col(Membership.id) == membership_id, queries.of_clinic(here))
    found = (await session.exec(query)).first()
    if found is None:
        raise NotFound("Роль не найдена.")
    if found.until and found.until < clock.today():
        raise Conflict("Эта роль уже снята.")
    return found


async def _end(session: AsyncSession, held: Membership, last: date) -> None:
    """After its last day; a place that has not begun by then was none."""
    if held.since > last:
        await forget(session, col(Membership.id) == held.id)
        live.publish(session, f"figures:{held.department_id}")  # nothing says any more that it was there
    else:
        held.until = last
        session.add(held)
    await session.flush()


async def _take_back_transfer(session: AsyncSession, gone: Membership) -> None:
    """Where the place was to follow another, that one stays for its days: only a transfer ends a place on a day that is still to come.

    Which of several followed which nobody wrote down: then every last day stays as it is.
    """
    if gone.since <= clock.today():
        return
    query = select(Membership).where(
        Membership.person_id == gone.person_id, queries.of_clinic(gone.organisation_id), col(Membership.id) != gone.id
    )
    others = (await session.exec(query)).all()
    ended = [one for one in others if one.until == gone.since - _DAY]
    if len(ended) != 1 or any(one.since == gone.since for one in others):
        return
    [former] = ended
    same = [one for one in others if (one.role, one.department_id) == (former.role, former.department_id)]
    if later := next(
        (one for one in same if one.since > gone.since and (not gone.until or one.since <= gone.until)), None
    ):
        raise Conflict(
            f"Прежняя роль продолжилась бы и совпала с той же ролью с {formats.day(later.since)}. Сначала снимите ту."
        )
    former.until = gone.until
    session.add(former)
    await session.flush()


async def _words(session: AsyncSession, here: UUID, held: Membership) -> str:
    now = on(await queries.told(session, held), clock.today())
    return place_words(held.role, await _department(session, here, held), now.post, now.rate)


async def _facts(session: AsyncSession, here: UUID, held: Membership) -> dict[str, Any]:
    """What the journal keeps, in words: names change, the past does not."""
    return {"place": await _words(session, here, held), "since": formats.day(held.since)}


async def _department(session: AsyncSession, here: UUID, held: Membership) -> str:
    if held.department_id is None:
        return ""
    return (await queries.department(session, here, held.department_id)).name


def known_id(text: str) -> UUID:
    """Out of an address; `NotFound` for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Сотрудник не найден.") from None
