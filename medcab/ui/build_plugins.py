"""What is done to the front end while it is built."""

import re
from pathlib import Path
from typing import Any

import reflex as rx

_BAKED = re.compile(r"[`\"'](ws|http)://localhost:8000(/[^`\"']*)?[`\"']")


class SameOriginPlugin(rx.plugins.Plugin):
    """Make the bundle talk to the origin it was served from, whatever the host and port.

    Reflex bakes `api_url` into one chunk; without this a bundle built once could be served on one port only.
    """

    def post_build(self, **context: Any) -> None:
        """Rewrite the baked addresses, before the files are compressed; fail if there were none."""
        chunks = list(Path(context["static_dir"]).rglob("assets/reflex-env-*.js"))
        rewritten = [same_origin(chunk.read_text(encoding="utf-8")) for chunk in chunks]
        if not any(count for _, count in rewritten):
            message = "the bundle names no address of the server: has the build's env chunk moved?"
            raise RuntimeError(message)
        for chunk, (text, _) in zip(chunks, rewritten, strict=True):
            chunk.write_text(text, encoding="utf-8")


def same_origin(script: str) -> tuple[str, int]:
    """Replace string literals with the baked address by expressions over `location`; return also how many."""

    def expression(match: re.Match[str]) -> str:
        scheme, path = match[1], match[2] or ""
        origin = '(globalThis.location?.origin??"http://localhost")'
        return f'({origin}{".replace(/^http/,`ws`)" if scheme == "ws" else ""}+"{path}")'

    return _BAKED.subn(expression, script)
