"""What the owner of an account is told, and on which channel. Nothing here names a secret."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, outbox
from medcab.accounts.inbox import service as inbox
from medcab.accounts.models import Person
from medcab.settings import get_settings

_NOT_YOU = "Если это были не вы, сразу восстановите доступ на странице входа: {origin}/recovery"


def sms(session: AsyncSession, to: str, text: str) -> None:
    """A short message; `to` in E.164."""
    outbox.add(session, "sms", {"to": to, "text": text})


def letter(session: AsyncSession, to: str, subject: str, text: str) -> None:
    outbox.add(session, "mail", {"to": to, "subject": subject, "text": text})


def told_everywhere(session: AsyncSession, person: Person, subject: str, what: str) -> None:
    """An SMS and a letter: for what changes who can get in."""
    sms(session, person.phone, f"medcab: {what} Не вы? Восстановите доступ на странице входа.")
    told_by_mail(session, person, subject, what)


def informed(
    session: AsyncSession, person: Person, subject: str, what: str, *, by_sms: bool = False, href: str = "", inside: str = ""
) -> None:  # fmt: skip
    """Something that nobody did in the account: a line in «Уведомления» (`href`: where it is looked after), a letter, an SMS where it is urgent.

    `inside`: what else the line says and no letter may carry, like the words of a colleague, who may name a patient.
    """
    inbox.put(session, person.id, subject=subject, text=f"{what} {inside}".rstrip(), href=href)
    if by_sms:
        sms(session, person.phone, f"medcab: {what}")
    written(session, person, subject, what)


def written(session: AsyncSession, person: Person, subject: str, what: str) -> None:
    """The letter alone."""
    letter(session, person.email, f"medcab: {subject}", f"{_greeting(person)}\n\n{what}\n\nЛичный кабинет: {_origin()}")


def told_by_mail(session: AsyncSession, person: Person, subject: str, what: str, **facts: str) -> None:
    """A letter with the time, the place and what to do when it was somebody else."""
    letter(session, person.email, f"medcab: {subject}", _body(person, what, facts))


def mailed_to(session: AsyncSession, address: str, person: Person, subject: str, what: str) -> None:
    """The same letter to an address that was the person's until now."""
    letter(session, address, f"medcab: {subject}", _body(person, what, {}))


def already_registered(session: AsyncSession, person: Person) -> None:
    """Somebody tried to register with what belongs to this person."""
    letter(
        session, person.email, "medcab: попытка регистрации с вашими данными",
        f"{_greeting(person)}\n\nКто-то пытался зарегистрироваться с вашими данными. У вас уже есть кабинет, он не изменился.\n\n"
        f"Если это были вы, войдите или восстановите доступ: {_origin()}/sign-in\n"
        "Если нет, ничего делать не нужно.",
    )  # fmt: skip


def moment(at: datetime) -> str:
    """22.11.2026 09:30, clinic's time."""
    return at.astimezone(clock.MOSCOW).strftime("%d.%m.%Y %H:%M (МСК)")


def _body(person: Person, what: str, facts: dict[str, Any]) -> str:
    source = audit.origin.get()
    lines = {"Когда": moment(clock.now()), "Адрес": source.ip, "Устройство": device_name(source.user_agent), **facts}
    listed = "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
    return f"{_greeting(person)}\n\n{what}\n\n{listed}\n\n{_NOT_YOU.format(origin=_origin())}"


def _greeting(person: Person) -> str:
    return f"Здравствуйте, {person.given_name} {person.patronymic}".rstrip() + "!"


def _origin() -> str:
    return get_settings().origin


_BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """«Chrome, Windows» out of a User-Agent; a hint for a person, never a ground for a decision."""
    browser = next((title for mark, title in _BROWSERS if mark in user_agent), "")
    system = next((title for mark, title in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or "Неизвестное устройство"
