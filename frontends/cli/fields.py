"""Reading what the daemon answered: a JSON object whose fields have the kinds they should have.

A field of another kind means that daemon and command line are of two
versions, and is said as such instead of as a traceback.
"""

from collections.abc import Mapping
from typing import Final

from formats.errors import ProtocolViolation

_NONE: Final[Mapping[str, object]] = {}


class Fields:
    """One JSON object of the daemon's."""

    __slots__ = ("values",)

    def __init__(self, values: object) -> None:
        if not isinstance(values, Mapping):
            raise _foreign("an object")
        self.values: Mapping[str, object] = values

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text; empty when it is not there."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _foreign(name)
        return value

    def number(self, name: str) -> int:
        """A whole number; 0 when it is not there."""
        value = self.values.get(name)
        if value is None:
            return 0
        if isinstance(value, float):
            return int(value)
        if not isinstance(value, int):
            raise _foreign(name)
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when it is not there."""
        return self.values.get(name) is True

    def inner(self, name: str) -> "Fields":
        """An object; an empty one when it is not there."""
        value = self.values.get(name)
        return Fields(_NONE if value is None else value)

    def objects(self, name: str) -> list["Fields"]:
        """A list of objects; empty when it is not there."""
        return [Fields(value) for value in self._list(name)]

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty when it is not there."""
        return [str(value) for value in self._list(name)]

    def numbers(self, name: str) -> list[int]:
        """A list of whole numbers."""
        found = self._list(name)
        whole = [each for each in found if isinstance(each, int) and not isinstance(each, bool)]
        if len(whole) != len(found):
            raise _foreign(name)
        return whole

    def _list(self, name: str) -> list[object]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise _foreign(name)
        return value


def _foreign(name: str) -> ProtocolViolation:
    return ProtocolViolation(
        f"the daemon's answer is of another version than this command (at {name})",
        hint="stop the daemon and run 'holdfast up' again",
    )
