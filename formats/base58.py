"""Base58, the text form of peer ids: ``12D3KooW...`` (Bitcoin's alphabet, as libp2p uses it)."""

from typing import Final

from formats.errors import Usage

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_TEXT: Final = 128


def base58(data: bytes) -> str:
    """The text of these bytes; each leading zero byte is a ``1``."""
    number = int.from_bytes(data, "big")
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """The bytes of a text; raises Usage."""
    if not text or len(text) > MAX_TEXT or set(text) - set(ALPHABET):
        raise Usage("that is no peer id", hint="they look like 12D3KooW… and are copied whole")
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" * (len(text) - len(text.lstrip("1"))) + body
