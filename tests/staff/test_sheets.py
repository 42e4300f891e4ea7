"""Lists out of files: read whatever made them, judged row by row, applied whole or not at all."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.staff.models import Invitation, StaffSheet
from medcab.staff.sheets import rules, service
from medcab.tables import reader
from tests.cast import MORNING, WARD, Cast
from tests.outbox import sent
from tests.staff.making import packed, xlsx

HEAD = list(rules.COLUMNS.values())
GOOD = ["Ветрова", "Алина", "Максимовна", "vetrova@clinic.example", "терапевтическое  отделение", "врач-терапевт", "Терапевт", "0,5", "01.12.2026"]  # fmt: skip
ALSO = ["Рябов", "Кирилл", "", "ryabov@clinic.example", "", "фармацевт", "фармацевт", "", ""]


def csv_of(*rows: list[str], encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in (HEAD, *rows)).encode(encoding)


async def keep(actor: Actor, data: bytes) -> UUID:
    lines = await service.read(data)
    async with db.transaction() as session:
        return await service.keep(session, actor, name="список.csv", lines=lines)


async def preview(actor: Actor, sheet_id: UUID) -> service.Preview:
    async with db.reading() as session:
        return await service.preview(session, actor, sheet_id=sheet_id)


async def apply(actor: Actor, sheet_id: UUID, *, drop_wrong: bool = False) -> int:
    async with db.transaction() as session:
        return await service.apply(session, actor, sheet_id=sheet_id, drop_wrong=drop_wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_as_offices_write_it(encoding: str, delimiter: str) -> None:
    assert reader.read(csv_of(GOOD, encoding=encoding, delimiter=delimiter)) == [HEAD, GOOD]


def test_commas_and_quotes() -> None:
    text = ",".join(HEAD) + '\nВетрова,Алина,,v@clinic.example,,"врач, терапевт",Терапевт,"0,5",\n\n'
    assert reader.read(text.encode())[1][5:8] == ["врач, терапевт", "Терапевт", "0,5"]


@pytest.mark.parametrize("inline", [False, True])
def test_a_spreadsheet_reads_as_its_csv(*, inline: bool) -> None:
    assert reader.read(xlsx([HEAD, GOOD, ALSO], inline=inline)) == [HEAD, GOOD, ALSO[:7]]


async def test_empty_lines_do_not_move_the_numbers() -> None:
    lines = await service.read("\r\n".join([";".join(HEAD), "", ";".join(GOOD), ";;", ";".join(ALSO)]).encode())
    assert [line.number for line in lines] == [3, 5]


async def test_numbers_and_days_of_a_spreadsheet() -> None:
    row = [*GOOD[:7], 0.5, 46357]
    [line] = await service.read(xlsx([HEAD, row]))
    assert (line.cells["rate"], line.cells["since"]) == ("0.5", "01.12.2026")


@given(st.binary(max_size=600) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
@settings(max_examples=150)
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    try:
        table = reader.read(data)
    except Invalid:
        return
    assert all(isinstance(cell, str) for row in table for cell in row)


@given(st.integers(0, 900), st.binary(min_size=1, max_size=20))
@settings(max_examples=150)
def test_a_damaged_spreadsheet_is_a_table_or_refused(at: int, noise: bytes) -> None:
    whole = xlsx([HEAD, GOOD])
    try:
        reader.read(whole[:at] + noise + whole[at + len(noise) :])
    except Invalid:
        return


_LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
HOSTILE = {
    "entities": packed(f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]><worksheet><c t="str"><v>&l9;</v></c></worksheet>'),
    "a file of this machine": packed('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet>&f;</worksheet>'),
    "a bomb": packed("<worksheet>" + " " * (40 * 1024 * 1024) + "</worksheet>"),
    "a bomb that opens at once": packed("<worksheet>" + " " * (40 * 1024 * 1024) + "</worksheet>", method=zipfile.ZIP_BZIP2),
    "another one": packed("<worksheet>" + " " * (40 * 1024 * 1024) + "</worksheet>", method=zipfile.ZIP_LZMA),
    "a bomb of texts": packed("<worksheet/>", shared="<sst>" + "<si><t>x</t></si>" * 2_000_000 + "</sst>"),
    "endless rows": packed("<worksheet>" + "<row><c><v>1</v></c></row>" * 200_000 + "</worksheet>"),
    "a far column": packed('<worksheet><row><c r="XFD1"><v>1</v></c></row></worksheet>' * 1),
    "no sheet": packed("<worksheet/>", relations="<Relationships/>"),
    "a sheet outside": packed("<worksheet/>", relations='<Relationships><Relationship Id="rId7" Target="../../../etc/passwd"/></Relationships>'),
    "deep": packed("<worksheet>" + "<a>" * 100_000 + "</a>" * 100_000 + "</worksheet>"),
    "wrong text number": packed('<worksheet><row><c t="s"><v>9999999999999999999999</v></c></row></worksheet>'),
    "many parts": packed("<worksheet/>", **{f"x{n}": b"" for n in range(300)}),
    "not a table": b"\x89PNG\r\n\x1a\n\0\0\0",
    "too many rows": ("a;b\n" * 2_100).encode(),
    "too large": b"a;b\n" * 300_000,
    "one endless cell": b'"' + b"a" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await service.read(HOSTILE[name])
    assert refusal.value.errors.keys() == {"file"}


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(xlsx([HEAD, GOOD]))
    for at in range(len(data) - 4):  # the flag in every header of a part
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
        if data[at : at + 4] == b"PK\x03\x04":
            data[at + 6] |= 1
    with pytest.raises(Invalid):
        reader.read(bytes(data))
    assert zipfile.is_zipfile(io.BytesIO(data))


@pytest.mark.parametrize("head", [["Фамилия", "Имя", "Роль"], ["a"], HEAD[:3]])
def test_a_file_without_the_columns_says_which(head: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.lines_of([head, GOOD])
    assert "E-mail" in refusal.value.errors["file"]


async def test_the_sample_is_a_list(cast: Cast) -> None:
    lines = await service.read(rules.sample())
    assert [line.cells["family_name"] for line in lines] == ["Ветрова", "Рябов"]
    found = await preview(cast.admin, await keep(cast.admin, rules.sample()))
    assert found.wrong == 0


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("family_name", "", "фамилию"), ("family_name", "=cmd()", "знака «=»"), ("given_name", "Anna", "русскими"),
        ("email", "мама", "адрес"), ("email", "person1@medcab.example", "уже работает"), ("department", "Терапия", "нет"),
        ("role", "Главврач", "Такой роли нет"), ("role", "Оператор поддержки", "Такой роли нет"), ("rate", "полторы", "числом"),
        ("post", "=1+1", "служебных"), ("since", "32.01.2027", "Такой даты"), ("since", "01.01.2020", "в прошлом"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_at_its_row(cast: Cast, field: str, typed: str, words: str) -> None:
    """«Терапия» is a department, but of the other clinic."""
    bad = [typed if name == field else GOOD[at] for at, name in enumerate(rules.COLUMNS)]
    sheet = await keep(cast.admin, csv_of(ALSO, bad))
    found = await preview(cast.admin, sheet)
    assert [row.errors.keys() for row in found.rows] == [set(), {field}]
    assert words in found.rows[1].errors[field]
    assert found.rows[1].line.number == 3
    with pytest.raises(Conflict):
        await apply(cast.admin, sheet)
    async with db.reading() as session:
        assert not (await session.exec(select(Invitation))).all()
    assert await sent("mail") == []


async def test_a_head_needs_a_department(cast: Cast) -> None:
    bad = [*GOOD[:4], "", "заведующий", "Руководитель отделения", "", ""]
    found = await preview(cast.admin, await keep(cast.admin, csv_of(bad)))
    assert found.rows[0].errors.keys() == {"department"}


async def test_a_list_without_errors_invites_everybody(cast: Cast) -> None:
    sheet = await keep(cast.admin, xlsx([HEAD, GOOD, ALSO]))
    assert await apply(cast.admin, sheet) == 2
    async with db.reading() as session:
        rows = {one.email: one for one in (await session.exec(select(Invitation))).all()}
    first, second = rows["vetrova@clinic.example"], rows["ryabov@clinic.example"]
    assert (first.role, first.department_id, first.rate, first.since) == (
        Role.THERAPIST,
        WARD,
        50,
        MORNING.date() + timedelta(days=8),
    )
    assert (second.role, second.department_id, second.rate, second.since) == (Role.PHARMACIST, None, 100, None)
    assert sorted(letter["to"] for letter in await sent("mail")) == sorted(rows)
    with pytest.raises(NotFound):
        await apply(cast.admin, sheet)  # once
    again = await preview(cast.admin, await keep(cast.admin, csv_of(GOOD)))
    assert "уже отправлено" in again.rows[0].errors["email"]


async def test_rows_in_error_are_dropped_only_on_purpose(cast: Cast) -> None:
    double = [*ALSO[:3], GOOD[3].upper(), *ALSO[4:]]
    sheet = await keep(cast.admin, csv_of(GOOD, double))
    found = await preview(cast.admin, sheet)
    assert "строке 2" in found.rows[1].errors["email"]
    assert await apply(cast.admin, sheet, drop_wrong=True) == 1
    only_wrong = await keep(cast.admin, csv_of([*double[:3], "x", *double[4:]]))
    with pytest.raises(Conflict):
        await apply(cast.admin, only_wrong, drop_wrong=True)


async def test_what_the_clinic_learnt_meanwhile_counts(cast: Cast) -> None:
    """The list is judged anew when it is applied: somebody may have been invited since."""
    first, second = await keep(cast.admin, csv_of(GOOD)), await keep(cast.admin, csv_of(GOOD, ALSO))
    await apply(cast.admin, first)
    with pytest.raises(Conflict):
        await apply(cast.admin, second)


async def test_lists_of_another_clinic_do_not_exist(cast: Cast, foreign_admin: Actor) -> None:
    sheet = await keep(cast.admin, csv_of(GOOD))
    for wanted in (sheet, uuid4()):
        told = set()
        for act in (preview, apply):
            with pytest.raises(NotFound) as refusal:
                await act(foreign_admin, wanted)
            told.add(refusal.value.message)
        assert len(told) == 1
    with pytest.raises(Forbidden):
        await preview(cast.head, sheet)
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await service.discard(session, foreign_admin, sheet_id=sheet)
        with pytest.raises(Forbidden):
            await service.keep(session, cast.doctor, name="x", lines=[])


async def test_a_list_that_nobody_applies_is_forgotten(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.admin, csv_of(GOOD))
    now.tick(service.KEPT + timedelta(minutes=1))
    async with db.transaction() as session:
        await service.forget(session)
        assert not (await session.exec(select(StaffSheet))).all()


async def test_two_thousand_rows_are_one_transaction(cast: Cast) -> None:
    many = [[*ALSO[:3], f"guest{n}@clinic.example", *ALSO[4:]] for n in range(reader.LIST.rows)]
    assert await apply(cast.admin, await keep(cast.admin, csv_of(*many))) == reader.LIST.rows
    async with db.reading() as session:
        assert len((await session.exec(select(Invitation.id))).all()) == reader.LIST.rows
