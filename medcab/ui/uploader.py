"""Uploading over plain HTTP: files are chosen, dropped or photographed, judged, and sent one after another.

The protocol, for whoever writes the routes:

GET source   -> {"csrf": "…"}
POST action  multipart/form-data, header X-CSRF-Token: `fields` as given, `straighten=no` when photographs are to stay as they
             were taken, then the file in the part `name`, or several photographs that become the pages of one document
             2xx {"id": "…", "warnings": [sentence | {"sentence", "how"}], "straightened": bool, "again": sentence}
             `again`: the same file was here already, and `id` is that one's
             4xx {"errors": {"file": sentence}, "message": sentence}; the sentence is shown at the file
             (403 is tried once more with a new token; 429 and 5xx offer «Повторить»)

A photograph is measured on the person's own device with the bounds in `rules`, so that a blurred one costs no
traffic; the server measures it again. A lost connection keeps the file and sends it when the network is back.
"""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from medcab.ui import forms  # noqa: F401 - its form_core.jsx is what uploader.jsx speaks to
from medcab.ui.sources import beside

_UPLOADER = beside(__name__, "uploader.jsx")
for _part in ("upload_request.js", "upload_items.jsx", "photo_quality.js", "photo_samples.jsx"):
    beside(__name__, _part)  # the uploader imports them

ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/jpeg,image/png,image/heic,image/heif"


class Uploader(rx.Component):
    """The uploader as React sees it; make it by `uploader`."""

    library = _UPLOADER
    tag = "Uploader"
    action: rx.Var[str]
    source: rx.Var[str]
    name: rx.Var[str]
    label: rx.Var[str]
    hint: rx.Var[str]
    accept: rx.Var[str]
    fields: rx.Var[dict[str, str]]
    rules: rx.Var[dict[str, Any]]
    field: rx.Var[str]
    on_done: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def uploader(
    *,
    rules: Mapping[str, object],
    on_done: rx.event.EventType[str] | None = None,
    field: str = "",
    action: str = "/api/files",
    source: str = "/api/files/form",
    name: str = "file",
    label: str = "Выбрать файл",
    hint: str = "PDF, JPEG, PNG или HEIC, до 10\u00a0МБ.",
    accept: str = ACCEPT,
    fields: Mapping[str, str] | rx.Var[dict[str, str]] | None = None,
) -> rx.Component:
    """Offer to upload files; `on_done` gets the id of each that was taken.

    Inside a `secure_form`, `field` names the value that takes the id of the newest; the file it holds is shown by its
    preview (`<action>/<id>/preview`), so that a wrong sheet is seen before the form is sent.

    `rules` is `documents.rules.browser_rules()`: passed in, because this floor knows no documents. `fields`
    travel with each file.
    """
    told: dict[str, Any] = {"on_done": on_done} if on_done is not None else {}
    return Uploader.create(
        rules=dict(rules),
        field=field,
        **told,
        action=action,
        source=source,
        name=name,
        label=label,
        hint=hint,
        accept=accept,
        fields=fields if isinstance(fields, rx.Var) else dict(fields or {}),
    )
