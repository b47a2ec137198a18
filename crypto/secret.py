"""Bytes that never print themselves, randomness, comparison in constant time."""

import hmac
import os
import secrets
from typing import Final, NoReturn

SECRET_SIZE: Final = 32


class Secret:
    """Some secret bytes. Only `reveal` gives them; printing, formatting and pickling never do.

    Comparison takes the same time wherever the bytes differ (their length is not hidden). Not
    hashable, so it cannot become a dictionary key and leak through a repr of the dictionary.
    Python cannot wipe memory: the bytes live until they are collected.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if not isinstance(value, bytes):
            raise TypeError("a secret is made from bytes")
        self._value: Final = value

    def reveal(self) -> bytes:
        """The bytes themselves. Each call is a place to look at when reviewing."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return same(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<secret, {len(self._value)} bytes>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied; share the object")


def random_bytes(size: int) -> bytes:
    """`size` bytes from the operating system: for nonces, salts and ids, which are not secret."""
    return os.urandom(size)


def random_secret(size: int = SECRET_SIZE) -> Secret:
    """A fresh secret of `size` bytes from the operating system."""
    return Secret(os.urandom(size))


def random_below(limit: int) -> int:
    """A number from 0 to `limit` - 1, each as likely: for choosing words and digits."""
    return secrets.randbelow(limit)


def same(a: bytes, b: bytes) -> bool:
    """Whether two byte strings are equal, in time that depends on their lengths only."""
    return hmac.compare_digest(a, b)
