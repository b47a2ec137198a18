"""Text that people carry from one machine to another: cards, invites and kits share this shape.

    prefix ":" base64url without padding of (canonical DAG-CBOR | first 4 bytes of its SHA-256)

It survives line breaks (white space is taken out) and tells when it was cut or
altered. The checksum is against accidents; whoever can change the text can change it too.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final, TypeVar

from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import BadCard, BadInvite, BadKit, Malformed, UnknownVersion
from formats.fields import Fields

T = TypeVar("T")

MAX_TEXT: Final = 64 * 1024
"""Most characters that are looked at."""

CHECK_SIZE: Final = 4

Refusal = type[BadCard] | type[BadInvite] | type[BadKit]
"""What is raised for a text that is none of its kind."""

_SHAPE: Final = re.compile(r"holdfast-([a-z]+)([0-9]+):([A-Za-z0-9_-]*)")


def write(kind: str, value: Value) -> str:
    """The text of a value; ``kind`` is ``card``, ``invite`` or ``kit``."""
    data = encode(value)
    return f"holdfast-{kind}1:{to_letters(data + sha256(data)[:CHECK_SIZE])}"


def read(kind: str, text: str, refusal: Refusal, take: Callable[[Fields], T]) -> T:
    """What ``take`` makes of the fields in a text, version checked and with none left over.

    Raises ``refusal``, also for what ``take`` finds malformed, or UnknownVersion.
    """
    if len(text) > MAX_TEXT:
        raise refusal(f"this is too long for a {kind}")
    shape = _SHAPE.fullmatch("".join(text.split()))
    if shape is None:
        raise refusal(
            f"this is no {kind}: it does not begin with 'holdfast-{kind}1:', or has a "
            "character that does not belong in it"
        )
    if shape[1] != kind:
        raise refusal(f"this is no {kind}, it is another kind of Holdfast text")
    if shape[2] != "1":
        raise UnknownVersion(f"{kind}: written by a version of Holdfast this one does not know")
    data = _checked(kind, shape[3], refusal)
    try:
        return _taken(Fields(decode(data), kind), take)
    except Malformed as error:
        raise refusal(f"this {kind} makes no sense: {error}") from None


def _taken(fields: Fields, take: Callable[[Fields], T]) -> T:
    fields.version()
    found = take(fields)
    fields.done()
    return found


def _checked(kind: str, letters: str, refusal: Refusal) -> bytes:
    altered = refusal(f"this {kind} was cut short or altered on its way")
    try:
        data = from_letters(letters)
    except Malformed:
        raise altered from None
    content, check = data[:-CHECK_SIZE], data[-CHECK_SIZE:]
    if sha256(content)[:CHECK_SIZE] != check or to_letters(data) != letters:
        raise altered
    return content


def to_letters(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_letters(text: str) -> bytes:
    """Bytes from base64url without padding; raises Malformed."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Malformed("that is not base64url") from None
