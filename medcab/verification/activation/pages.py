"""«Врачебный кабинет»: documents → code → check → activated."""

import reflex as rx

from medcab.accounts.frame.state import Frame
from medcab.documents.components import files_note, paper_form
from medcab.ui.forms import (
    action_button,
    code_field,
    data_text,
    data_when,
    field,
    resend_button,
    secure_form,
    submit_button,
)
from medcab.ui.icons import icon, illustration
from medcab.ui.layout import Value, button, columns, page, page_header, row, section, stack
from medcab.ui.parts import relative_time
from medcab.ui.states import loaded, skeleton_rows
from medcab.ui.status import badge_of, callout, callout_of
from medcab.ui.stepper import stepper
from medcab.verification.activation.components import help_section
from medcab.verification.activation.state import PATH, ActivationState
from medcab.verification.history.components import history_of
from medcab.verification.watch.components import changes_table

S = ActivationState
_ICONS = (("done", "circle-check"), ("act", "circle-alert"), ("soon", "circle-dot"), ("info", "loader-circle"))


def activation_page() -> rx.Component:
    """`/activation`."""
    steps = rx.match(
        S.step, ("documents", _documents()), ("code", _code()), ("check", _check()), ("done", _done()), skeleton_rows(6)
    )
    return page(
        page_header(
            "Врачебный кабинет", crumbs=[("Мои сервисы", "/services")], badge=rx.cond(S.word != "", badge_of(S.tone, S.word)),
            lead=rx.cond(
                S.step == "done", "Статус подтверждён федеральным регистром медицинских работников.",
                "Сверим ваши данные с федеральным регистром медицинских работников и откроем рабочие разделы.",
            ),
        ),
        rx.cond(S.steps, stepper(S.steps, label="Шаги активации")),
        loaded(S.is_hydrated, rx.fragment(rx.match(S.edit, ("identity", _identity()), ("details", _details()), ("paper", _paper()), steps))),
    )  # fmt: skip


def _send(label: str) -> rx.Component:
    """The one way on: confirms by SMS first, unless that was done a moment ago."""
    return action_button(
        action="/api/verification/code/begin", source="/auth/form/session", label=label, kind="primary", symbol="send"
    )


def _documents() -> rx.Component:
    ready = rx.cond(
        S.has_unsent,
        _send("Отправить на проверку"),
        button("Посмотреть проверку", kind="primary", href=f"{PATH}?step=check"),
    )
    lacks = callout("После этого здесь появится кнопка «Отправить на проверку».", "info", title=S.lacks)
    return stack(
        section(rx.el.ol(rx.foreach(S.rows, _row), class_name="dossier"), title="Что нужно для активации", flush=True,
                note="Введённое сохраняется сразу: можно прерваться и вернуться."),
        rx.cond(S.lacks != "", lacks, row(ready)),
        help_section(), gap=5,
    )  # fmt: skip


def _row(entry: Value) -> rx.Component:
    way = rx.cond(
        entry["href"] != "",
        button(entry["label"], kind="quiet", href=entry["href"], aria_label=entry["label"] + ": " + entry["title"]),
    )
    return rx.el.li(
        rx.el.span(rx.match(entry["tone"], *[(tone, icon(name)) for tone, name in _ICONS], icon("circle")), class_name="dossier-mark"),
        rx.el.div(
            rx.el.div(rx.el.h3(entry["title"]), rx.el.span(entry["word"], class_name="dossier-word"), class_name="dossier-head"),
            rx.cond(entry["given"] != "", rx.el.p(entry["given"], class_name="dossier-given")),
            rx.el.ul(rx.foreach(entry["papers"], _paper_line), class_name="dossier-papers"),
            rx.el.ul(rx.foreach(entry["missing"], lambda text: rx.el.li(text, key=text)), class_name="dossier-missing"),
            class_name="dossier-words",
        ),
        rx.el.div(way, rx.foreach(entry["new"], _new_paper), class_name="dossier-ways"),
        key=entry["title"], custom_attrs={"data-tone": entry["tone"]},
    )  # fmt: skip


def _paper_line(paper: Value) -> rx.Component:
    return rx.el.li(rx.link(paper["text"], href=paper["href"]), key=paper["id"])


def _new_paper(kind: Value) -> rx.Component:
    return rx.el.div(button(kind["label"], kind="quiet", symbol="plus", href=kind["href"]), key=kind["href"])


def _identity() -> rx.Component:
    form = secure_form(
        field(name="family_name", label="Фамилия", check=True, required=True, autocomplete="family-name"),
        columns(
            field(name="given_name", label="Имя", check=True, required=True, autocomplete="given-name"),
            field(name="patronymic", label="Отчество", hint="Если есть", check=True, required=False, autocomplete="additional-name"), at_least=220,
        ),
        field(name="birth_date", label="Дата рождения", kind="date", check=True, required=True, autocomplete="bday"),
        columns(
            field(name="snils", label="СНИЛС", kind="snils", check=True, required=True, autocomplete="off"),
            field(name="inn", label="ИНН", kind="inn", hint="Личный, 12 цифр", check=True, required=True, autocomplete="off"), at_least=220,
        ),
        _save(), action="/api/verification/identity", source="/auth/form/identity", label="Личные данные",
    )  # fmt: skip
    active = rx.cond(
        S.tone == "done", callout("Пока регистр не подтвердит новые данные, рабочие разделы будут закрыты.", "soon")
    )
    return _form_section(active, form)


def _details() -> rx.Component:
    okpd2 = "Код услуги, например 86.22.11"
    form = secure_form(
        field(name="register_number", label="Номер в регистре медицинских работников", hint="Есть в кадровой службе и в выписке из регистра", required=True),
        columns(
            field(name="organisation", label="Организация", hint="Как в трудовом договоре", required=True, autocomplete="organization"),
            field(name="post", label="Должность", hint="Например: врач-кардиолог", required=True, autocomplete="organization-title"), at_least=240,
        ),
        columns(
            field(name="specialty", label="Специальность", hint="Как в аккредитации или сертификате", required=True),
            field(name="okpd2", label="ОКПД2", hint=okpd2, check=True, required=True), at_least=240,
        ),
        _specialisation(2, "Вторая"),
        data_when(_more_specialisations(is_open=True), path="many", equals="yes"),
        data_when(_more_specialisations(is_open=False), path="many", equals="yes", absent=True),
        _save(), action="/api/verification/details", source="/auth/form/details", label="Регистр, место работы и специальности",
    )  # fmt: skip
    return _form_section(form)


def _specialisation(number: int, ordinal: str) -> rx.Component:
    return columns(
        field(name=f"specialty_{number}", label=f"{ordinal} специальность", required=False),
        field(name=f"okpd2_{number}", label=f"ОКПД2: {ordinal.lower()} специальность", required=False), at_least=240,
    )  # fmt: skip


def _more_specialisations(*, is_open: bool) -> rx.Component:
    """Three more, folded away unless they are filled in."""
    rest = [_specialisation(3, "Третья"), _specialisation(4, "Четвёртая"), _specialisation(5, "Пятая")]
    return rx.el.details(rx.el.summary("Ещё специальности"), stack(*rest, gap=3), open=is_open, class_name="fold")


def _paper() -> rx.Component:
    return _form_section(files_note(), paper_form(S.kind, query=S.query, back=PATH))


def _form_section(*parts: rx.Component) -> rx.Component:
    return stack(section(*parts, title=S.title), help_section(), gap=5)


def _save() -> rx.Component:
    return row(submit_button(label="Сохранить", busy_label="Сохраняем…"), button("Отмена", kind="plain", href=PATH))


def _code() -> rx.Component:
    form = secure_form(
        rx.el.p("Код отправлен на ", data_text(path="sent_to", fallback="ваш телефон"), ". Он действует 5 минут и подтверждает, что данные отправляете вы."),
        code_field(name="code", label="Код из SMS"),
        submit_button(label="Подтвердить и отправить", busy_label="Отправляем…"),
        resend_button(action="/api/verification/code/resend"),
        action="/api/verification/code", source="/auth/form/activation-code", label="Код из SMS",
    )  # fmt: skip
    return stack(section(rx.el.div(form, class_name="narrow"), title="Подтвердите отправку"), help_section(), gap=5)


def _check() -> rx.Component:
    again = action_button(
        action="/api/verification/retry",
        source="/auth/form/session",
        label="Проверить ещё раз",
        kind="plain",
        symbol="refresh-cw",
    )
    on = rx.cond(
        S.lacks != "", button("Дополнить документы", href=f"{PATH}?step=documents"),
        rx.cond(S.has_unsent, _send("Отправить исправленное"), rx.cond(S.may_ask_again, again)),
    )  # fmt: skip
    return stack(
        callout_of(S.told_tone, S.told_text, S.told_title),
        section(rx.el.ul(rx.foreach(S.items, _item), class_name="findings"), title="Что сверяем", flush=True),
        row(on, button("Все документы", kind="plain", href=f"{PATH}?step=documents")),
        _changes(), help_section(), gap=5,
    )  # fmt: skip


def _item(entry: Value) -> rx.Component:
    asked = rx.el.small(relative_time(value=entry["asked"], exact=entry["asked_exact"]), class_name="finding-asked")
    compared = rx.el.dl(
        rx.el.div(rx.el.dt("Вы указали"), rx.el.dd(entry["given"])),
        rx.cond(entry["in_register"] != "", rx.el.div(rx.el.dt("В регистре"), rx.el.dd(entry["in_register"]))),
        class_name="finding-compared",
    )
    word = rx.cond(entry["dispute_word"] != "", "Спорный вопрос", "Оспорить")
    link = rx.link(word, href=entry["dispute"], aria_label=rx.Var.create(word).to(str) + ": " + entry["title"])
    dispute = row(link, rx.cond(entry["dispute_word"] != "", badge_of(entry["dispute_tone"], entry["dispute_word"])))
    todo = rx.el.div(
        rx.el.p(rx.el.strong("Кто исправляет: "), entry["mender"]),
        rx.el.p(rx.el.strong("Что сделать: "), entry["what_to_do"]),
        rx.cond(
            entry["href"] != "",
            row(
                button(
                    "Исправить",
                    kind="quiet",
                    symbol="pencil",
                    href=entry["href"],
                    aria_label="Исправить: " + entry["title"],
                )
            ),
        ),
        class_name="finding-todo",
    )
    return rx.el.li(
        rx.el.div(rx.el.h3(entry["title"]), badge_of(entry["tone"], entry["word"]), rx.cond(entry["asked"] != "", asked), class_name="dossier-head"),
        rx.cond(entry["tone"] != "done", rx.el.p(entry["sentence"]), rx.cond(entry["note"] != "", rx.el.p(entry["note"]))),
        rx.cond(entry["given"] != "", rx.cond(entry["tone"] == "act", compared, rx.el.p(entry["given"], class_name="dossier-given"))),
        rx.cond(entry["what_to_do"] != "", todo),
        history_of(entry["key"], entry["title"], rx.cond(entry["dispute"] != "", dispute)),
        key=entry["key"], custom_attrs={"data-tone": entry["tone"], "data-item": entry["key"]},
    )  # fmt: skip


def _done() -> rx.Component:
    def opened(place: Value) -> rx.Component:
        link = rx.link(
            icon(place["icon"]),
            rx.el.span(place["title"]),
            href=place["path"],
            underline="none",
            class_name="opened-link",
        )
        return rx.cond(place["open"] & (place["path"] != "/services"), rx.el.li(link, key=place["path"]))

    words = stack(
        rx.el.h2("Кабинет активирован"),
        rx.el.p("Федеральный регистр подтвердил ваш профессиональный статус."),
        rx.el.p("Специальности: ", rx.foreach(S.specialities, lambda name: rx.el.span(name, key=name, class_name="comma")), "."),
        rx.cond(S.until != "", rx.el.p("Право действует до ", S.until, ".")),
        rx.foreach(S.accepted, lambda text: rx.el.p(text, key=text)), gap=2,
    )  # fmt: skip
    no_clinic = callout(
        "Расписание и пациенты появятся, когда администратор вашей клиники добавит вас в medcab.", "info"
    )
    return stack(
        section(rx.el.div(illustration("done"), words, class_name="activated"), role="status"),
        section(rx.el.ul(rx.foreach(Frame.sections, opened), class_name="opened"), rx.cond(S.has_role, rx.fragment(), no_clinic), title="Теперь открыто"),
        row(button("Мои документы", kind="plain", href="/documents"), button("Ход проверки", kind="plain", href=f"{PATH}?step=check")),
        _changes(), gap=5,
    )  # fmt: skip


def _changes() -> rx.Component:
    table = changes_table(S.changes, with_name=False)
    return rx.cond(
        S.changes, section(table, title="Изменения в регистре", note="Статус сверяется с регистром каждую ночь.")
    )
