"""Who is meant by a name in a rota, and which department: by how people write them, never by a guess between two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from uuid import UUID

from medcab.errors import Invalid
from medcab.schedule.rules.cells import plain
from medcab.schedule.rules.templates import Closed

_NEAR, _NEAREST, _MOST_GUESSES = 0.6, 3, 200
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A department in which somebody works, from when to when (None: no end)."""

    department_id: UUID
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Worker:
    """Somebody of the clinic who sees patients. `away`: days on which the clinic has taken their rights."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str
    places: tuple[Place, ...]
    email: str = ""
    away: tuple[Closed, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family_name, self.given_name, self.patronymic)))

    def works_on(self, day: date) -> set[UUID]:
        """The departments of that day."""
        if any(each.covers(day) for each in self.away):
            return set()
        return {each.department_id for each in self.places if each.since <= day and (each.until is None or day <= each.until)}  # fmt: skip

    @property
    def departments(self) -> set[UUID]:
        return {each.department_id for each in self.places}


@dataclass(frozen=True)
class Roster:
    """The clinic's people and departments; `mine` are those whose hours the actor may plan."""

    workers: Sequence[Worker]
    departments: Mapping[UUID, str]
    mine: frozenset[UUID]
    _unknown_so_far: list[str] = field(default_factory=list, compare=False, repr=False)
    _known: dict[tuple[str, str, str], Worker | Invalid] = field(default_factory=dict, compare=False, repr=False)

    def who(self, name: str, email: str = "", department: str = "") -> Worker:
        """The one who is meant; `Invalid` with the nearest names, or with how to tell namesakes apart."""
        key = (plain(name), email.strip().casefold(), plain(department))
        if key not in self._known:
            try:
                self._known[key] = self._found(name, *key)
            except Invalid as refusal:
                self._known[key] = refusal
        found = self._known[key]
        if isinstance(found, Invalid):
            raise found
        return found

    def department(self, name: str) -> UUID:
        """One of the actor's; `Invalid` for one that is not, or is nobody's."""
        found = self._departments.get(plain(name))
        if found in self.mine:
            return found  # pyright: ignore[reportReturnType]
        if found:
            raise Invalid(f"Отделение: «{self.departments[found]}» ведёт свой график отдельно, вам оно не открыто.")
        known = [self.departments[each] for each in self.mine]
        near = _near(name, known) or sorted(known)[:_NEAREST]
        raise Invalid(f"Отделение: «{name[:_LONGEST_SHOWN]}» не найдено. {_perhaps(near)}")

    def section(self, name: str) -> UUID | None:
        """The same of a line that may be something else."""
        found = self._departments.get(plain(name))
        return found if found in self.mine else None

    def _found(self, name: str, bare: str, email: str, department: str) -> Worker:
        meant = self._by_email.get(email) if email else self._by_form.get(bare) or self._by_form.get(_turned(bare))
        if not meant:
            raise Invalid(self._unknown(name, email))
        ours = [each for each in meant if each.departments & self.mine]
        if not ours:
            where = ", ".join(sorted(self.departments.get(each, "") for each in meant[0].departments))
            raise Invalid(
                f"ФИО: {meant[0].name} работает в другом отделении ({where}): там ведут свой график. Уберите строку."
            )
        wanted = self._departments.get(department)
        close = [each for each in ours if wanted in each.departments] if wanted and len(ours) > 1 else ours
        if len(close) == 1:
            return close[0]
        told = "; ".join(f"{each.name} ({self._where(each)})" for each in ours)
        raise Invalid(f"ФИО: под это имя подходят несколько: {told}. Напишите имя полностью или добавьте столбец «E-mail».")  # fmt: skip

    def _unknown(self, name: str, email: str) -> str:
        if email:
            return f"E-mail: врача с адресом «{email[:_LONGEST_SHOWN]}» в клинике нет. Проверьте адрес или уберите его."
        self._unknown_so_far.append(name)
        is_costly = len(self._unknown_so_far) > _MOST_GUESSES  # a file of strangers is no rota of ours
        ours = () if is_costly else [each.name for each in self.workers if each.departments & self.mine]
        near = _near(name, ours)
        return f"ФИО: врача «{name[:_LONGEST_SHOWN]}» в ваших отделениях нет. {_perhaps(near)}"

    def _where(self, worker: Worker) -> str:
        return ", ".join(sorted(self.departments.get(each, "") for each in worker.departments))

    @cached_property
    def _departments(self) -> dict[str, UUID]:
        return {plain(name): key for key, name in self.departments.items()}

    @cached_property
    def _by_email(self) -> dict[str, list[Worker]]:
        return {each.email.casefold(): [each] for each in self.workers if each.email}

    @cached_property
    def _by_form(self) -> dict[str, list[Worker]]:
        found: dict[str, list[Worker]] = {}
        for worker in self.workers:
            for form in _forms(worker):
                found.setdefault(form, []).append(worker)
        return found


def _forms(worker: Worker) -> set[str]:
    """How the name may be written, plain."""
    family, given, patronymic = plain(worker.family_name), plain(worker.given_name), plain(worker.patronymic)
    whole = {f"{family} {given} {patronymic}".strip(), f"{given} {patronymic} {family}", f"{given} {family}"}
    short = {f"{family} {given[:1]} {patronymic[:1]}".strip(), f"{family} {given[:1]}", f"{family} {given}", family}
    return {" ".join(each.split()) for each in whole | short}


def _turned(bare: str) -> str:
    """«а п иванова» as «иванова а п»; what follows a comma or stands in brackets is no name."""
    words = bare.partition(",")[0].partition("(")[0].split()
    initials = [word for word in words if len(word) == 1]
    if words and len(words[0]) == 1:
        words = [word for word in words if len(word) > 1] + initials
    if len(words) == 2 and len(words[1]) == 2 and not any(sign in "аеиоуыэюя" for sign in words[1][1:]):  # noqa: PLR2004
        words = [words[0], *words[1]]  # initials without dots: «Иванова АП»
    return " ".join(words)


def _near(text: str, known: Iterable[str]) -> list[str]:
    by_plain = {plain(each): each for each in known}
    family = {plain(each).split(" ")[0]: each for each in by_plain.values()}
    close = get_close_matches(plain(text), by_plain, _NEAREST, _NEAR)
    more = get_close_matches(plain(text).split(" ")[0], family, _NEAREST, _NEAR + 0.1)
    return list(dict.fromkeys([by_plain[each] for each in close] + [family[each] for each in more]))[:_NEAREST]


def _perhaps(near: Sequence[str]) -> str:
    return f"Похоже: {', '.join(near)}." if near else "Проверьте, как написано название или имя."
