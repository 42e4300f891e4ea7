"""«Журнал входов» and sessions: one's own only; an ended one is out at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from medcab import audit, clock, db, live
from medcab.access import Action
from medcab.accounts.models import Device, PasswordRecord, SignInOutcome, SignInRecord
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.accounts.sessions.queries import journal, open_sessions
from medcab.audit import AuditEntry
from medcab.errors import Conflict, NotFound
from tests.accounts.conftest import Enter
from tests.cast import Cast


async def _actions() -> list[str]:
    async with db.reading() as session:
        return list((await session.exec(select(AuditEntry.action).order_by(AuditEntry.seq))).all())  # type: ignore[arg-type]


async def _lives(token: str) -> bool:
    async with db.reading() as session:
        return await actor_for(session, token) is not None


async def test_one_session_is_ended_and_its_browser_told(
    cast: Cast, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, token_here = await enter(cast.doctor)
    there, token_there = await enter(cast.doctor)
    told: list[str] = []
    monkeypatch.setattr(live, "announce", told.append)
    async with db.transaction() as session:
        await sessions.end_one(session, here, session_id=there.session_id)
        assert told == []  # after the commit, not before
    assert told == [f"session:{there.session_id}"]
    assert [await _lives(token_here), await _lives(token_there)] == [True, False]
    assert (await _actions())[-1] == Action.SIGN_OUT
    with pytest.raises(Conflict):
        async with db.transaction() as session:
            await sessions.end_one(session, here, session_id=there.session_id)


async def test_an_endless_user_agent_is_kept_as_far_as_its_column_goes(cast: Cast, enter: Enter) -> None:
    """The socket's is not cut anywhere else, and PostgreSQL refuses longer text."""
    here, _ = await enter(cast.doctor)
    there, _ = await enter(cast.doctor)
    audit.origin.set(audit.Origin(ip="6" * 100, user_agent="Mozilla " * 100))
    async with db.transaction() as session:
        await sessions.end_one(session, here, session_id=there.session_id)
    async with db.reading() as session:
        line = (await session.exec(select(SignInRecord).where(SignInRecord.session_id == there.session_id))).all()[-1]
    assert (len(line.ip), len(line.user_agent)) == (45, 200)


async def test_all_others_end_at_once(cast: Cast, enter: Enter) -> None:
    here, token = await enter(cast.doctor)
    others = [await enter(cast.doctor) for _ in range(3)]
    _, of_colleague = await enter(cast.colleague)
    async with db.transaction() as session:
        assert await sessions.end_others(session, here) == 3
    assert [await _lives(one) for _, one in others] == [False] * 3
    assert await _lives(token)
    assert await _lives(of_colleague)
    assert (await _actions())[-1] == Action.SESSION_END_OTHERS


async def test_nobody_sees_or_ends_the_sessions_of_another(cast: Cast, enter: Enter) -> None:
    doctor, token = await enter(cast.doctor)
    for who in cast.everyone().values():
        if who.person_id == cast.doctor.person_id:
            continue
        actor, _ = await enter(who)
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await sessions.end_one(session, actor, session_id=doctor.session_id)
        async with db.reading() as session:
            assert [one.id for one in await open_sessions(session, actor)] == [actor.session_id]
            assert {line.is_current for line in (await journal(session, actor)).lines} == {True}
            mine = (await journal(session, doctor)).lines[0]
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await sessions.disown(session, actor, record_id=mine.id)
    assert await _lives(token)


async def test_what_is_not_there_is_not_found(cast: Cast, enter: Enter) -> None:
    doctor, _ = await enter(cast.doctor)
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await sessions.end_one(session, doctor, session_id=uuid4())
        with pytest.raises(NotFound):
            await sessions.disown(session, doctor, record_id=uuid4())


async def test_a_foreign_sign_in_is_disowned(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    async with db.transaction() as session:
        session.add(PasswordRecord(person_id=cast.doctor.person_id, hash="x", set_at=clock.now()))
    _, foreign = await enter(cast.doctor)
    here, _ = await enter(cast.doctor)
    async with db.reading() as session:
        lines = (await journal(session, here)).lines
    assert [(line.is_current, line.may_disown) for line in lines] == [(True, False), (False, True)]
    async with db.transaction() as session:
        before = set((await session.exec(select(Device.token_hash))).all())
        await sessions.disown(session, here, record_id=lines[1].id)
    assert not await _lives(foreign)
    assert (await _actions())[-1] == Action.SESSION_DISOWN
    async with db.reading() as session:
        assert (await session.exec(select(PasswordRecord.must_change))).one() is True
        assert (
            len(before - set((await session.exec(select(Device.token_hash))).all())) == 1
        )  # that browser is a stranger again
        assert [line.disowned for line in (await journal(session, here)).lines if line.id == lines[1].id] == [True]
    for record_id in (lines[0].id, lines[1].id):
        with pytest.raises(Conflict):
            async with db.transaction() as session:
                await sessions.disown(session, here, record_id=record_id)


async def test_the_journal_is_paged_and_filtered(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    doctor, _ = await enter(cast.doctor)
    async with db.transaction() as session:
        for day in range(45):
            outcome = SignInOutcome.WRONG_PASSWORD if day % 3 == 0 else SignInOutcome.WRONG_CODE
            at = clock.now() - timedelta(days=day + 1)
            session.add(SignInRecord(person_id=doctor.person_id, at=at, outcome=outcome, ip="192.0.2.1"))
            session.add(SignInRecord(person_id=cast.colleague.person_id, at=at, outcome=outcome))
    today = clock.today()
    async with db.reading() as session:
        whole = await journal(session, doctor)
        assert (whole.total, whole.pages, len(whole.lines)) == (46, 3, 20)
        assert whole.lines[0].outcome_title == "Вход выполнен"
        last = await journal(session, doctor, page=99)
        assert (last.page, len(last.lines)) == (3, 6)
        wrong = await journal(session, doctor, outcome=SignInOutcome.WRONG_PASSWORD)
        assert wrong.total == 15
        week = await journal(session, doctor, since=today - timedelta(days=7), until=today - timedelta(days=1))
        assert week.total == 7
        seen = [line.id for page in (1, 2, 3) for line in (await journal(session, doctor, page=page)).lines]
        assert len(set(seen)) == 46


async def test_sign_outs_and_ends_stand_in_the_journal(cast: Cast, enter: Enter) -> None:
    here, _ = await enter(cast.doctor)
    there, _ = await enter(cast.doctor)
    async with db.transaction() as session:
        await sessions.end_one(session, here, session_id=there.session_id)
        await sessions.sign_out(session, here)
    async with db.reading() as session:
        outcomes = sorted(line.outcome for line in (await journal(session, here)).lines)
    assert outcomes == sorted(
        [SignInOutcome.SUCCESS, SignInOutcome.SUCCESS, SignInOutcome.ENDED, SignInOutcome.SIGNED_OUT]
    )
