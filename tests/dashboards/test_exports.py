"""What leaves the page as a file: numbers are numbers there, and nothing is calculated that somebody typed."""

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.dashboards.exports import service
from medcab.dashboards.exports.service import Drawn, cell
from medcab.dashboards.rules.address import Address
from medcab.errors import Forbidden, Invalid, NotFound
from medcab.ui import formats
from tests.cast import FOREIGN_WARD, WARD, Cast
from tests.dashboards.test_service import WEEK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (formats.number(1204), 1204), (formats.percent(0.085, 1), 0.085), (formats.percent(0.9), 0.9), ("нет данных", None),
        ("12", 12), ("2 ч 15 мин", "2 ч 15 мин"), ("−3", -3), ("", ""), ("=1+1", "=1+1"), ("1;2", "1;2"), ("12,5", 12.5),
        (formats.number(1234567), 1234567), ("45 мин и больше", "45 мин и больше"),
    ],
)  # fmt: skip
def test_shown_numbers_are_numbers_in_the_file(text: str, expected: object):
    assert cell(text) == expected


async def test_the_table_of_a_chart(session: AsyncSession, cast: Cast):
    drawn = Drawn("no_shows", "Неявки", ["День", "Доля"], [["=1+1", formats.percent(0.12)], ["Вторник", "нет данных"]])
    asked = {"address": Address(WEEK), "drawn": drawn, "narrowed": "", "at": WARD}
    sheet = await service.chart(session, cast.head, **asked, ending="csv")
    lines = sheet.content.decode().splitlines()
    assert lines[-2:] == ["'=1+1;0,12", "Вторник;"]
    assert "Терапевтическое отделение, 16" in lines[0]
    assert any("Составлено" in line and "Главная" in line for line in lines)
    assert (await service.chart(session, cast.head, **asked, ending="xlsx")).content[:2] == b"PK"
    with pytest.raises(Invalid):
        await service.chart(session, cast.head, **asked, ending="exe")
    for actor, refusal in ((cast.doctor, Forbidden), (cast.foreigner, Forbidden)):
        with pytest.raises(refusal):
            await service.chart(session, actor, **asked, ending="csv")
    with pytest.raises(NotFound):
        await service.chart(session, cast.head, **{**asked, "at": FOREIGN_WARD}, ending="csv")
