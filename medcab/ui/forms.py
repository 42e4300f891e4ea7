"""Forms that never touch Reflex state: sign-in, codes, passwords, personal numbers.

Reflex state is pickled, may be sent to the browser and lives on the server for a while; a password must not. These
forms talk to plain HTTP routes by fetch (same origin, CSRF header). The protocol, for whoever writes the routes:

GET source   -> {"csrf": "…", "values": {field: text}, "data": {…}}, or {"next": "/where"} to leave at once
POST action  -> 2xx {"next": "/where"} loads that page anew; 2xx {"data": …, "message": …} stays,
                with "cleared": true what was typed is forgotten
                4xx {"errors": {field: sentence}, "message": sentence, "data": {…}}; 429 also {"retry_after": seconds}
POST /auth/check           {"field", "value"} -> {"error": "" | sentence, "formatted": "…"}
POST /auth/password-rules  {"password"}       -> {"rules": [{"code", "sentence", "ok"}]}

`data.resend_in` (seconds) drives the countdown of `resend_button`; `data.options.<field>` fills a select.
"""

from typing import Any, Literal

import reflex as rx

from medcab.ui.sources import beside

_CORE = beside(__name__, "form_core.jsx")
_FIELDS = beside(__name__, "fields.jsx")
_ACTIONS = beside(__name__, "form_actions.jsx")
beside(__name__, "masks.js")  # the fields import it

Kind = Literal["text", "email", "phone", "snils", "inn", "date", "search", "select", "checkbox", "textarea"]


class SecureForm(rx.Component):
    """A form with a CSRF token that keeps what was typed and says what was refused, at the field."""

    library = _CORE
    tag = "SecureForm"
    action: rx.Var[str]
    source: rx.Var[str]
    label: rx.Var[str]


class Field(rx.Component):
    """A labelled field. `check` asks the server while typing; `secret` keeps the value out of the tab's store."""

    library = _FIELDS
    tag = "Field"
    name: rx.Var[str]
    label: rx.Var[str]
    kind: rx.Var[Kind]
    hint: rx.Var[str]
    autocomplete: rx.Var[str]
    check: rx.Var[bool]
    required: rx.Var[bool]
    secret: rx.Var[bool]
    autofocus: rx.Var[bool]
    placeholder: rx.Var[str]
    options: rx.Var[list[dict[str, str]]]


class PasswordField(rx.Component):
    """A password: shown or hidden, Caps Lock told, the rules ticking live when `rules`."""

    library = _FIELDS
    tag = "PasswordField"
    name: rx.Var[str]
    label: rx.Var[str]
    rules: rx.Var[bool]
    hint: rx.Var[str]
    autocomplete: rx.Var[str]
    autofocus: rx.Var[bool]


class CodeField(rx.Component):
    """A one-time code in one input; it sends the form itself at the last digit."""

    library = _FIELDS
    tag = "CodeField"
    name: rx.Var[str]
    label: rx.Var[str]
    digits: rx.Var[int]
    hint: rx.Var[str]


class _Action(rx.Component):
    library = _ACTIONS


class SubmitButton(_Action):
    """Sends the form; shows that it works, or how long to wait."""

    tag = "SubmitButton"
    label: rx.Var[str]
    busy_label: rx.Var[str]


class FormMessage(_Action):
    """The sentence about the whole form, spoken when it changes."""

    tag = "FormMessage"


class ResendButton(_Action):
    """Asks for another code; counts down `data.resend_in` first."""

    tag = "ResendButton"
    action: rx.Var[str]
    label: rx.Var[str]


class ActionButton(_Action):
    """One POST to `action`; asks first when `confirm` says what will happen. Outside a form it needs `source`.

    `echo`: the name of what the form's data says, sent back beside `body`.
    """

    tag = "ActionButton"
    action: rx.Var[str]
    label: rx.Var[str]
    confirm: rx.Var[str]
    confirm_title: rx.Var[str]
    source: rx.Var[str]
    symbol: rx.Var[str]
    kind: rx.Var[Literal["primary", "plain", "quiet", "danger"]]
    body: rx.Var[dict[str, Any]]
    echo: rx.Var[str]


class DataText(_Action):
    """Text at `path` (dotted) of the form's data."""

    tag = "DataText"
    path: rx.Var[str]
    fallback: rx.Var[str]


class DataLink(_Action):
    """A link to the address at `path`: an http one opens in a new tab, a webcal one in the calendar program."""

    tag = "DataLink"
    path: rx.Var[str]
    label: rx.Var[str]


class DataWhen(_Action):
    """Children shown only when the data at `path` is there, equals `equals`, or, with `absent`, is not so."""

    tag = "DataWhen"
    path: rx.Var[str]
    equals: rx.Var[str]
    absent: rx.Var[bool]


class DataQr(_Action):
    """The server's SVG at `path` drawn as an image (the CSP needs `img-src data:`)."""

    tag = "DataQr"
    path: rx.Var[str]
    label: rx.Var[str]


class DataList(_Action):
    """The list of texts at `path`, with buttons to copy and to print it: recovery codes. `long`: addresses, that are only copied."""

    tag = "DataList"
    path: rx.Var[str]
    label: rx.Var[str]
    long: rx.Var[bool]


class DataChoices(_Action):
    """Ready answers at `path`, [{"label", "note", "fill": {field: value}}]: one click fills the fields in."""

    tag = "DataChoices"
    path: rx.Var[str]
    title: rx.Var[str]


class Suggestions(_Action):
    """When the field `watch` (a file) gets a value: GET `source`?watch=…&kind=… -> {"values", "data": {"note"}}.

    Values go into fields that are still empty and are marked there until they are changed; the note is a sentence about the file.
    """

    tag = "Suggestions"
    source: rx.Var[str]
    watch: rx.Var[str]


def secure_form(*children: rx.Component, action: str, source: str, label: str = "") -> rx.Component:
    """Wrap fields and buttons into a form; its message stands above them."""
    return SecureForm.create(FormMessage.create(), *children, action=action, source=source, label=label)


field = Field.create
password_field = PasswordField.create
code_field = CodeField.create
submit_button = SubmitButton.create
resend_button = ResendButton.create
action_button = ActionButton.create
data_text = DataText.create
data_when = DataWhen.create
data_link = DataLink.create
data_qr = DataQr.create
data_list = DataList.create
data_choices = DataChoices.create
suggestions = Suggestions.create
