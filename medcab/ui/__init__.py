"""The kit of the pages: no domain words, only how things look and behave. Import from the modules:

theme       TONES, Tone ("done" green | "soon" amber | "act" red | "info" blue | "quiet" grey), theme_plugin
appearance  app_options() for rx.App, not_found_page(), broken_page()
icons       icon(name), illustration(name), emblem()
layout      page, page_header, section, columns, stack, row, key_values, toolbar, choice, figure, button
status      badge, badge_of, callout, callout_of
states      empty, failed, no_rights, skeleton_rows, skeleton_block, loaded
stepper     stepper, Step
table       data_table, Column, pager
dialog      confirm
parts       relative_time, theme_switch, notice_board, search_box, view_switch, copy_button, print_button
chart       chart_card (its own module: Plotly lands only where it is used)
forms       secure_form, field, password_field, code_field, resend_button, action_button, submit_button, data_text …

A page in short:

    page(
        page_header("Пациенты", lead="318 человек", primary=button("Добавить", symbol="plus", on_click=S.add)),
        toolbar(search=search_box(value=S.query, label="Поиск", on_search=S.search)),
        loaded(S.is_hydrated, rx.cond(S.rows, data_table(…), empty("Никого не нашли", picture="search"))),
    )

A form that must not pass through Reflex state (sign-in, codes, passwords) is a `secure_form`: it talks to plain HTTP.
"""
