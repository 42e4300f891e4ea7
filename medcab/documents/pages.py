"""«Документы»: the list, one paper with its preview and versions, and the form."""

import reflex as rx

from medcab.documents.components import files_note, paper_form
from medcab.documents.kinds.rules import TITLES
from medcab.documents.state import ORDERS, PATH, DocumentsState
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, columns, key_values, page, page_header, row, section, stack, toolbar
from medcab.ui.parts import search_box
from medcab.ui.sheets import Sheets
from medcab.ui.states import empty, loaded, skeleton_rows
from medcab.ui.status import badge_of, callout
from medcab.ui.table import Column, data_table, pager

S = DocumentsState


def documents_page() -> rx.Component:
    """`/documents`."""
    shown = rx.match(S.mode, ("list", _list()), ("one", _one()), ("gone", _gone()), ("form", _form()), _waiting())
    return loaded(S.is_hydrated, rx.fragment(shown), _waiting())


def _waiting() -> rx.Component:
    return page(page_header("Документы"), section(skeleton_rows(5), flush=True))


def _add() -> rx.Component:
    items = [
        rx.menu.item(title, on_click=rx.redirect(f"{PATH}?edit=paper&kind={kind.value}"))
        for kind, title in TITLES.items()
    ]
    trigger = rx.button(icon("plus"), "Добавить документ", size="3", class_name="button")
    return rx.menu.root(rx.menu.trigger(trigger), rx.menu.content(*items, size="2"))


def _list() -> rx.Component:
    none = empty(
        "Документов пока нет",
        "Добавьте диплом, аккредитацию и лицензию: они нужны для активации кабинета.",
        picture="documents",
    )
    nothing = empty("Ничего не нашли", "Измените запрос или выберите другой вид документа.", picture="search",
                    action=button("Показать все", kind="plain", href=PATH))  # fmt: skip
    found = rx.fragment(
        _table(),
        rx.cond(
            S.pages > 1,
            pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1)),
        ),
    )
    listed = stack(
        toolbar(_facet("Вид документа", S.kinds, S.kind, "kind"), _facet("Срок", S.states, S.state, "state"),
                _facet("Специальность или тема", S.specialties, S.specialty, "specialty"), _facet("Кем выдан", S.issuers, S.issuer, "issuer"),
                choice("Порядок", list(ORDERS.items()), value=S.order, on_change=lambda value: S.choose("order", value)),
                search=search_box(value=S.query, label="Поиск по документам", on_search=S.search)),
        section(rx.cond(S.rows, found, nothing), flush=True), gap=4,
    )  # fmt: skip
    return page(
        page_header("Документы", lead="Дипломы, аккредитации и лицензии: что действует, до какого дня и кем выдано.", primary=_add()),
        rx.cond(S.total > 0, listed, section(none)),
    )  # fmt: skip


def _facet(label: str, options: Value, value: Value, name: str) -> rx.Component:
    """A filter; where all papers are alike in it there is nothing to choose."""
    drawn = choice(label, options, value=value, on_change=lambda chosen: S.choose(name, chosen))
    return rx.cond((options.length() > 2) | (value != ""), drawn)  # noqa: PLR2004 - «Все» and one more


def _table() -> rx.Component:
    files = lambda paper: rx.cond(  # noqa: E731 - a cell
        paper["file_id"] != "", _download(paper, "Скачать"), rx.el.small("файла нет", class_name="note")
    )
    table = [
        Column("Документ", _named, head=True),
        Column("Серия и номер", lambda paper: paper["number"]),
        Column(
            "О чём",
            lambda paper: rx.el.span(
                rx.cond(paper["specialty"] != "", paper["specialty"], "—"),
                rx.cond(paper["facts"] != "", rx.el.small(paper["facts"], class_name="under")),
            ),
        ),
        Column(
            "Выдан",
            lambda paper: rx.el.span(
                paper["issued"], rx.cond(paper["issuer"] != "", rx.el.small(paper["issuer"], class_name="under"))
            ),
        ),
        Column(
            "Срок",
            lambda paper: rx.el.span(
                badge_of(paper["tone"], paper["word"]),
                rx.cond(paper["ends"] != "", rx.el.small("до ", paper["ends"], class_name="under")),
            ),
        ),
        Column("Файл", files, act=True),
    ]
    return data_table(table, S.rows, caption="Ваши документы, новые сверху", key=lambda paper: paper["id"])


def _named(paper: Value) -> rx.Component:
    before = rx.el.small(rx.link(paper["before"], href=paper["href"]), class_name="under")
    return rx.el.span(rx.link(paper["title"], href=paper["href"]), rx.cond(paper["before"] != "", before))


def _download(paper: Value, word: str) -> rx.Component:
    spoken = rx.el.span(": ", paper["title"], " ", paper["number"], class_name="visually-hidden")
    link = rx.el.a(
        icon("download"),
        word,
        spoken,
        href="/api/files/" + paper["file_id"],
        custom_attrs={"download": True, "reloadDocument": True},
    )
    return rx.button(link, as_child=True, size="2", variant="surface", color_scheme="gray", class_name="button")


def _one() -> rx.Component:
    paper: Value = S.shown
    ask = confirm(
        button("Убрать", kind="danger", symbol="trash-2"), title="Убрать документ?", action="Убрать документ",
        text="Он исчезнет из списка и не попадёт в следующую проверку. Подтверждённое раньше не изменится.",
        on_confirm=S.remove(paper["id"]),
    )  # fmt: skip
    facts = key_values(
        ("Серия и номер", paper["number"]), ("Специальность", rx.cond(paper["specialty"] != "", paper["specialty"], "не указана")),
        ("Выдан", paper["issued"]), ("Кем", rx.cond(paper["issuer"] != "", paper["issuer"], "не указано")),
        ("Действует до", rx.cond(paper["ends"] != "", paper["ends"], "без срока")), ("Добавлен", paper["added"]),
        ("Часы, категория, ставка или стаж", rx.cond(paper["facts"] != "", paper["facts"], "нет")),
    )  # fmt: skip
    head = page_header(
        paper["title"], crumbs=[("Документы", PATH)], badge=badge_of(paper["tone"], paper["word"]),
        primary=button("Исправить", symbol="pencil", href=paper["edit"]), others=[
            rx.cond(paper["renew"] != "", button("Продлить", kind="plain", symbol="refresh-cw", href=paper["renew"])),
            rx.cond(S.newer == "", ask),
        ],
    )  # fmt: skip
    told = stack(section(facts, title="Что указано"), _renewed(), _versions(), _seen_by(), gap=5)
    return page(
        head,
        rx.cond(
            S.newer != "", callout(rx.el.p("Этот документ продлён. ", rx.link("Открыть новый", href=S.newer)), "quiet")
        ),
        columns(_preview(), told, at_least=340),
    )


def _preview() -> rx.Component:
    paper: Value = S.shown
    file = stack(
        Sheets.create(
            source="/api/files/" + paper["file_id"].to(str) + "/preview",
            name=paper["title"],
            page=S.sheet,
            pages=paper["sheets"],
            on_turn=S.turn_sheet,
        ),
        rx.cond(
            paper["warnings"], callout(rx.foreach(paper["warnings"], lambda text: rx.el.p(text, key=text)), "soon")
        ),
        row(_download(paper, "Скачать файл"), rx.el.small(paper["file_name"], class_name="note")),
    )
    none = empty(
        "Файла нет", "Добавьте скан или фотографию: без неё документ не отправить на проверку.", picture="documents"
    )
    return section(rx.cond(paper["file_id"] != "", file, none), title="Файл")


def _renewed() -> rx.Component:
    def one(paper: Value) -> rx.Component:
        words = rx.el.div(
            rx.link(paper["number"], href=paper["href"]),
            rx.el.small("выдан ", paper["issued"], rx.cond(paper["ends"] != "", " до " + paper["ends"].to(str), ""), class_name="under"),
        )  # fmt: skip
        return rx.el.li(words, key=paper["id"], class_name="version")

    listed = section(
        rx.el.ul(rx.foreach(S.renewed, one), class_name="versions"), title="Прежние документы", note="Их продлил этот.",
    )  # fmt: skip
    return rx.cond(S.renewed, listed)


def _versions() -> rx.Component:
    def version(paper: Value) -> rx.Component:
        words = rx.el.div(rx.el.strong(paper["number"]), rx.el.small("добавлен ", paper["added"], class_name="under"))
        return rx.el.li(
            words, rx.cond(paper["file_id"] != "", _download(paper, "Скачать")), key=paper["id"], class_name="version"
        )

    listed = section(
        rx.el.ul(rx.foreach(S.versions, version), class_name="versions"),
        title="Прежние версии",
        note="Исправление не стирает то, что было.",
    )
    return rx.cond(S.versions, listed)


def _seen_by() -> rx.Component:
    """Who opened the file: for its owner only."""
    listed = rx.foreach(S.seen_by, lambda each: key_values((each[0], each[1])))
    return rx.cond(S.seen_by, section(listed, title="Кто открывал файл", note="Последние 50 раз, вместе с вами."))


def _gone() -> rx.Component:
    back = button("К документам", kind="plain", href=PATH)
    return page(
        page_header("Документ", crumbs=[("Документы", PATH)]),
        section(
            empty(
                "Документ не найден",
                "Возможно, его убрали или исправили: тогда в списке есть новая версия.",
                picture="search",
                action=back,
            )
        ),
    )


def _form() -> rx.Component:
    return page(
        page_header(
            S.title,
            crumbs=[("Документы", PATH)],
            lead="Перепишите данные с документа и приложите его скан или фотографию.",
        ),
        section(files_note(), paper_form(S.edit_kind, query=S.edit_query, back=PATH)),
    )
