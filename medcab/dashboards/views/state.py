"""«Мои виды»: what is kept, and sending the view that is shown."""

from typing import Any, TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.lines import Choice
from medcab.dashboards.views import service
from medcab.guard import reading, requires, success, transaction
from medcab.schedule.rules.given import identity


class ViewRow(TypedDict):
    """A kept view, ready to draw."""

    id: str
    name: str
    href: str
    is_default: bool


class FigureViews(rx.State):
    """A person's own views of figures in the chosen clinic."""

    views: list[ViewRow] = []
    colleagues: list[Choice] = []
    link: str = ""
    """The view that is shown, to be copied."""

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read the views, and to whom the shown one can be sent."""
        async with reading(self) as (session, actor):
            kept = await service.listed(session, actor)
            known = await service.colleagues(session, actor)
            shown = await service.settled(session, actor, self._at())
        self.views = [
            {"id": str(view.id), "name": view.name, "href": view.address, "is_default": view.is_default}
            for view in kept
        ]
        self.colleagues = [{"value": str(each.id), "label": each.name} for each in known]
        self.link = f"{self.router.url.origin}{shown}"

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def keep(self, form: dict[str, Any]):
        """Keep what is shown."""
        async with transaction(self) as (session, actor):
            await service.keep(session, actor, name=str(form.get("name", "")), address=self._at())
        return [FigureViews.show, success("Вид сохранён.")]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def rename(self, view_id: str, form: dict[str, Any]):
        """Give a kept view another name."""
        async with transaction(self) as (session, actor):
            await service.rename(session, actor, view_id=identity(view_id), name=str(form.get("name", "")))
        return [FigureViews.show, success("Вид переименован.")]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose(self, view_id: str):
        """The view opens first, or no longer."""
        async with transaction(self) as (session, actor):
            await service.choose(session, actor, view_id=identity(view_id))
        return FigureViews.show

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def remove(self, view_id: str):
        """Forget a kept view."""
        async with transaction(self) as (session, actor):
            await service.remove(session, actor, view_id=identity(view_id))
        return [FigureViews.show, success("Вид удалён.")]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def send(self, form: dict[str, Any]):
        """Put what is shown on a colleague's desk."""
        to, note = (str(form.get(name, "")) for name in ("to", "note"))
        async with transaction(self) as (session, actor):
            name = await service.send(
                session, actor, to=identity(to, "Выберите, кому отправить."), note=note, address=self._at()
            )
        return success(f"Отправлено: {name}. Ссылка ждёт на рабочем столе коллеги.")

    def _at(self) -> Address:
        return Address.read(self.router.url.query_parameters, today=clock.today())
