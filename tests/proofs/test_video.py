"""Video sessions: who may book, hold, see and decide; and what stays when nobody does."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.accounts import queries as accounts
from medcab.accounts.models import Membership
from medcab.errors import Conflict, Invalid, NotFound
from medcab.outbox import OutboxMessage
from medcab.proofs.queries import proof_of
from medcab.proofs.video import queries, service
from medcab.proofs.video.desk import service as desk
from medcab.proofs.video.desk.state import _view
from medcab.proofs.video.rules import CHECKS, SessionState
from medcab.settings import Settings
from tests.cast import Cast
from tests.proofs.calls import AT_TEN, SAID, booked, running
from tests.proofs.conftest import Operators


async def test_the_whole_way(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:
    made, operator = await running(session, cast, now)
    person = await accounts.person(session, cast.doctor.person_id)
    await desk.offer(session, operator, session_id=made.id, call=made.call, description=SAID)
    await service.answer(session, cast.doctor, call=made.call, description=SAID)
    assert made.answer
    with pytest.raises(Invalid, match="Не отмечено"):
        await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS)[1:])
    with pytest.raises(Conflict, match="Снимите кадр"):
        await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS))
    first, second = uuid4(), uuid4()
    for still in (first, second):
        await desk.keep_still(session, operator, session_id=made.id, still_id=still)
    await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS))
    await session.flush()
    proof = await proof_of(session, person)
    assert proof
    assert (proof.way, proof.operator_id) == ("video", operator.person_id)
    assert (made.state, made.offer, made.answer) == (SessionState.PROVED, "", "")
    assert await forgotten(session) == [str(first)], "the picture before the last one goes"
    with pytest.raises(Conflict, match="уже подтверждена"):
        await booked(session, cast.doctor)


async def forgotten(session: AsyncSession) -> list[str]:
    rows = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == "file.forget"))).all()
    return [row.payload.split('"')[3] for row in rows]


async def test_what_was_said_before_a_reload_is_not_listened_to(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    made, operator = await running(session, cast, now)
    before = made.call
    await service.arrive(session, cast.doctor)
    await desk.offer(session, operator, session_id=made.id, call=before, description=SAID)
    assert made.offer == ""
    await desk.offer(session, operator, session_id=made.id, call=made.call, description=SAID)
    await service.answer(session, cast.doctor, call=before, description=SAID)
    assert (made.offer, made.answer) == (SAID, "")
    for said in ("", "<script>", "v=0" + "x" * 10_000):
        with pytest.raises(Invalid):
            await desk.offer(session, operator, session_id=made.id, call=made.call, description=said)


async def test_whoever_was_corrected_meanwhile_is_not_proved(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    made, operator = await running(session, cast, now)
    await desk.keep_still(session, operator, session_id=made.id, still_id=uuid4())
    (await accounts.person(session, cast.doctor.person_id)).family_name = "Чужакова"
    await session.flush()
    place = await desk.opened(session, operator, session_id=made.id)
    assert "Чужакова" not in str(_view(place, operator)), (
        "the operator compares nobody with another's data, not for a moment"
    )
    with pytest.raises(desk.Changed):
        await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS))


async def test_a_call_belongs_to_its_operator(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    made, operator = await running(session, cast, now)
    colleague = operators.second if operator.person_id == operators.first.person_id else operators.first
    asked: dict[str, Any] = {"session_id": made.id, "version": made.version}
    with pytest.raises(Conflict, match="другой оператор"):
        await desk.prove(session, colleague, **asked, seen=list(CHECKS))
    with pytest.raises(Conflict, match="другой оператор"):
        await desk.refuse(session, colleague, **asked, reason="face")
    for attempt in (
        desk.offer(session, colleague, session_id=made.id, call=1, description=SAID), desk.require_running(session, colleague, session_id=made.id),
        desk.keep_still(session, colleague, session_id=made.id, still_id=uuid4()), desk.open_still(session, colleague, session_id=made.id),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt


async def test_a_colleague_takes_over(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    made = await booked(session, cast.doctor)
    colleague = operators.second if made.operator_id == operators.first.person_id else operators.first
    with pytest.raises(Conflict, match="не подключился"):
        await desk.begin(session, colleague, session_id=made.id, version=made.version)
    now.tick(AT_TEN - clock.now())
    await service.arrive(session, cast.doctor)
    await desk.begin(session, colleague, session_id=made.id, version=made.version)
    await session.flush()
    assert made.operator_id == colleague.person_id
    with pytest.raises(service.Overtaken):
        await desk.begin(session, operators.first, session_id=made.id, version=1)


async def test_a_call_goes_on_wherever_the_operator_works_meanwhile(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    made = await booked(session, cast.doctor)
    now.tick(AT_TEN - clock.now())
    await service.arrive(session, cast.doctor)
    operator = operators.first
    await desk.begin(session, operator, session_id=made.id, version=made.version)
    assert len(made.word) == 4
    await session.execute(sa.delete(Membership).where(col(Membership.person_id) == operator.person_id))
    await desk.break_off(session, operator, session_id=made.id, version=made.version)


async def test_whoever_comes_too_late_is_told_so(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    await booked(session, cast.doctor)
    now.tick(AT_TEN + timedelta(minutes=21) - clock.now())
    with pytest.raises(Conflict, match="Время звонка прошло"):
        await service.arrive(session, cast.doctor)


async def test_an_operator_talks_to_one_person_at_a_time(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    _, operator = await running(session, cast, now)
    other = await booked(session, cast.nurse, AT_TEN + timedelta(minutes=15))
    now.tick(timedelta(minutes=10))
    await service.arrive(session, cast.nurse)
    with pytest.raises(desk.Busy):
        await desk.begin(session, operator, session_id=other.id, version=other.version)


async def test_one_comes_in_time_only(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    await booked(session, cast.doctor)
    with pytest.raises(Conflict, match="за 10 минут"):
        await service.arrive(session, cast.doctor)
    now.tick(timedelta(minutes=50))
    await service.arrive(session, cast.doctor)
    with pytest.raises(service.Overtaken):
        await service.arrive(session, cast.nurse)


async def test_whoever_is_refused_three_times_asks_the_support(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    for number in range(3):
        made = await booked(session, cast.doctor, AT_TEN + timedelta(hours=number))
        now.tick(made.starts_at + timedelta(minutes=6) - clock.now())
        await desk.miss(session, operators.first, session_id=made.id, version=made.version)
        await session.flush()
    with pytest.raises(Conflict, match="поддержку"):
        await booked(session, cast.doctor, AT_TEN + timedelta(hours=4))
    now.tick(timedelta(days=8))
    await booked(session, cast.doctor, AT_TEN + timedelta(days=9))


async def test_nobody_is_called_absent_too_early_and_is_told_why(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock) -> None:  # fmt: skip
    made = await booked(session, cast.doctor)
    asked: dict[str, Any] = {"session_id": made.id, "version": made.version}
    with pytest.raises(Conflict, match="Ещё рано"):
        await desk.miss(session, operators.first, **asked)
    with pytest.raises(Invalid):
        await desk.call_off(session, operators.first, **asked, text="нет")
    with pytest.raises(service.Overtaken):
        await desk.refuse(session, operators.first, **asked, reason="face")
    await desk.call_off(session, operators.first, **asked, text="Оператор заболел, простите нас.")
    await session.flush()
    [told] = await queries.last_of(session, cast.doctor.person_id)
    assert told.told == "Оператор заболел, простите нас."
    assert await queries.failed_lately(session, cast.doctor.person_id) == 0, "it is not the person's fault"


@pytest.mark.parametrize(("reason", "text", "ends"), [("nonsense", "", "причину из списка"), ("other", "", "подробнее"), ("face", "коротко", "подробнее"), ("face", "х" * 401, "Сократите")])  # fmt: skip
async def test_a_refusal_says_something(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock, reason: str, text: str, ends: str) -> None:  # fmt: skip
    made, operator = await running(session, cast, now)
    with pytest.raises(Invalid, match=ends):
        await desk.refuse(session, operator, session_id=made.id, version=made.version, reason=reason, text=text)
    await desk.refuse(
        session, operator, session_id=made.id, version=made.version, reason="face", text="Покажите паспорт ближе."
    )
    assert made.told.endswith("Покажите паспорт ближе.")
    with pytest.raises(service.Overtaken):
        await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS))


async def test_what_nobody_ends_ends_by_itself(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    missed = await booked(session, cast.doctor)
    waited = await booked(session, cast.nurse)
    now.tick(AT_TEN - clock.now())
    await service.arrive(session, cast.nurse)
    await session.flush()
    now.tick(timedelta(minutes=29))
    await desk.end_forgotten(session)
    assert {missed.state, waited.state} == {SessionState.BOOKED}
    now.tick(timedelta(minutes=2))
    await desk.end_forgotten(session)
    assert (missed.state, waited.state) == (SessionState.MISSED, SessionState.DROPPED)
    assert "Оператор не вышел на связь" in waited.told


async def test_a_call_that_lasts_too_long_ends(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    made, _ = await running(session, cast, now)
    now.tick(timedelta(minutes=61))
    await desk.end_forgotten(session)
    assert made.state is SessionState.DROPPED


async def test_a_picture_goes_when_its_term_is_over(session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock, settings: Settings) -> None:  # fmt: skip
    made, operator = await running(session, cast, now)
    still = uuid4()
    await desk.keep_still(session, operator, session_id=made.id, still_id=still)
    await desk.prove(session, operator, session_id=made.id, version=made.version, seen=list(CHECKS))
    await session.flush()
    assert await queries.is_kept(session, still)
    now.tick(timedelta(days=settings.identity_still_days, minutes=-1))
    await service.forget_stills(session)
    assert made.still_id == still
    now.tick(timedelta(minutes=2))
    await service.forget_stills(session)
    assert (made.still_id, made.still_at is None) == (None, False)
    assert str(still) in await forgotten(session)
    with pytest.raises(NotFound):
        await desk.open_still(session, operator, session_id=made.id)


async def test_a_reminder_comes_half_an_hour_before_and_once(
    cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    async with db.transaction() as session:
        made = await booked(session, cast.doctor)
    asked = {"session_id": str(made.id)}
    later = await service.remind(uuid4(), asked)
    assert later
    assert later.seconds == timedelta(minutes=30).total_seconds()
    now.tick(timedelta(minutes=30))
    before = await messages("sms")
    for _ in range(2):
        assert await service.remind(uuid4(), asked) is None
    assert await messages("sms") == before + 1


async def messages(kind: str) -> int:
    async with db.reading() as session:
        return len((await session.exec(select(OutboxMessage.id).where(OutboxMessage.kind == kind))).all())


async def test_ids_of_others_are_like_none(
    session: AsyncSession, cast: Cast, operators: Operators, now: clock.Clock
) -> None:
    made = await booked(session, cast.doctor)
    nobody = UUID(int=7)
    for session_id in (made.id, nobody):
        with pytest.raises(NotFound) as said:
            await desk.opened(session, operators.foreign, session_id=session_id)
        assert said.value.message == "Звонок не найден."
