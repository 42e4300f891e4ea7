"""Every failure a person can cause or meet. Anything else is a bug.

`message` is the sentence the person reads, so it is Russian, says what is wrong and how to put it right.
A feature's own errors derive from one of these.
"""

from collections.abc import Mapping


class MedcabError(Exception):
    """An expected refusal; `message` is safe to show to the person who caused it."""

    message = "Не получилось выполнить действие. Попробуйте ещё раз."

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or self.message
        self.errors: dict[str, str] = {field: self.message} if field else {}
        super().__init__(self.message)


class SignInRequired(MedcabError):
    """Nobody is signed in, or the session has ended."""

    message = "Сеанс завершён. Войдите ещё раз."


class NotFound(MedcabError):
    """There is no such thing, or it is not this person's: the two are never told apart."""

    message = "Ничего не найдено."


class Forbidden(MedcabError):
    """The person is known and has no right to this."""

    message = "У вас нет доступа к этому действию."


class StepUpRequired(Forbidden):
    """The right is there, but the second factor must be shown again first."""

    message = "Подтвердите, что это вы: введите код ещё раз."


class Conflict(MedcabError):
    """Somebody or something else changed it first."""

    message = "Данные уже изменились. Обновите страницу и попробуйте ещё раз."


class Invalid(MedcabError):
    """What was given cannot be used; `errors` says it field by field."""

    message = "Проверьте введённые данные."

    @classmethod
    def many(cls, errors: Mapping[str, str]) -> "Invalid":
        """One refusal for several fields: `{"snils": "…", "inn": "…"}`."""
        refusal = cls()
        refusal.errors = dict(errors)
        return refusal


class TooMany(MedcabError):
    """Asked too often; `retry_after` is in seconds."""

    message = "Слишком много попыток. Подождите немного."

    def __init__(self, message: str | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(MedcabError):
    """Something outside does not answer; nothing was lost."""

    message = "Сервис временно недоступен. Введённое сохранено, попробуйте позже."
