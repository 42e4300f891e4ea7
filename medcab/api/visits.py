"""The page of a patient's link: it shows a visit to whoever holds the link, and takes an answer. Nobody is signed in here."""

from medcab import db
from medcab.accounts.throttle import service as throttle
from medcab.api.bodies import Filled, Form
from medcab.api.http import Answer, Call, Doors
from medcab.schedule.reminders import service
from medcab.schedule.reminders.service import DeadLink, Passed, Result, Shown, Standing
from medcab.schedule.rules.given import one_of
from medcab.schedule.service import zone
from medcab.security import tokens
from medcab.ui import formats

doors = Doors()
_HEADS = {
    Standing.ASKED: "Ждём вас", Standing.CONFIRMED: "Вы придёте, спасибо", Standing.OFFERED: "Для вас освободилось время",
    Standing.CANCELLED: "Запись отменена", Standing.AWAY: "В это время приёма не будет", Standing.HERE: "Вы уже отмечены в клинике",
}  # fmt: skip
_AWAY = "Клиника позвонит вам и предложит другое время."
_CHANGED = "Пока страница была открыта, запись изменилась. Проверьте, что здесь написано, и ответьте ещё раз."
_PASSED = {
    "standing": "passed", "head": "Спасибо за ответ", "words": "Это время предложим другому. Вы остались в листе ожидания.",
    "when": "", "clinic": "", "room": "",
}  # fmt: skip


class Said(Form):
    token: Filled
    answer: Filled
    version: int


@doors.form("visit")
async def visit_form(call: Call) -> Answer:
    """`?t=` is the link's secret; reads only."""
    call.headers["X-Robots-Tag"] = "noindex, nofollow"
    return {"data": await _shown(call, call.request.query_params.get("t", ""))}


@doors.post("/api/visit", Said, limit="20/minute")
async def answer(call: Call, body: Said) -> Answer:
    said = one_of(service.Answer, body.answer)
    try:
        async with db.transaction() as session:
            result = await service.answer(session, body.token, said, seen=body.version)
    except Passed:
        raise
    except DeadLink:
        await _count_a_miss(call)
        raise
    shown = _PASSED if result is Result.PASSED else await _shown(call, body.token)
    return {"data": {**shown, "words": _CHANGED} if result is Result.CHANGED else shown}


async def _shown(call: Call, token: str) -> Answer:
    try:
        async with db.reading() as session:
            return _data(await service.look(session, token))
    except Passed:
        return _PASSED
    except DeadLink as dead:
        if tokens.is_token(token):  # a page opened without any is nobody's guess
            await _count_a_miss(call)
        return {"standing": "dead", "head": "Ссылка не действует", "words": dead.message}


async def _count_a_miss(call: Call) -> None:
    """Whoever tries links that nobody was sent must wait longer and longer."""
    async with db.transaction() as session:
        held = await throttle.attempt(session, f"visit-link:{call.network}")
    if held:
        raise held


def _data(shown: Shown) -> Answer:
    day = formats.capital(f"{formats.weekday(shown.starts_at.astimezone(zone()))}, {formats.day_words(shown.starts_at.astimezone(zone()))}")  # fmt: skip
    words = _AWAY if shown.standing is Standing.AWAY else ""
    if shown.standing is Standing.OFFERED and shown.held_until:
        words = f"Держим это время для вас до {formats.moment(shown.held_until, zone())}."
    return {
        "standing": shown.standing.value, "head": _HEADS[shown.standing], "words": words, "clinic": shown.clinic, "version": shown.version,
        "when": f"{day}, {formats.time(shown.starts_at, zone())}", "room": f"Кабинет {shown.room}" if shown.room else "",
    }  # fmt: skip
