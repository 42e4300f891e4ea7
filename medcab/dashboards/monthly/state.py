"""«Отчёты за месяц»: the ready ones of the department that is shown."""

from typing import TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.monthly import service
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.report import named
from medcab.guard import reading, requires, transaction
from medcab.schedule.rules.given import identity
from medcab.ui import formats


class ReportRow(TypedDict):
    """A report, ready to draw."""

    id: str
    title: str
    made: str


class MonthlyReports(rx.State):
    """A department's reports of the last year."""

    reports: list[ReportRow] = []

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read which there are."""
        self.reports = []
        address = Address.read(self.router.url.query_parameters, today=clock.today())
        async with reading(self) as (session, actor):
            found = await service.listed(session, actor, at=address.department_id)
        self.reports = [
            {"id": str(each.id), "title": formats.capital(named(each.month)), "made": f"составлен {formats.moment(each.made_at)}"}
            for each in found
        ]  # fmt: skip

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def download(self, report_id: str):
        """One of them as it was made."""
        async with transaction(self) as (session, actor):
            found, content = await service.read(session, actor, report_id=identity(report_id))
        name = f"pokazateli-{found.month:%Y-%m}.pdf"
        return rx.download(data=content, filename=name, mime_type="application/pdf")
