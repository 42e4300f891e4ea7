"""Every reason why an item is not confirmed: what it means, who mends it, whether trying again helps.

The first five codes are the federal register's own (reference/domain.md 3.3), the rest are ours.
`retry_helps` is true where the same data may be confirmed later with nothing changed here: somebody else is
to enter a record meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from medcab.verification.rules.items import Item, Mender


class Code(StrEnum):
    """Refusal codes, spelled as the register spells them."""

    PERSON_NOT_FOUND = "PERSON_NOT_FOUND"
    PERSON_CARD_NOT_FOUND = "PERSON_CARD_NOT_FOUND"
    PERSON_POST_IN_FRMR_MISMATCH = "PERSON_POST_IN_FRMR_MISMATCH"
    VALUE_MISMATCH_METADATA_AND_FRMR = "VALUE_MISMATCH_METADATA_AND_FRMR"
    VALUE_MISMATCH_METADATA_AND_CERTIFICATE = "VALUE_MISMATCH_METADATA_AND_CERTIFICATE"

    VALUE_NOT_IN_REGISTER = "VALUE_NOT_IN_REGISTER"
    SNILS_MISMATCH = "SNILS_MISMATCH"
    INN_MISMATCH = "INN_MISMATCH"
    REGISTER_NUMBER_MISMATCH = "REGISTER_NUMBER_MISMATCH"
    EMPLOYMENT_ENDED = "EMPLOYMENT_ENDED"
    DIPLOMA_NOT_FOUND = "DIPLOMA_NOT_FOUND"
    DIPLOMA_MISMATCH = "DIPLOMA_MISMATCH"
    CERTIFICATE_NOT_FOUND = "CERTIFICATE_NOT_FOUND"
    CERTIFICATE_MISMATCH = "CERTIFICATE_MISMATCH"
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    CERTIFICATE_CANCELLED = "CERTIFICATE_CANCELLED"
    ACCREDITATION_NOT_FOUND = "ACCREDITATION_NOT_FOUND"
    ACCREDITATION_MISMATCH = "ACCREDITATION_MISMATCH"
    ACCREDITATION_NOT_PASSED = "ACCREDITATION_NOT_PASSED"
    ACCREDITATION_EXPIRED = "ACCREDITATION_EXPIRED"
    ACCREDITATION_EXCLUDED = "ACCREDITATION_EXCLUDED"
    LICENCE_NOT_FOUND = "LICENCE_NOT_FOUND"
    LICENCE_MISMATCH = "LICENCE_MISMATCH"
    LICENCE_EXPIRED = "LICENCE_EXPIRED"
    LICENCE_WITHDRAWN = "LICENCE_WITHDRAWN"
    LICENCE_OF_ANOTHER_ORGANISATION = "LICENCE_OF_ANOTHER_ORGANISATION"
    DIPLOMA_CANCELLED = "DIPLOMA_CANCELLED"


# Time has taken the right away; the data are true. And: somebody has.
EXPIRED = frozenset({Code.CERTIFICATE_EXPIRED, Code.ACCREDITATION_EXPIRED, Code.LICENCE_EXPIRED})
WITHDRAWN = frozenset(
    {
        Code.CERTIFICATE_CANCELLED,
        Code.ACCREDITATION_EXCLUDED,
        Code.LICENCE_WITHDRAWN,
        Code.DIPLOMA_CANCELLED,
        Code.EMPLOYMENT_ENDED,
    }
)
LOST = EXPIRED | WITHDRAWN
"""Facts of law, not of spelling: no paper and no operator answers them, only the register."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a code means to the person: `sentence` is what is wrong, `what_to_do` is the way out; both
    Russian.
    """

    sentence: str
    mender: Mender
    what_to_do: str
    retry_helps: bool
    items: frozenset[Item]


REFUSALS: dict[Code, Refusal] = {}


def _means(
    code: Code,
    items: Item | Iterable[Item],
    mender: Mender,
    sentence: str,
    what_to_do: str,
    *,
    retry: bool = False,
) -> None:
    touched = frozenset({items}) if isinstance(items, Item) else frozenset(items)
    REFUSALS[code] = Refusal(sentence, mender, what_to_do, retry, touched)


_ASK_CLINIC = "Обратитесь в кадровую службу клиники: запись вносит и исправляет она. Затем повторите проверку."

_means(
    Code.PERSON_NOT_FOUND,
    Item.SNILS,
    Mender.CLINIC,
    "Сотрудник с таким СНИЛС не найден в федеральном регистре.",
    "Проверьте СНИЛС. Если он верен, попросите кадровую службу клиники внести вас в регистр и повторите проверку.",
    retry=True,
)
_means(
    Code.PERSON_CARD_NOT_FOUND,
    Item.EMPLOYMENT,
    Mender.CLINIC,
    "В регистре нет личного дела сотрудника в этой организации.",
    "Проверьте организацию. Если она верна, попросите кадровую службу клиники открыть личное дело в регистре.",
    retry=True,
)
_means(
    Code.PERSON_POST_IN_FRMR_MISMATCH,
    Item.EMPLOYMENT,
    Mender.CLINIC,
    "Должность не совпадает с должностью в регистре.",
    "Укажите должность, как в трудовом договоре. Если в регистре ошибка, её исправляет кадровая служба клиники.",
    retry=True,
)
_means(
    Code.VALUE_MISMATCH_METADATA_AND_FRMR,
    (Item.FULL_NAME, Item.BIRTH_DATE),
    Mender.WORKER,
    "Фамилия, имя, отчество или дата рождения не совпадают с данными регистра.",
    "Сверьте с паспортом и исправьте. Если вы меняли фамилию, попросите кадровую службу клиники обновить регистр.",
)
_means(
    Code.VALUE_MISMATCH_METADATA_AND_CERTIFICATE,
    Item.FULL_NAME,
    Mender.WORKER,
    "Данные не совпадают с сертификатом электронной подписи: такой подписант не найден.",
    "Сверьте фамилию, имя и отчество с сертификатом подписи. После смены фамилии выпустите новый сертификат.",
)
_means(
    Code.VALUE_NOT_IN_REGISTER,
    (Item.INN, Item.REGISTER_NUMBER),
    Mender.CLINIC,
    "В записи регистра это поле не заполнено, сравнить не с чем.",
    _ASK_CLINIC,
    retry=True,
)
_means(
    Code.SNILS_MISMATCH,
    Item.SNILS,
    Mender.WORKER,
    "СНИЛС не совпадает со СНИЛС в регистре.",
    "Сверьте все 11 цифр с документом и исправьте.",
)
_means(
    Code.INN_MISMATCH,
    Item.INN,
    Mender.WORKER,
    "ИНН не совпадает с ИНН в регистре.",
    "Сверьте все 12 цифр со свидетельством и исправьте. Нужен личный ИНН, не ИНН клиники.",
)
_means(
    Code.REGISTER_NUMBER_MISMATCH,
    Item.REGISTER_NUMBER,
    Mender.WORKER,
    "Номер регистровой записи не совпадает.",
    "Уточните номер в кадровой службе клиники или в выписке из регистра и исправьте.",
)
_means(
    Code.EMPLOYMENT_ENDED,
    Item.EMPLOYMENT,
    Mender.CLINIC,
    "По данным регистра работа в этой организации прекращена.",
    "Укажите нынешнее место работы. Если вы продолжаете работать, запись исправляет кадровая служба клиники.",
    retry=True,
)

_means(
    Code.DIPLOMA_NOT_FOUND,
    Item.DIPLOMA,
    Mender.CLINIC,
    "Диплом с такими серией и номером в записи регистра не найден.",
    "Сверьте серию и номер. Если они верны, диплом вносит в регистр кадровая служба клиники.",
    retry=True,
)
_means(
    Code.DIPLOMA_MISMATCH,
    Item.DIPLOMA,
    Mender.WORKER,
    "Данные диплома не совпадают с регистром.",
    "Сверьте серию, номер, дату и специальность с дипломом и исправьте.",
)
_means(
    Code.DIPLOMA_CANCELLED,
    Item.DIPLOMA,
    Mender.REGISTER,
    "Диплом отмечен в регистре как недействительный.",
    "Обратитесь в учебное заведение, а с его ответом в поддержку.",
)
_means(
    Code.CERTIFICATE_NOT_FOUND,
    Item.CERTIFICATE,
    Mender.CLINIC,
    "Сертификат с такими серией и номером в записи регистра не найден.",
    "Сверьте серию и номер. Если они верны, сертификат вносит в регистр кадровая служба клиники.",
    retry=True,
)
_means(
    Code.CERTIFICATE_MISMATCH,
    Item.CERTIFICATE,
    Mender.WORKER,
    "Данные сертификата не совпадают с регистром.",
    "Сверьте серию, номер, дату выдачи и специальность и исправьте.",
)
_means(
    Code.CERTIFICATE_EXPIRED,
    Item.CERTIFICATE,
    Mender.WORKER,
    "Срок действия сертификата истёк.",
    "Укажите действующую аккредитацию: сертификаты больше не продлевают.",
)
_means(
    Code.CERTIFICATE_CANCELLED,
    Item.CERTIFICATE,
    Mender.REGISTER,
    "Сертификат отмечен в регистре как недействительный.",
    "Укажите действующую аккредитацию. С возражением обратитесь в поддержку.",
)
_means(
    Code.ACCREDITATION_NOT_FOUND,
    Item.ACCREDITATION,
    Mender.REGISTER,
    "Аккредитация с таким номером в записи регистра не найдена.",
    "Сверьте номер с выпиской. Результаты вносит аккредитационный центр: если прошло мало времени, повторите проверку позже.",
    retry=True,
)
_means(
    Code.ACCREDITATION_MISMATCH,
    Item.ACCREDITATION,
    Mender.WORKER,
    "Данные аккредитации не совпадают с регистром.",
    "Сверьте номер, дату и специальность с выпиской об аккредитации и исправьте.",
)
_means(
    Code.ACCREDITATION_NOT_PASSED,
    Item.ACCREDITATION,
    Mender.WORKER,
    "По данным регистра аккредитация не пройдена.",
    "Пройдите аккредитацию или укажите другую, действующую.",
)
_means(
    Code.ACCREDITATION_EXPIRED,
    Item.ACCREDITATION,
    Mender.WORKER,
    "Срок аккредитации истёк.",
    "Пройдите периодическую аккредитацию и укажите новую выписку.",
)
_means(
    Code.ACCREDITATION_EXCLUDED,
    Item.ACCREDITATION,
    Mender.REGISTER,
    "Запись исключена из перечня прошедших эту аккредитацию.",
    "Узнайте причину в аккредитационном центре. После восстановления повторите проверку.",
    retry=True,
)
_means(
    Code.LICENCE_NOT_FOUND,
    Item.LICENCE,
    Mender.WORKER,
    "Лицензия с таким номером в реестре лицензий не найдена.",
    "Сверьте номер с выпиской из реестра лицензий: например, Л041-01137-77/00584930.",
)
_means(
    Code.LICENCE_MISMATCH,
    Item.LICENCE,
    Mender.WORKER,
    "Дата лицензии не совпадает с реестром.",
    "Сверьте дату предоставления лицензии с выпиской и исправьте.",
)
_means(
    Code.LICENCE_EXPIRED,
    Item.LICENCE,
    Mender.CLINIC,
    "Срок действия лицензии истёк.",
    "Попросите у администрации клиники данные действующей лицензии.",
)
_means(
    Code.LICENCE_WITHDRAWN,
    Item.LICENCE,
    Mender.CLINIC,
    "Действие лицензии прекращено или приостановлено.",
    "Обратитесь к администрации клиники. Когда лицензия снова будет действовать, повторите проверку.",
    retry=True,
)
_means(
    Code.LICENCE_OF_ANOTHER_ORGANISATION,
    Item.LICENCE,
    Mender.WORKER,
    "Лицензия выдана другой организации: по данным регистра места работы в ней нет.",
    "Укажите лицензию клиники, в которой работаете.",
)
