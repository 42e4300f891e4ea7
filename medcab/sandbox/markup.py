"""HTML written as Python calls: whatever is not `Html` is escaped."""

import re
from html import escape

_VOID = frozenset({"input", "link", "meta", "br"})
_LINK_OR_CODE = re.compile(r"https?://[^\s<>\"']+|\b\d{6}\b")


class Html(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


def el(tag: str, *children: str | None, **attributes: str | bool | None) -> Html:
    """`el("a", "Письма", href="/mail", class_="on")`. None and False leave an attribute or a child out."""
    words = [tag]
    for name, value in attributes.items():
        key = name.rstrip("_").replace("_", "-")
        if value is True:
            words.append(key)
        elif value is not None and value is not False:
            words.append(f'{key}="{escape(value)}"')
    opening = f"<{' '.join(words)}>"
    return Html(opening if tag in _VOID else f"{opening}{join(*children)}</{tag}>")


def join(*children: str | None) -> Html:
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children if child is not None))


def message_text(text: str) -> Html:
    """A message as people want it: links can be followed, codes of six digits stand out."""
    parts, end = [], 0
    for found in _LINK_OR_CODE.finditer(text):
        parts.append(text[end : found.start()])
        word = found.group()
        is_link = word.startswith("http")
        parts.append(el("a", word, href=word, rel="noreferrer", target="_blank") if is_link else el("mark", word))
        end = found.end()
    return join(*parts, text[end:])
