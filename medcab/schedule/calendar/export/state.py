"""«Скачать» on «Расписание»: what the address shows, as a file."""

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.guard import requires, transaction
from medcab.schedule.calendar.export import service
from medcab.schedule.rules.address import Address
from medcab.schedule.service import zone
from medcab.tables.writer import CSV, XLSX
from medcab.ui.files import saved


class ExportState(rx.State):
    """Keeps nothing: the address says what is shown."""

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def visits(self, ending: str):
        """All pages of the view, for a spreadsheet."""
        at = Address.read(self.router.url.query_parameters, today=clock.today(zone()))
        async with transaction(self) as (session, who):
            sheet = await service.export(session, who, at=at, ending=CSV if ending == CSV else XLSX)
        return await saved(sheet)
