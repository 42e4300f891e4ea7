"""What became of an item: read when it is asked for, one item at a time."""

from typing import TypedDict

import reflex as rx

from medcab.access import Permission
from medcab.errors import Invalid
from medcab.guard import reading, requires
from medcab.ui import formats
from medcab.verification.disputes import service as disputes
from medcab.verification.disputes.queries import Event
from medcab.verification.rules import Item, tell


class HistoryRow(TypedDict):
    """One change of an item."""

    id: str
    at: str
    source: str
    who: str
    tone: str
    word: str
    sentence: str
    given: str
    in_register: str


def history_row(event: Event, *, with_names: bool) -> HistoryRow:
    """Ready to draw; operators are named to operators only."""
    told, override = tell(event.finding, is_changed=False), event.finding.override
    who = ", ".join(override.by) if override else event.who
    return {
        "id": str(event.id), "at": formats.moment(event.at), "source": event.source.label, "who": who if with_names else "",
        "tone": told.tone, "word": told.word, "sentence": told.sentence, "given": told.given, "in_register": told.in_register,
    }  # fmt: skip


class HistoryState(rx.State):
    """The history of one of the person's own items; `item` is empty while none is open."""

    item: str = ""
    rows: list[HistoryRow] = []

    @rx.event
    @requires(Permission.VERIFICATION)
    async def toggle(self, item: str):
        """Open the history of this item, or fold it up again."""
        if item not in set(Item):
            raise Invalid
        if self.item == item:
            self.item, self.rows = "", []
            return
        async with reading(self) as (session, actor):
            events = await disputes.history(session, actor, Item(item))
        self.item, self.rows = item, [history_row(event, with_names=False) for event in events]
