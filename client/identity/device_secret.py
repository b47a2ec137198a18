"""The device secret: what one's machines have besides the password one knows.

16 random bytes that no home ever has. They are mixed into all keys that the password gives,
so a stolen copy of the home's database cannot be attacked by guessing passwords: each guess
would need all of 2^128 secrets. A second machine gets them as 11 words, from a machine that
has them or from paper. Who has lost them everywhere cannot sign in with the password.
"""

from dataclasses import dataclass
from typing import Final

from client.words.written import from_words, to_words
from crypto.passwords import device_key
from crypto.secret import Secret, random_secret

SIZE: Final = 16
"""Bytes."""


@dataclass(frozen=True, slots=True)
class DeviceSecret:
    """One account's."""

    code: Secret

    @classmethod
    def generate(cls) -> "DeviceSecret":
        """A new one."""
        return cls(random_secret(SIZE))

    @classmethod
    def read(cls, text: str) -> "DeviceSecret":
        """From the words that somebody typed; raises Usage."""
        return cls(Secret(from_words(text, SIZE)))

    @property
    def words(self) -> str:
        """As it is written down: 11 words."""
        return to_words(self.code.reveal())

    @property
    def key(self) -> Secret:
        """What is mixed into the password's keys: 32 bytes."""
        return device_key(self.code)
