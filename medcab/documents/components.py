"""The form of a paper with its file: the same on the documents page and in the activation."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from medcab.documents.kinds.rules import CATEGORIES, DocumentKind
from medcab.documents.rules import browser_rules
from medcab.ui.forms import field, secure_form, submit_button, suggestions
from medcab.ui.layout import Text, Value, button, columns, row, stack
from medcab.ui.uploader import uploader

ACTION, SOURCE = "/api/verification/paper", "/auth/form/paper"


@dataclass(frozen=True)
class _Fields:
    """How the fields of one kind are called; an empty name leaves the field out."""

    number: str = "Номер"
    number_hint: str = ""
    series: str = "Серия"
    issued: str = "Дата выдачи"
    issuer: str = "Кем выдан"
    specialty: str = ""
    specialty_hint: str = ""
    expires: str = ""
    facts: tuple[dict[str, Any], ...] = ()
    """Fields that only this kind has."""


_AS_PRINTED = "Как напечатано в документе"
_HOURS = {"name": "hours", "label": "Зачтено часов", "required": True}
_KINDS: dict[DocumentKind, _Fields] = {
    DocumentKind.DIPLOMA: _Fields(issuer="Учебное заведение", specialty="Специальность по диплому", specialty_hint="Например: Лечебное дело"),
    DocumentKind.POSTGRADUATE: _Fields(
        issuer="Учебное заведение", specialty="Специальность ординатуры или интернатуры", specialty_hint="Например: Кардиология",
    ),
    DocumentKind.CERTIFICATE: _Fields(specialty="Специальность", specialty_hint=_AS_PRINTED, expires="Действует до"),
    DocumentKind.ACCREDITATION: _Fields(
        number_hint="Из выписки: номер свидетельства или реестровый номер", series="Серия", issued="Дата аккредитации",
        issuer="Аккредитационный центр", specialty="Специальность", specialty_hint=_AS_PRINTED, expires="Действует до",
    ),
    DocumentKind.QUALIFICATION: _Fields(
        number="Номер приказа или удостоверения", series="", issued="Дата присвоения", issuer="Аттестационная комиссия",
        specialty="Специальность", specialty_hint=_AS_PRINTED, expires="Действует до", facts=({
            "name": "category", "label": "Категория", "kind": "select", "required": True,
            "options": [{"value": "", "label": "Выберите"}, *({"value": each.value, "label": word} for each, word in CATEGORIES.items())],
        },),
    ),
    DocumentKind.COURSE: _Fields(
        number="Номер удостоверения", issuer="Учебное заведение", specialty="Тема программы", specialty_hint=_AS_PRINTED, facts=(_HOURS,),
    ),
    DocumentKind.EVENT: _Fields(
        number="Номер подтверждения", number_hint="Индивидуальный код из свидетельства НМО", series="", issuer="Организатор",
        specialty="Название мероприятия", specialty_hint=_AS_PRINTED, facts=(_HOURS,),
    ),
    DocumentKind.LICENCE: _Fields(
        number="Номер лицензии", number_hint="Например: Л041-01137-77/00584930", series="", issued="Дата предоставления",
        issuer="Лицензирующий орган", expires="Действует до",
    ),
    DocumentKind.EMPLOYMENT: _Fields(
        number="Номер документа", series="", issuer="Организация", specialty="Должность", specialty_hint="Как в трудовом договоре",
        expires="Действует до", facts=({"name": "rate", "label": "Ставка", "hint": "Часть полной ставки: 1 или, например, 0,5", "required": False},),
    ),
    DocumentKind.SENIORITY: _Fields(
        number="Номер справки", series="", issuer="Кем выдана", issued="Дата выдачи", facts=(
            {"name": "years", "label": "Стаж, полных лет", "required": True}, {"name": "months", "label": "и месяцев", "required": False},
        ),
    ),
    DocumentKind.MEDICAL_BOOK: _Fields(
        number="Номер книжки", series="", issued="Дата последнего медосмотра", issuer="Где пройден медосмотр", expires="Следующий медосмотр до",
    ),
    DocumentKind.OTHER: _Fields(number="Номер документа", expires="Действует до"),
}  # fmt: skip


def paper_form(kind: Value, *, query: Text, back: str) -> rx.Component:
    """The form for a paper of `kind`. `query` (`kind=…&id=…`) keeps the drafts of different papers apart; `back` is where one returns.

    The page's own address says which paper is corrected: the source reads it from there.
    """
    cases = [(each.value, _form(fields, query, back)) for each, fields in _KINDS.items()]
    return rx.fragment(rx.match(kind, *cases, rx.fragment()))


def _form(fields: _Fields, query: Text, back: str) -> rx.Component:
    return rx.el.div(
        secure_form(
            uploader(
                rules=browser_rules(), field="file_id", label="Выбрать файл",
                hint="Скан или фотография документа целиком: PDF, JPEG, PNG или HEIC, до 10\u00a0МБ.",
            ),
            suggestions(source="/auth/form/paper-read", watch="file_id"),
            *_what_is_on_it(fields),
            row(submit_button(label="Сохранить", busy_label="Сохраняем…"), button("Отмена", kind="plain", href=back), gap=3),
            action=f"{ACTION}?back={back.strip('/')}&{query}", source=SOURCE, label="Документ",
        ),
        class_name="paper-form", key=query,
    )  # fmt: skip


def _what_is_on_it(fields: _Fields) -> list[rx.Component]:
    number = field(name="number", label=fields.number, hint=fields.number_hint, required=True, autocomplete="off")
    issued = field(name="issued_on", label=fields.issued, kind="date", required=True, autocomplete="off")
    series = [field(name="series", label=fields.series, required=False, autocomplete="off")] if fields.series else []
    expires = (
        [field(name="expires_on", label=fields.expires, kind="date", required=False, autocomplete="off")]
        if fields.expires
        else []
    )
    specialty = (
        [field(name="specialty", label=fields.specialty, hint=fields.specialty_hint, required=True)]
        if fields.specialty
        else []
    )
    return [
        columns(*series, number, at_least=200),
        columns(issued, *expires, at_least=200),
        *specialty,
        *(
            [columns(*(field(autocomplete="off", **fact) for fact in fields.facts), at_least=200)]
            if fields.facts
            else []
        ),
        field(name="issuer", label=fields.issuer, required=False, autocomplete="off"),
    ]


def files_note() -> rx.Component:
    """What the intake looks at, said before it refuses."""
    return stack(
        rx.el.p(
            "Положите документ на ровный тёмный стол у окна и снимите сверху, чтобы в кадр попали все четыре угла.",
            class_name="note",
        ),
        gap=1,
    )
