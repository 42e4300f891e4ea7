"""The people a visitor may be, for the sign-in page and the command line."""

from dataclasses import dataclass

from medcab.access import ROLE_TITLES
from medcab.demo.staff import EXPIRED_DAYS_AGO, EXPIRES_IN_DAYS, Worker, workers

DEMO_PASSWORD = "Lipovaya-Alleya-38"
"""Of every account. Known to everybody: medcab refuses to serve real people in demo mode."""

TOTP_LOGIN = "vrach"
TOTP_SECRET = "MEDCABDEMOTOTPKEYFORTHEVISITOR22"


@dataclass(frozen=True)
class DemoAccount:
    """One row of the list: `login` is an e-mail, `note` says what to look at."""

    login: str
    password: str
    name: str
    role_title: str
    note: str


_NOTES = {
    "terapevt": "День терапевта: запись, перенос, отметки о приёме",
    "vrach": f"Несколько ролей в двух клиниках: переключите организацию в шапке. Вход по приложению с кодами, ключ {TOTP_SECRET}",
    "zaveduyushchaya": "Показатели отделения за год: загрузка, неявки, ожидание",
    "sestra": "Расписание всего отделения",
    "farmacevt": "Приглашение из другой клиники на рабочем столе, профиль и документы",
    "administrator": "Сотрудники, приглашения и увольнение; расписание и показатели всей клиники",
    "raskhozhdenie": "Регистр нашёл расхождение в дипломе: исправьте номер и отправьте снова",
    "gotov": "Все документы собраны: пройдите шаги до «Кабинет активирован»",
    "chernovik": "Только зарегистрировалась: с чего начать",
    "otlozheno": "Регистр не ответил, проверка отложена: отправьте её ещё раз",
    "netzapisi": "В регистре ещё нет записи: кто это исправит и что делать",
    "sporit": "Не согласна с регистром: спорный вопрос ждёт оператора",
    "istekaet": f"Кабинет работает, но аккредитация истекает через {EXPIRES_IN_DAYS} дней",
    "istekla": f"Аккредитация истекла {EXPIRED_DAYS_AGO} дней назад: право на приём приостановлено",
    "podderzhka": "Оператор поддержки: «Спорные вопросы», сколько проверок идёт и стоит",
    "podderzhka2": "Второй оператор: подтверждает то, что предложил первый",
    "bezopasnost": "Рабочий стол безопасности: неудачные входы, новые устройства, отказы",
}


def _account(worker: Worker, note: str) -> DemoAccount:
    roles = dict.fromkeys(ROLE_TITLES[post.role] for post in worker.posts)
    return DemoAccount(worker.email, DEMO_PASSWORD, worker.name.full, ", ".join(roles), note)


def _accounts() -> list[DemoAccount]:
    by_login = {worker.login: worker for worker in workers()}
    return [_account(by_login[login], note) for login, note in _NOTES.items()]


DEMO_ACCOUNTS = _accounts()
