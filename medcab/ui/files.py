"""A file that the browser saves."""

import asyncio

import reflex as rx

from medcab.tables.writer import Sheet


async def saved(sheet: Sheet):
    """Put together in a thread: a long table takes a while."""
    content = await asyncio.to_thread(lambda: sheet.content)
    return rx.download(data=content, filename=sheet.name, mime_type=sheet.mime)
