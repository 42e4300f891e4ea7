"""«Видеозвонок»."""

import reflex as rx

from medcab.proofs.video.components import Styled, video_call
from medcab.proofs.video.state import VideoState as S
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, columns, page, page_header, row, section, stack
from medcab.ui.states import empty, loaded
from medcab.ui.status import badge, callout

_CRUMBS = [("Профиль", "/profile"), ("Подтверждение личности", "/identity")]
_PREPARE = (
    "Паспорт: откройте разворот с фотографией.", "СНИЛС: оператор попросит назвать номер.",
    "Свет должен падать на лицо, а не светить из-за спины.", "Отвечать нужно самому: попросите всех выйти.",
)  # fmt: skip


def video_page() -> rx.Component:
    """`/identity/video`."""
    word = rx.fragment(
        rx.match(
            S.mode,
            ("booked", badge("назначен", "info", "calendar-clock")),
            ("running", badge("идёт", "info", "phone")),
            rx.fragment(),
        )
    )
    lead = "Оператор увидит вас и ваш паспорт. Разговор не записывается: сохраняется один кадр, в зашифрованном виде и на время."
    shown = rx.fragment(rx.match(S.mode, ("choose", _choose()), ("proved", _proved()), _call()))
    return page(
        page_header("Видеозвонок", lead=lead, crumbs=_CRUMBS, badge=word),
        Styled.create(loaded(S.ready, shown)),
    )


def _choose() -> rx.Component:
    def day(each: Value) -> rx.Component:
        return rx.el.li(_choice(each["label"], each["is_shown"], S.show_day(each["day"])), key=each["day"])

    def time(each: Value) -> rx.Component:
        return rx.el.li(_choice(each["label"], each["is_chosen"], S.choose(each["at"])), key=each["at"])

    nothing = empty(
        "Свободного времени нет",
        "Загляните позже: часы операторов открываются на две недели вперёд.",
        picture="calendar",
    )
    times = stack(
        rx.el.h3("День"), rx.el.ul(rx.foreach(S.days, day), class_name="call-days", aria_label="День"),
        rx.el.h3("Время, по Москве"), rx.el.ul(rx.foreach(S.times, time), class_name="call-times", aria_label="Время"),
        rx.cond(
            S.chosen != "",
            row(button("Записаться на " + S.chosen, symbol="calendar-plus", on_click=S.book)),
            rx.el.p("Выберите время: звонок длится до 15 минут.", class_name="note"),
        ),
    )  # fmt: skip
    return columns(section(rx.cond(S.days, times, nothing), title="Когда позвонить"), _prepare(), at_least=340)


def _choice(label: Value, is_on: Value, act: Value) -> rx.Component:
    pressed = {"aria-pressed": rx.cond(is_on, "true", "false")}
    return button(label, kind="plain", size="2", on_click=act, custom_attrs=pressed)


def _prepare() -> rx.Component:
    return section(rx.el.ul(*[rx.el.li(text) for text in _PREPARE], class_name="rows"), title="Что приготовить")


def _call() -> rx.Component:
    call = video_call(
        is_caller=False, is_running=(S.mode == "running") & S.has_come, has_come=S.has_come, opens_in=S.opens_in, call=S.call, remote=S.offer,
        relays=S.relays, on_come=S.come, on_say=S.say,
    )  # fmt: skip
    elsewhere = rx.cond(
        S.is_elsewhere, callout("Вы подключились в другой вкладке или на другом устройстве. Чтобы говорить здесь, включите камеру.", "info", live=True)
    )  # fmt: skip
    code = section(
        rx.el.p("Прочитайте эти цифры вслух, когда оператор попросит:"),
        rx.el.p(rx.el.strong(S.word), class_name="call-word"),
        title="Цифры для звонка",
    )
    off = confirm(
        button("Отменить звонок", kind="danger", symbol="calendar-x"), title="Отменить звонок?", action="Отменить звонок", on_confirm=S.cancel,
        text="Время достанется другим. Записаться можно будет снова.",
    )  # fmt: skip
    when = section(rx.el.p(rx.el.strong(S.when), ", по Москве"), rx.cond(S.mode == "booked", off), title="Когда")
    return columns(
        section(elsewhere, call, title="Камера и микрофон"),
        stack(when, rx.cond(S.mode == "running", code), _prepare()),
        at_least=340,
    )


def _proved() -> rx.Component:
    back = button("К подтверждению личности", kind="plain", href="/identity")
    return section(empty("Личность подтверждена", "Звонок больше не нужен.", picture="done", action=back))
