"""What is begun in the calendar, wherever its columns come from."""

import reflex as rx

from medcab.access import Permission
from medcab.guard import requires
from medcab.schedule.booking.state import BookingState
from medcab.schedule.rules.given import identity
from medcab.schedule.state import ScheduleState


class GridState(rx.State):
    """Passes on what a column's place says: whose time it is, and when."""

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book(self, who: str, slot: str):
        """Begin a booking there."""
        (await self.get_state(ScheduleState)).who = str(identity(who))
        return BookingState.open(slot)
