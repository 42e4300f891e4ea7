"""What a file is by its first bytes. Names and declared types are not asked: they are whatever the sender
wrote.

Only four kinds are let through, and each is then decoded in full; the rest is here to give a person a better
sentence than "unknown type".
"""

from medcab.documents.rules import FileKind

HEAD = 1024  # bytes that `kind_of` and `refusal_of` want

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_FOREIGN = (
    ("type_office", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),
    ("type_archive", (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")),
    ("type_image", (b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")),
)
_OFFICE_PARTS = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")
_WEB_STARTS = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body")


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file that begins so, or None. The signature must stand at the very first byte."""
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    return None


def refusal_of(head: bytes) -> str:
    """The code of the refusal that tells a person best what they picked instead."""
    if head.startswith(b"PK\x03\x04") and any(part in head for part in _OFFICE_PARTS):
        return "type_office"
    for code, starts in _FOREIGN:
        if head.startswith(starts):
            return code
    if head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}:
        return "type_image"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "type_web" if text.startswith(_WEB_STARTS) else "type_unknown"
