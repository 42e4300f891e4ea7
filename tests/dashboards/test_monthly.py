"""The report of a month: once for each department with figures, sealed, told to its heads, read by whoever may see the department."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pypdfium2
import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.accounts.inbox import service as inbox
from medcab.accounts.rules.right import Right, Standing
from medcab.dashboards.monthly import service
from medcab.dashboards.monthly.charts import plot_of
from medcab.dashboards.monthly.models import MonthlyReport
from medcab.dashboards.rules import report as rules
from medcab.dashboards.rules.staff import Staff, Worker
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.state import NO_CHART
from medcab.desk import service as desk
from medcab.errors import Forbidden, NotFound
from medcab.jobs import Later
from medcab.outbox import OutboxMessage
from medcab.tables import paper
from medcab.tables.plots import Plot, Series, Shape
from tests.cast import OTHER_WARD, WARD, Cast
from tests.dashboards.test_service import figures

OCTOBER = date(2026, 10, 1)
_SECOND = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 2), OCTOBER, date(2026, 10, 31)), (date(2027, 1, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2024, 3, 31), date(2024, 2, 1), date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_the_month_before(today: date, first: date, last: date):
    assert rules.month_before(today) == first
    assert rules.period_of(first).end == last


async def fill(cast: Cast) -> None:
    async with db.transaction() as session:
        for number in range(20):
            session.add(figures(OCTOBER + timedelta(number), cast.doctor, done=17, no_show=3))
        session.add(figures(date(2026, 11, 1), cast.neighbour, OTHER_WARD))


async def asked() -> list[OutboxMessage]:
    async with db.transaction() as session:
        await service.begin_month(session)
    async with db.reading() as session:
        return list((await session.exec(select(OutboxMessage).where(OutboxMessage.kind == service.MONTHLY))).all())


async def test_it_is_asked_for_once_in_the_first_days(cast: Cast):
    await fill(cast)
    for moment, count in (
        (datetime(2026, 11, 1, 3, tzinfo=UTC), 0), (datetime(2026, 11, 20, 6, tzinfo=UTC), 0), (_SECOND, 1), (_SECOND + timedelta(2), 1)
    ):  # fmt: skip
        with clock.frozen(moment):
            assert len(await asked()) == count, moment


async def test_a_clinic_without_figures_gets_no_report(cast: Cast):
    with clock.frozen(_SECOND):
        assert await asked() == []


needs_typeface = pytest.mark.skipif(
    not paper.is_ready(), reason="the front end, which brings the typeface, is not built"
)


@needs_typeface
async def test_made_told_and_read(cast: Cast):
    await fill(cast)
    with clock.frozen(_SECOND):
        for _ in range(2):  # a second try finds nothing left to do
            await service.report_everybody(cast.patient_id, {"month": OCTOBER.isoformat()})
        async with db.reading() as session:
            [made] = (await session.exec(select(MonthlyReport))).all()
            letters = [
                each.payload for each in (await session.exec(select(OutboxMessage))).all() if each.kind == "mail"
            ]
            assert made.department_id == WARD
            assert len(letters) == 1
            assert "октябрь 2026" in letters[0]
            [notice] = (await inbox.listed(session, cast.head)).rows
            assert (notice.subject, notice.href) == (
                "Отчёт за месяц",
                f"/figures?from=2026-10-01&to=2026-10-31&department={WARD}",
            )
            assert (await inbox.listed(session, cast.doctor)).rows == []
            assert [each.id for each in await service.listed(session, cast.head, at=WARD)] == [made.id]
            assert [each.month for each in (await desk.desk(session, cast.head, refreshed=True)).reports] == [OCTOBER]
            assert (await desk.desk(session, cast.doctor, refreshed=True)).reports == []
        async with db.transaction() as session:
            _, content = await service.read(session, cast.head, report_id=made.id)
            await service.read(session, cast.admin, report_id=made.id)
            for actor in (cast.doctor, cast.foreigner, cast.nurse):
                with pytest.raises(Forbidden):
                    await service.read(session, actor, report_id=made.id)
            with pytest.raises(NotFound):
                await service.read(session, cast.head, report_id=cast.patient_id)
    text = _text(content)
    for said in (
        "Показатели отделения за октябрь 2026",
        "Терапевтическое отделение",
        "выше нормы",
        "60 из 400",
        "Иванова А. П.",
    ):
        assert said in text, text


def _text(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).replace("\u00a0", " ").split())


@needs_typeface
async def test_a_killed_try_is_begun_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    await fill(cast)
    monkeypatch.setattr(service, "_tell", None)
    with clock.frozen(_SECOND):
        with pytest.raises(TypeError):
            await service.make(WARD, OCTOBER)
        monkeypatch.undo()
        await service.make(WARD, OCTOBER)
    async with db.reading() as session:
        assert len((await session.exec(select(MonthlyReport))).all()) == 1


async def test_a_department_whose_report_fails_keeps_no_other_waiting(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    wards, made = [uuid4() for _ in range(3)], []
    bad = wards[0]

    async def unreported(*_: object) -> list[UUID]:
        return wards

    async def make(department_id: UUID, _month: date) -> None:
        if department_id == bad:
            raise RuntimeError("no typeface")
        made.append(department_id)

    monkeypatch.setattr(service.queries, "unreported", unreported)
    monkeypatch.setattr(service, "make", make)
    assert isinstance(await service.report_everybody(uuid4(), {"month": OCTOBER.isoformat()}), Later)
    assert made == wards[1:], "the others have theirs"
    wards.remove(bad)
    assert await service.report_everybody(uuid4(), {"month": OCTOBER.isoformat()}) is None


def test_whoever_may_not_practise_is_off_the_norm():
    """By name, with the day: the report is read later."""
    gone = Worker(UUID(int=1), "Иванова А. П.", "Врач", Right(Standing.SUSPENDED, None))
    fine = Worker(UUID(int=2), "Петрова А. П.", "Врач", Right(Standing.ACTIVE, None))
    today = date(2026, 11, 2)
    assert rules.off_norm(Tally(), Staff([fine, gone], today)) == ["Нет права на работу на 02.11.2026: Иванова А. П."]
    assert rules.off_norm(Tally(), Staff([fine], today)) == ["Показателей вне нормы нет."]


def test_paper_draws_what_the_page_draws():
    """Bars, their order, the norm as a band or a line, weeks by their Monday."""
    bar = {"type": "bar", "name": "Запланировано", "x": ["2026-10-05", "2026-10-12"], "y": [12, 14]}
    line = {"type": "scatter", "mode": "lines+markers", "name": "Проведено", "x": bar["x"], "y": [10, None]}
    shape = {"type": "line", "y0": 8, "y1": 8}
    layout = {"xaxis": {}, "yaxis": {"ticksuffix": " %"}, "shapes": [shape], "annotations": [{"text": "пунктир"}]}
    chart = {**NO_CHART, "figure": {"data": [line, bar], "layout": layout}}
    assert plot_of(chart) == Plot(
        ["05.10", "12.10"], [Series("Проведено", [10, None], Shape.LINE), Series("Запланировано", [12, 14])], is_sideways=False,
        suffix=" %", norm=(8, 8), norm_words="пунктир",
    )  # fmt: skip
    assert plot_of(NO_CHART) is None
