"""What kind of content a file has: guessed from its first bytes and its name, when it is put.

A guess helps people to find and programs to show; nothing relies on it. Bytes that say
plainly what they are win over the name, for names lie more often. Where they only say
which box it is (a zip, some text), the name says what is in the box, if it fits. What is
neither known nor text has no type.
"""

from typing import Final

HEAD: Final = 512
"""First bytes that are looked at."""

PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Types of which thumbnails are made; no other file has one."""

_ZIP: Final = "application/zip"
_XML: Final = "text/xml"
_OLE: Final = "application/x-ole-storage"
_TEXT: Final = "text/plain"

_BEGINS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"{\\rtf", "application/rtf"),
    (b"<?xml", _XML),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = {
    b"heic": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
"""Of files in boxes as MP4 has them; all others are films."""

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_OPEN: Final = "application/vnd.oasis.opendocument"
_INSIDE: Final[dict[str, dict[str, str]]] = {
    _ZIP: {
        "docx": f"{_OFFICE}.wordprocessingml.document",
        "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
        "pptx": f"{_OFFICE}.presentationml.presentation",
        "odt": f"{_OPEN}.text",
        "ods": f"{_OPEN}.spreadsheet",
        "odp": f"{_OPEN}.presentation",
        "epub": "application/epub+zip",
        "jar": "application/java-archive",
        "apk": "application/vnd.android.package-archive",
    },
    _OLE: {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "msg": "application/vnd.ms-outlook",
    },
    _XML: {"svg": "image/svg+xml", "html": "text/html", "xhtml": "application/xhtml+xml"},
    "video/x-matroska": {"webm": "video/webm", "mka": "audio/x-matroska"},
    "audio/ogg": {"ogv": "video/ogg", "opus": "audio/ogg"},
    _TEXT: {
        "css": "text/css",
        "csv": "text/csv",
        "eml": "message/rfc822",
        "htm": "text/html",
        "html": "text/html",
        "ics": "text/calendar",
        "js": "text/javascript",
        "json": "application/json",
        "md": "text/markdown",
        "py": "text/x-python",
        "sh": "text/x-shellscript",
        "svg": "image/svg+xml",
        "tex": "text/x-tex",
        "toml": "application/toml",
        "vcf": "text/vcard",
        "xml": _XML,
        "yaml": "application/yaml",
        "yml": "application/yaml",
    },
}
"""What may be in a box, by the ending of the name."""
_USTAR: Final = 257
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))


def guess(name: str, head: bytes) -> str | None:
    """The content type of a file of that name that begins with these bytes; None if unknown."""
    box = _begins(head)
    if box is None and _is_text(head):
        box = _TEXT
    if box is None:
        return None
    return _INSIDE.get(box, {}).get(name.rpartition(".")[2].lower(), box)


def _begins(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[_USTAR : _USTAR + 5] == b"ustar":
        return "application/x-tar"
    return next((kind for start, kind in _BEGINS if head.startswith(start)), None)


def _is_text(head: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters; a letter cut in two is none of it."""
    if not head or head.translate(None, _CONTROL) != head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD and error.start > HEAD - 4
    return True
