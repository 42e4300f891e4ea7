"""Each duty of a worker as it stands on a day: how it is, until when, what to do and where. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from medcab.accounts.rules.right import Standing
from medcab.compliance.rules.days import months_before, working_days_before
from medcab.compliance.rules.training import Plan, plan
from medcab.documents.kinds.rules import PERMITS, TRAINING, DocumentKind
from medcab.norms import Norms
from medcab.ui.formats import day as shown
from medcab.ui.formats import plural

SOON, URGENT = timedelta(days=90), timedelta(days=30)


_TO_SHOW = PERMITS | {DocumentKind.DIPLOMA, DocumentKind.LICENCE}


class Duty(StrEnum):
    """What is asked of a worker, in the order of the board and the matrix."""

    STANDING = "standing"
    PERMIT = "permit"
    TRAINING = "training"
    LICENCE = "licence"
    MEDICAL_BOOK = "medical_book"
    QUALIFICATION = "qualification"
    PAPERS = "papers"
    SIGNATURE = "signature"
    PASSWORD = "password"
    APP = "app"


TITLES = {
    Duty.STANDING: "Статус", Duty.PERMIT: "Аккредитация", Duty.TRAINING: "Обучение (НМО)", Duty.LICENCE: "Лицензия",
    Duty.MEDICAL_BOOK: "Медосмотр", Duty.QUALIFICATION: "Категория", Duty.PAPERS: "Сканы документов", Duty.SIGNATURE: "Электронная подпись",
    Duty.PASSWORD: "Пароль", Duty.APP: "Второй фактор",
}  # fmt: skip


class State(StrEnum):
    """Worst first."""

    OVERDUE = "overdue"
    URGENT = "urgent"
    MISSING = "missing"
    SOON = "soon"
    GOING = "going"
    DONE = "done"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(State).index(self)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in force; `ends` is its last day, None for ever."""

    kind: DocumentKind
    specialty: str = ""
    issued: date | None = None
    ends: date | None = None
    hours: int = 0
    has_file: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the duties of one person follow from. `specialties` are the confirmed ones with their last days; None: no end."""

    standing: Standing
    is_medical: bool = True
    """Whether the work takes a professional status: an operator of support needs none."""
    standing_reason: str = ""
    review_on: date | None = None
    """Last day of what two operators have confirmed against the register, the nearest; None: nothing."""
    specialties: Mapping[str, date | None] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    certificate_until: date | None = None
    """Last day of the certificate of the electronic signature; None: there is none."""
    password_set: date | None = None
    password_days: int = 90
    has_app: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One duty. `deadline` is the last day on which it is fulfilled; `sentence` says how it stands and what to do, `action` leads to `href`."""

    duty: Duty
    state: State
    subject: str
    deadline: date | None
    sentence: str
    action: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """On which day, and by which norms."""

    today: date
    norms: Norms


def duties(facts: Facts, day: Day) -> list[Row]:
    """Worst first; of the same state the nearest deadline."""
    rules: Sequence[Callable[[Facts, Day], Iterator[Row]]] = (_standing, _password, _app)
    if facts.standing is not Standing.UNVERIFIED:
        rules = (*rules, _permits, _training, _licences, _medical_book, _qualifications, _papers, _signature)
    found = [row for rule in rules for row in rule(facts, day)]
    order = list(Duty)
    return sorted(found, key=lambda row: (row.state.rank, row.deadline or date.max, order.index(row.duty), row.subject))


def worst(rows: Sequence[Row]) -> State:
    return min((row.state for row in rows), key=lambda state: state.rank, default=State.DONE)


def training_plan(facts: Facts, day: Day) -> Plan | None:
    """To the end of the permit that runs out first of those that hold; None when none has an end."""
    ends = [until for until in facts.specialties.values() if until and until >= day.today]
    if not ends:
        return None
    training = [
        (p.issued, p.hours, p.kind is DocumentKind.COURSE) for p in facts.papers if p.kind in TRAINING and p.issued
    ]
    return plan(training, min(ends), today=day.today, norms=day.norms)


def _dated(ends: date, day: Day) -> State:
    """The last day is included."""
    left = ends - day.today
    if left < timedelta(0):
        return State.OVERDUE
    return State.URGENT if left <= URGENT else State.SOON if left <= SOON else State.DONE


def _until(ends: date, day: Day) -> str:
    left = (ends - day.today).days
    if left < 0:
        return f"срок закончился {shown(ends)}"
    return (
        f"до {shown(ends)}, осталось {plural(left, 'день', 'дня', 'дней')}"
        if left
        else f"до {shown(ends)}: сегодня последний день"
    )


def _standing(facts: Facts, day: Day) -> Iterator[Row]:
    if not facts.is_medical and facts.standing is Standing.UNVERIFIED:
        return
    if facts.standing is Standing.UNVERIFIED:
        sentence = "Профессиональный статус ещё не подтверждён: рабочие разделы закрыты."
        yield Row(Duty.STANDING, State.MISSING, "", None, sentence, "Активировать кабинет", "/activation")
    elif facts.standing is Standing.SUSPENDED:
        sentence = f"Право на работу приостановлено. {facts.standing_reason}".strip()
        yield Row(Duty.STANDING, State.OVERDUE, "", None, sentence, "Узнать, что делать", "/activation?step=check")
    elif facts.review_on is not None:
        until = _until(facts.review_on, day)
        sentence = f"Часть сведений подтвердили операторы, а не регистр: действует {until}. До этого дня их должен исправить регистр."
        yield Row(
            Duty.STANDING,
            _dated(facts.review_on, day),
            "по решению операторов",
            facts.review_on,
            sentence,
            "Узнать, что делать",
            "/activation?step=check",
        )
    else:
        yield Row(Duty.STANDING, State.DONE, "", None, "Подтверждён федеральным регистром; сверяется каждую ночь.")


def _permits(facts: Facts, day: Day) -> Iterator[Row]:
    for specialty, ends in sorted(facts.specialties.items()):
        if ends is None:
            yield Row(Duty.PERMIT, State.DONE, specialty, None, "Действует без срока.")
            continue
        opens = months_before(ends, day.norms.portfolio_months)
        red = working_days_before(ends, day.norms.review_working_days)
        add = ("Добавить новую", "/documents?edit=paper&kind=accreditation")
        if ends < day.today:
            sentence = f"Срок закончился {shown(ends)}: по этой специальности принимать нельзя."
            yield Row(Duty.PERMIT, State.OVERDUE, specialty, ends, sentence, *add)
        elif day.today > red:
            sentence = f"Действует {_until(ends, day)}. Портфолио рассматривают до {day.norms.review_working_days} рабочих дней: возможен перерыв в работе."
            yield Row(Duty.PERMIT, State.URGENT, specialty, ends, sentence, *add)
        elif day.today >= opens:
            yield Row(
                Duty.PERMIT,
                State.SOON,
                specialty,
                ends,
                f"Действует {_until(ends, day)}. Подайте портфолио до {shown(red)}.",
                *add,
            )
        else:
            sentence = f"Действует до {shown(ends)}. Портфолио принимают с {shown(opens)}."
            yield Row(Duty.PERMIT, State.DONE, specialty, ends, sentence)


def _training(facts: Facts, day: Day) -> Iterator[Row]:
    found = training_plan(facts, day)
    if found is None:
        return
    state = State.DONE
    if found.left:
        steady = State.GOING if found.is_steady else State.SOON
        state = State.URGENT if found.months == 0 else steady
    add = ("Добавить удостоверение", "/documents?edit=paper&kind=course") if found.left else ("", "")
    yield Row(Duty.TRAINING, state, "", found.due, found.sentence(), *add)


def _newest(facts: Facts, kind: DocumentKind) -> dict[str, Paper]:
    """By specialty, the one that lasts longest."""
    found: dict[str, Paper] = {}
    for paper in facts.papers:
        if paper.kind is kind:
            known = found.get(paper.specialty)
            if known is None or (paper.ends or date.max) >= (known.ends or date.max):
                found[paper.specialty] = paper
    return found


def _licences(facts: Facts, day: Day) -> Iterator[Row]:
    held = [paper for paper in facts.papers if paper.kind is DocumentKind.LICENCE]
    if not held:
        sentence = "Добавьте лицензию клиники: без неё статус не подтвердить."
        yield Row(
            Duty.LICENCE, State.MISSING, "", None, sentence, "Добавить лицензию", "/documents?edit=paper&kind=licence"
        )
        return
    ends = max(paper.ends or date.max for paper in held)
    if ends == date.max:
        yield Row(Duty.LICENCE, State.DONE, "", None, "Бессрочная.")
    else:
        yield Row(
            Duty.LICENCE,
            _dated(ends, day),
            "",
            ends,
            f"Действует {_until(ends, day)}.",
            "К документам",
            "/documents?kind=licence",
        )


def _medical_book(facts: Facts, day: Day) -> Iterator[Row]:
    add = ("Добавить медосмотр", "/documents?edit=paper&kind=medical_book")
    newest = _newest(facts, DocumentKind.MEDICAL_BOOK).values()
    ends = max((paper.ends for paper in newest if paper.ends), default=None)
    if ends is None:
        yield Row(
            Duty.MEDICAL_BOOK,
            State.MISSING,
            "",
            None,
            "Внесите день последнего медосмотра из медицинской книжки.",
            *add,
        )
    else:
        yield Row(Duty.MEDICAL_BOOK, _dated(ends, day), "", ends, f"Следующий медосмотр: {_until(ends, day)}.", *add)


def _qualifications(facts: Facts, day: Day) -> Iterator[Row]:
    """Nobody has to have one; whoever has would not like to lose it."""
    for specialty, paper in sorted(_newest(facts, DocumentKind.QUALIFICATION).items()):
        if paper.ends:
            add = ("Добавить новую", "/documents?edit=paper&kind=qualification")
            yield Row(
                Duty.QUALIFICATION,
                _dated(paper.ends, day),
                specialty,
                paper.ends,
                f"Категория действует {_until(paper.ends, day)}.",
                *add,
            )


def _papers(facts: Facts, _day: Day) -> Iterator[Row]:
    """What the register is asked about has to be shown; the rest is written down for oneself."""
    bare = sum(not paper.has_file for paper in facts.papers if paper.kind in _TO_SHOW)
    if bare:
        sentence = f"Без скана: {plural(bare, 'документ', 'документа', 'документов')}. Приложите файл или фотографию."
        yield Row(Duty.PAPERS, State.MISSING, "", None, sentence, "К документам", "/documents")


def _signature(facts: Facts, day: Day) -> Iterator[Row]:
    ends, add = facts.certificate_until, ("К подписи", "/consent")
    if ends is None:
        yield Row(
            Duty.SIGNATURE, State.GOING, "", None, "Сертификата нет: без него нельзя подписывать документы.", *add
        )
    else:
        yield Row(Duty.SIGNATURE, _dated(ends, day), "", ends, f"Сертификат действует {_until(ends, day)}.", *add)


def _password(facts: Facts, day: Day) -> Iterator[Row]:
    if facts.password_set is None:
        return
    ends, add = facts.password_set + timedelta(days=facts.password_days), ("Сменить пароль", "/security/password")
    left = ends - day.today
    state = State.OVERDUE if left < timedelta(0) else State.SOON if left <= timedelta(days=10) else State.DONE
    sentence = f"Рекомендуем сменить: {_until(ends, day)}." if state is not State.DONE else f"Сменить до {shown(ends)}."
    yield Row(Duty.PASSWORD, state, "", ends, sentence, *add)


def _app(facts: Facts, _day: Day) -> Iterator[Row]:
    if facts.has_app:
        yield Row(Duty.APP, State.DONE, "", None, "Приложение-аутентификатор подключено.")
    else:
        sentence = "Коды приходят по SMS. С приложением код под рукой и без связи."
        yield Row(Duty.APP, State.GOING, "", None, sentence, "Подключить приложение", "/security/totp")
