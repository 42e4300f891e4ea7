"""What was known of each item before there was a history is the beginning of it."""

from uuid import UUID

from alembic.script import ScriptDirectory
from sqlmodel import select

from medcab import db, schema
from medcab.verification.models import CaseItem, CaseItemEvent, VerificationCase
from medcab.verification.queries import FINDING
from medcab.verification.rules import Code, Finding, Item, ItemState
from medcab.verification.rules.items import Source
from tests.cast import MORNING, Cast
from tests.migrations import downgrade

FOUND = Finding(Item.DIPLOMA, ItemState.MISMATCH, Code.DIPLOMA_MISMATCH, given="№ 1")


async def test_the_newest_answer_becomes_the_first_event(cast: Cast) -> None:
    case_id, item_id = UUID(int=0xCA5E), UUID(int=0x17E)
    async with db.transaction() as session:
        session.add(VerificationCase(id=case_id, person_id=cast.doctor.person_id, state="mismatch", created_at=MORNING, updated_at=MORNING))  # fmt: skip
        session.add(CaseItem(
            id=item_id, case_id=case_id, item="diploma", state="mismatch", code="DIPLOMA_MISMATCH",
            finding=FINDING.dump_json(FOUND).decode(), checked_at=MORNING,
        ))  # fmt: skip
        session.add(CaseItem(case_id=case_id, item="inn", state="not_given"))
    await db.close()
    before = ScriptDirectory.from_config(schema.config()).get_revision("0010").down_revision
    assert isinstance(before, str)
    downgrade(before)
    schema.upgrade()
    async with db.reading() as session:
        [event] = (await session.exec(select(CaseItemEvent))).all()
    assert (event.id, event.at, event.source, event.code) == (item_id, MORNING, Source.REGISTER, "DIPLOMA_MISMATCH")
    assert FINDING.validate_json(event.finding) == FOUND
