"""What is verified, and the states that an item and the whole case can be in."""

from enum import StrEnum


class Item(StrEnum):
    """One thing that the register confirms or does not; `title` is how the page names it."""

    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    SNILS = "snils"
    INN = "inn"
    REGISTER_NUMBER = "register_number"
    DIPLOMA = "diploma"
    CERTIFICATE = "certificate"
    ACCREDITATION = "accreditation"
    LICENCE = "licence"
    EMPLOYMENT = "employment"

    @property
    def label(self) -> str:
        return _TITLES[self]


_TITLES = {
    Item.FULL_NAME: "Фамилия, имя, отчество",
    Item.BIRTH_DATE: "Дата рождения",
    Item.SNILS: "СНИЛС",
    Item.INN: "ИНН",
    Item.REGISTER_NUMBER: "Номер в регистре медицинских работников",
    Item.DIPLOMA: "Диплом",
    Item.CERTIFICATE: "Сертификат специалиста",
    Item.ACCREDITATION: "Аккредитация",
    Item.LICENCE: "Лицензия",
    Item.EMPLOYMENT: "Место работы",
}

# Who the person is: in force the moment it is written down, so the rights rest on it at once.
IDENTITY = frozenset({Item.FULL_NAME, Item.BIRTH_DATE, Item.SNILS, Item.INN})
DOCUMENTS = frozenset({Item.DIPLOMA, Item.CERTIFICATE, Item.ACCREDITATION, Item.LICENCE})
# Either of the two lets a person practise: certificates of specialists are being replaced by accreditation.
PERMITS = frozenset({Item.CERTIFICATE, Item.ACCREDITATION})


class ItemState(StrEnum):
    """Where one item stands."""

    NOT_GIVEN = "not_given"
    READY = "ready"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    MISMATCH = "mismatch"
    NO_RECORD = "no_record"
    POSTPONED = "postponed"

    @property
    def label(self) -> str:
        return _STATE_TITLES[self]


_STATE_TITLES = {
    ItemState.NOT_GIVEN: "не указано",
    ItemState.READY: "готово к проверке",
    ItemState.CHECKING: "проверяется",
    ItemState.CONFIRMED: "подтверждено",
    ItemState.MISMATCH: "расхождение",
    ItemState.NO_RECORD: "нет записи в регистре",
    ItemState.POSTPONED: "проверка отложена",
}


class CaseState(StrEnum):
    """Where the whole verification stands; always derived from its items (`case_state`), never kept by
    itself.
    """

    DRAFT = "draft"
    SENT = "sent"
    CHECKING = "checking"
    MISMATCH = "mismatch"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return _CASE_TITLES[self]


_CASE_TITLES = {
    CaseState.DRAFT: "черновик",
    CaseState.SENT: "отправлено",
    CaseState.CHECKING: "проверяется",
    CaseState.MISMATCH: "расхождение",
    CaseState.CONFIRMED: "подтверждено",
    CaseState.ACTIVE: "активирован",
    CaseState.WITHDRAWN: "отозвано",
    CaseState.EXPIRED: "просрочено",
}


class Source(StrEnum):
    """Where a change of an item came from."""

    WORKER = "worker"
    REGISTER = "register"
    COMPARISON = "comparison"
    OPERATOR = "operator"
    CLOCK = "clock"

    @property
    def label(self) -> str:
        return _SOURCE_TITLES[self]


_SOURCE_TITLES = {
    Source.WORKER: "отправлено сотрудником",
    Source.REGISTER: "ответ регистра",
    Source.COMPARISON: "ночная сверка",
    Source.OPERATOR: "решение операторов",
    Source.CLOCK: "срок решения истёк",
}


class Mender(StrEnum):
    """Who can put a refusal right."""

    WORKER = "worker"
    CLINIC = "clinic"
    REGISTER = "register"

    @property
    def label(self) -> str:
        return {"worker": "вы", "clinic": "кадровая служба клиники", "register": "оператор регистра"}[self.value]
