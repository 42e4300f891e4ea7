"""Who is acting, and whether they may: between the browser and every handler.

In a feature's state.py::

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def cancel(self, appointment_id: str):
        async with transaction(self) as (session, actor):
            await schedule.cancel(session, actor, appointment_id=UUID(appointment_id))
        return success("Приём отменён.")

A `MedcabError` raised by the service reaches the person as a message; the handler needs no `try`.
"""

from medcab.guard.policy import public, requires
from medcab.guard.tab import Tab, actor, failure, reading, success, transaction, watch

__all__ = ["Tab", "actor", "failure", "public", "reading", "requires", "success", "transaction", "watch"]
