"""What a list of workers must say, row by row. Pure: what the clinic knows comes in as `Known`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from medcab.access import GIVEN_BY_CLINIC, ROLE_TITLES
from medcab.errors import Invalid, MedcabError
from medcab.identifiers import email, person_name
from medcab.staff import rules

COLUMNS = {
    "family_name": "Фамилия", "given_name": "Имя", "patronymic": "Отчество", "email": "E-mail", "department": "Отделение",
    "post": "Должность", "role": "Роль", "rate": "Ставка", "since": "С какого дня",
}  # fmt: skip
"""Of the file, in the order of the sample; a file may have them in another order, and more."""
_NEEDED = ("family_name", "given_name", "email", "role")
SAMPLE_ROWS = (
    ("Ветрова", "Алина", "Максимовна", "vetrova@clinic.example", "Терапевтическое отделение", "врач-терапевт", "Терапевт", "1", ""),
    ("Рябов", "Кирилл", "", "ryabov@clinic.example", "", "фармацевт", "Фармацевт", "0,5", ""),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row of the file, `number` as the spreadsheet shows it; by field what was typed."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """A row in which nothing is wrong."""

    family_name: str
    given_name: str
    patronymic: str
    email: str
    department_id: UUID | None
    post: str
    role: str
    rate: int
    since: str


@dataclass(frozen=True)
class Known:
    """The clinic's side. `departments`: id by plain name; `working`, `invited` and `flooded`: addresses."""

    today: date
    departments: Mapping[str, UUID]
    working: Collection[str] = ()
    invited: Collection[str] = ()
    flooded: Collection[str] = ()


@dataclass(frozen=True)
class Judged:
    """A row with what is wrong in it, by field; `person` only when nothing is."""

    line: Line
    errors: Mapping[str, str] = field(default_factory=dict)
    person: Person | None = None


def lines_of(table: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> list[Line]:
    """The rows under the headings, with their numbers in the file (without any, they follow each other); `Invalid` when the headings are not there."""
    if not table:
        raise Invalid("В файле ничего нет.", field="file")
    titles = {rules.plain(title).replace("e mail", "e-mail"): name for name, title in COLUMNS.items()}
    titles |= {"email": "email", "почта": "email", "электронная почта": "email"}
    places = {titles[rules.plain(title)]: at for at, title in enumerate(table[0]) if rules.plain(title) in titles}
    if missing := [COLUMNS[name] for name in _NEEDED if name not in places]:
        raise Invalid(f"В первой строке нет столбцов: {', '.join(missing)}. Возьмите за основу образец.", field="file")
    if len(table) == 1:
        raise Invalid("В файле только заголовки, без сотрудников.", field="file")
    return [
        Line(number, {name: row[at] if at < len(row) else "" for name, at in places.items()})
        for number, row in zip(numbers[1:] or range(2, len(table) + 1), table[1:], strict=True)
    ]


def address_of(line: Line) -> str:
    """The e-mail in its kept form; empty when it is none."""
    try:
        return email.parse(line.cells.get("email", ""))
    except Invalid:
        return ""


def judge(lines: Sequence[Line], known: Known) -> list[Judged]:
    """Every row, in order; of two with one address the second is wrong."""
    first: dict[str, int] = {}
    found = []
    for line in lines:
        one = _judged(line, known)
        address = address_of(line)
        if address and address in first:
            errors = {**one.errors, "email": f"Тот же адрес в строке {first[address]}."}
            one = Judged(line, errors)
        first.setdefault(address, line.number)
        found.append(one)
    return found


def _judged(line: Line, known: Known) -> Judged:
    errors: dict[str, str] = {}
    cell = line.cells.get

    def read(name: str, parse: Callable[[str], object]) -> object:
        try:
            return parse(cell(name, ""))
        except MedcabError as refusal:
            errors[name] = refusal.message
            return None

    values = {
        "family_name": read("family_name", person_name.parse_family),
        "given_name": read("given_name", person_name.parse_given),
        "patronymic": read("patronymic", person_name.parse_patronymic),
        "email": read("email", lambda text: _address(text, known)),
        "department_id": read("department", lambda text: _department(text, known)),
        "post": read("post", lambda text: rules.line_of(text, field="post", longest=rules.LONGEST_POST)),
        "role": read("role", rules.role_called),
        "rate": read("rate", rules.rate_of),
        "since": read("since", lambda text: _since(text, known.today)),
    }
    if not errors:
        read("department", lambda _: rules.need_department(values["role"], values["department_id"]))  # pyright: ignore[reportArgumentType]
    return Judged(line, errors) if errors else Judged(line, {}, Person(**values))  # pyright: ignore[reportArgumentType]


def _address(text: str, known: Known) -> str:
    address = email.parse(text)
    if address in known.working:
        raise Invalid("Человек с этим адресом уже работает в клинике.")
    if address in known.invited:
        raise Invalid("На этот адрес приглашение уже отправлено.")
    if address in known.flooded:
        raise Invalid(rules.FLOODED)
    return address


def _department(text: str, known: Known) -> UUID | None:
    name = rules.plain(text)
    if name and name not in known.departments:
        raise Invalid("Такого отделения в клинике нет: проверьте название или добавьте отделение.")
    return known.departments.get(name)


def _since(text: str, today: date) -> str:
    day = rules.day_of(text, field="since")
    return rules.first_day(day, today).strftime("%d.%m.%Y") if day else ""


def sample() -> bytes:
    """A file to begin with, as a Russian Excel opens it: the headings, two rows, and the roles there are."""
    titles = ";".join(COLUMNS.values())
    roles = f"# Роли: {', '.join(ROLE_TITLES[role] for role in GIVEN_BY_CLINIC)}. Удалите эту строку и примеры."
    return "\r\n".join([titles, *(";".join(row) for row in SAMPLE_ROWS), roles, ""]).encode("utf-8-sig")
