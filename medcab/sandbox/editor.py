"""A register record as a form: every field that the record has, in the words of the register, with its name
in Russian.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from medcab.sandbox.markup import Html, el, join

SECTIONS = {
    "person": "Человек",
    "card": "Личное дело (место работы)",
    "prof": "Диплом",
    "cert": "Сертификат специалиста",
    "accreditation": "Аккредитация",
    "procedures": "Процедура аккредитации",
    "qualification": "Квалификационная категория",
}
_LABELS = {
    "oid": "OID записи", "snils": "СНИЛС", "lastName": "Фамилия", "firstName": "Имя", "patronymic": "Отчество",
    "birthDate": "Дата рождения", "inn": "ИНН", "registryNumber": "Номер регистровой записи", "gender": "Пол",
    "organization": "OID организации", "organizationName": "Организация", "department": "Подразделение",
    "post": "Должность", "rate": "Ставка", "beginDate": "Начало", "endDate": "Окончание", "docSerial": "Серия",
    "docNumber": "Номер", "docDate": "Дата выдачи", "institution": "Кем выдан", "spec": "Специальность",
    "serial": "Серия", "number": "Номер", "examDate": "Дата экзамена", "passDate": "Дата выдачи",
    "regNumber": "Номер в перечне", "passed": "Пройдена", "excluded": "Исключён из перечня", "category": "Категория",
    "cancelled": "Недействителен", "status": "Состояние",
}  # fmt: skip
_DAY = "2026-01-12"
BLANK: dict[str, dict[str, Any]] = {
    "card": {
        "organization": "", "organizationName": "", "department": None, "post": "", "rate": 1.0, "beginDate": _DAY,
        "endDate": None,
    },
    "prof": {"docSerial": "", "docNumber": "", "docDate": _DAY, "institution": "", "spec": "", "cancelled": False},
    "cert": {"serial": "", "number": "", "passDate": _DAY, "endDate": None, "spec": "", "cancelled": False},
    "accreditation": {
        "docSerial": None, "docNumber": "",
        "procedures": [
            {
                "registryNumber": None, "spec": "", "passed": True, "excluded": False, "passDate": _DAY, "endDate": None,
            }
        ],
    },
    "qualification": {"category": "", "spec": "", "beginDate": _DAY, "endDate": None},
    "licence": {
        "number": "", "organization": "", "organizationName": "", "beginDate": _DAY, "endDate": None,
        "status": "действует",
    },
}  # fmt: skip


def fields(value: Mapping[str, Any], path: str) -> Html:
    """Inputs for a mapping; a list in it becomes a fieldset for each row."""
    parts = []
    for name, each in value.items():
        at = f"{path}.{name}"
        parts.append(rows(each, at, name) if isinstance(each, list) else _input(name, at, each))
    return join(*parts)


def rows(values: list[Any], path: str, section: str) -> Html:
    """A fieldset for each row of a section, with a tick to take it out."""
    title = SECTIONS.get(section, section)
    return join(*(_row(each, f"{path}.{number}", title) for number, each in enumerate(values)))


def _row(value: Mapping[str, Any], path: str, title: str) -> Html:
    remove = el("label", el("input", type="checkbox", name=f"remove:{path}"), " убрать", class_="remove")
    return el("fieldset", el("legend", title), fields(value, path), remove)


def _input(name: str, path: str, value: object) -> Html:
    label = _LABELS.get(name, name)
    if isinstance(value, bool):
        return el("label", el("input", type="checkbox", name=path, checked=value), f" {label}", class_="tick")
    kind = "date" if name.endswith("Date") else "text"
    text = "" if value is None else str(value)
    box = el("input", type=kind, name=path, value=text, readonly=name == "oid", autocomplete="off")
    return el("label", el("span", label), box, class_="field")


def edited(value: Any, path: str, form: Mapping[str, str]) -> Any:
    """The same shape with what the form says; rows that were ticked are gone. Raises `ValueError` on a bad
    number.
    """
    if isinstance(value, dict):
        return {name: edited(each, f"{path}.{name}", form) for name, each in value.items()}
    if isinstance(value, list):
        numbered = [(f"{path}.{number}", each) for number, each in enumerate(value)]
        return [edited(each, at, form) for at, each in numbered if f"remove:{at}" not in form]
    if isinstance(value, bool):
        return path in form
    given = form.get(path, "" if value is None else str(value)).strip()
    return float(given.replace(",", ".")) if isinstance(value, float) else given or None


def blank(section: str) -> dict[str, Any]:
    return deepcopy(BLANK[section])
