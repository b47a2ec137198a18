"""The fields of a profile, and what each may hold: the same rules for mine and for others'.

What another person wrote may be anything: nothing of it is shown that does not keep to these.
"""

from typing import Final
from urllib.parse import urlsplit

from client.drive.types import HEAD, guess
from formats.errors import Malformed, TooLarge, Usage
from formats.limits import KIB

TEXTS: Final = {"name": 128, "text": 4 * KIB, "links": 8 * KIB}
"""Fields of text, and how many bytes of UTF-8 each may have."""
PICTURE: Final = "picture"
MAX_PICTURE: Final = 1024 * KIB
FIELDS: Final = (*TEXTS, PICTURE)
MAX_LINKS: Final = 16
SCHEMES: Final = ("https", "http", "mailto")
_PICTURES: Final = ("image/png", "image/jpeg", "image/webp")


def check_field(field: str) -> str:
    """``field``, if a profile has it; raises Usage."""
    if field not in FIELDS:
        raise Usage(f"a profile has no '{field}'", hint=f"there are: {', '.join(FIELDS)}")
    return field


def size_limit(field: str) -> int:
    """How many bytes a field may have."""
    return MAX_PICTURE if field == PICTURE else TEXTS[field]


def check_text(field: str, value: str) -> str:
    """The value of a field of text, if it is one; raises Malformed, TooLarge."""
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise Malformed(f"profile: '{field}' is not valid UTF-8") from None
    if size > TEXTS[field]:
        raise TooLarge(f"profile: '{field}' has {size} bytes, at most {TEXTS[field]}")
    if any((ord(letter) < 32 and letter != "\n") or 127 <= ord(letter) < 160 for letter in value):
        raise Malformed(f"profile: '{field}' has control characters")
    if field == "name" and "\n" in value:
        raise Malformed("profile: a name is one line")
    return _check_links(value) if field == "links" else value


def check_picture(data: bytes) -> None:
    """Whether it is a picture that may be one of a profile; raises Malformed, TooLarge."""
    if len(data) > MAX_PICTURE:
        raise TooLarge(f"profile: a picture of {len(data)} bytes, at most {MAX_PICTURE}")
    if guess(PICTURE, data[:HEAD]) not in _PICTURES:
        raise Malformed("profile: the picture is neither PNG, JPEG nor WebP")


def _check_links(value: str) -> str:
    links = [line for line in value.split("\n") if line]
    if len(links) > MAX_LINKS:
        raise TooLarge(f"profile: {len(links)} links, at most {MAX_LINKS}")
    for link in links:
        try:
            scheme = urlsplit(link).scheme
        except ValueError:
            scheme = ""
        if scheme not in SCHEMES or " " in link:
            raise Malformed(f"profile: a link begins with {', '.join(SCHEMES)}, one on each line")
    return "\n".join(links)
