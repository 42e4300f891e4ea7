"""Diagnoses in the dialog: what the handlers show, and what becomes of a second click, a foreign visit, a wrong word."""

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import pytest
import reflex as rx

from medcab import clock
from medcab.access import Actor
from medcab.errors import Invalid, NotFound
from medcab.guard.tab import current
from medcab.schedule.diagnoses.rules.entry import DiagnosisKind
from medcab.schedule.visit.diagnoses.state import DiagnosesState
from medcab.schedule.visit.state import VisitState
from tests.cast import Cast
from tests.schedule.reception import at, book, monday
from tests.schedule.test_diagnoses import came, write


def tab(actor: Actor) -> DiagnosesState:
    current.set(actor)
    root = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    return root.substates[DiagnosesState.get_name()]  # pyright: ignore[reportReturnType]


async def test_written_by_two_choices_and_once(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit, state = await came(cast), tab(cast.doctor)
        await DiagnosesState.open.fn(state, str(visit))
        assert state.is_shown
        assert state.kind == "main"
        await DiagnosesState.search.fn(state, "J451")
        assert [offer["code"] for offer in state.offers] == ["J45.1"]
        assert "Не хватает точки" in state.note
        await DiagnosesState.choose.fn(state, "J45.1")
        with pytest.raises(Invalid):
            await DiagnosesState.write.fn(state, "sometimes")
        for _ in range(2):
            await DiagnosesState.write.fn(state, "first")
        assert [(line["code"], line["kind"]) for line in state.lines] == [("J45.1", "Основной")]
        assert state.refusal == state.query == ""
        assert state.kind == "secondary"
        await DiagnosesState.search.fn(state, "J45.1")
        assert state.offers[0]["is_written"]
        await DiagnosesState.choose.fn(state, "J45.1")
        assert state.chosen["code"] == "", "it is not offered again"
        await DiagnosesState.search.fn(state, "J06")
        await DiagnosesState.choose.fn(state, "J06")
        other = await write(cast.doctor, visit, "J06", DiagnosisKind.SECONDARY)  # meanwhile, in another tab
        await DiagnosesState.write.fn(state, "known")
        assert state.refusal == "Этот диагноз у приёма уже записан."
        assert state.chosen["code"] == "J06", "what was chosen is kept"
        await DiagnosesState.choose.fn(state, "")
        await DiagnosesState.strike.fn(state, str(other))
        assert not state.offers[0]["is_written"], "what was struck out may be written again"
        await DiagnosesState.change_course.fn(state, state.lines[0]["id"], "known")
        assert len(state.struck) == 2
        for _ in range(2):
            await DiagnosesState.strike.fn(state, state.lines[0]["id"] if state.lines else state.struck[0]["id"])
        assert state.lines == []
        assert len(state.struck) == 3
        assert state.kind == "main"


async def test_nothing_stays_in_the_tab_when_the_dialog_is_closed_or_the_role_lost(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        await write(cast.doctor, visit)
        for leave, actor in (
            (VisitState.close, cast.doctor),
            (VisitState.sync, replace(cast.doctor, roles=frozenset())),
        ):
            state = tab(cast.doctor)
            await DiagnosesState.open.fn(state, str(visit))
            await DiagnosesState.search.fn(state, "J45.1")
            assert state.lines
            current.set(actor)
            root = state._get_root_state()
            with suppress(NotFound):  # no visit was opened beside it
                await leave.fn(root.get_substate(VisitState.get_full_name().split(".")))
            assert state.lines == state.struck == state.offers == []
            assert not state.is_shown
            assert state.query == ""


async def test_nothing_is_shown_to_who_does_not_answer_for_the_visit(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit, planned = await came(cast), await book(cast, cast.doctor, 30)
        for actor in (cast.admin, cast.nurse, cast.colleague, cast.foreigner):
            state = tab(actor)
            await DiagnosesState.open.fn(state, str(visit))
            assert not state.is_shown
        state = tab(cast.doctor)
        await DiagnosesState.open.fn(state, str(planned))
        assert "сначала отметьте приход" in state.why_not
        await DiagnosesState.open.fn(state, str(uuid4()))
        assert not state.is_shown
        with pytest.raises(NotFound):
            await DiagnosesState.open.fn(state, "x")
