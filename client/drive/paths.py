"""Paths as people write them: ``/alice/photos/a.jpg``, or ``photos/a.jpg`` in one's own home.

The first part of a path with a leading slash names a person: oneself, or a
contact, below whom is what they share. ``/`` alone is everybody. There is no
``.`` and no ``..``: nothing here has a working directory.
"""

from dataclasses import dataclass
from typing import Final

from formats.errors import BadName, TooLarge, Unfit
from formats.limits import PATH
from formats.names import normalise_name

_SEPARATOR: Final = "/"


@dataclass(frozen=True, slots=True)
class DrivePath:
    """A person and the names below them. ``person`` is None for ``/``.

    ``must_be_folder``: it was written with a slash at the end. ``alone``: in a drive of one
    file, which people know by the drive's name: what it is called in there is not shown.
    """

    person: str | None
    parts: tuple[str, ...] = ()
    must_be_folder: bool = False
    alone: bool = False

    def __str__(self) -> str:
        shown = self.parts[1:] if self.alone else self.parts
        return "/" if self.person is None else _SEPARATOR.join(("", self.person, *shown))

    @property
    def title(self) -> str:
        """The last part as people see it."""
        return str(self).rpartition(_SEPARATOR)[2]

    @property
    def name(self) -> str:
        """The last part; raises Unfit for a home and for ``/``, which have no name to change."""
        if not self.parts:
            raise Unfit(f"{self} is no file or folder that this can be done to")
        return self.parts[-1]

    @property
    def parent(self) -> "DrivePath":
        """The folder it stands in."""
        if not self.parts:
            raise Unfit(f"{self} is no file or folder that this can be done to")
        return DrivePath(self.person, self.parts[:-1], alone=self.alone)

    def child(self, name: str) -> "DrivePath":
        """What is below it under that name."""
        if self.person is None:
            return DrivePath(name)
        return DrivePath(self.person, (*self.parts, name), alone=self.alone)


def parse_path(text: str, own: str) -> DrivePath:
    """The path that ``text`` means for the person called ``own``; raises BadName, TooLarge."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise BadName("a path is not valid UTF-8") from None
    if size > PATH:
        raise TooLarge(f"a path has {size} bytes, at most {PATH}")
    names = tuple(_name(part, text) for part in text.split(_SEPARATOR) if part)
    ends = text.endswith(_SEPARATOR)
    if not text.startswith(_SEPARATOR):
        return DrivePath(own, names, ends)
    return DrivePath(names[0], names[1:], ends) if names else DrivePath(None)


def _name(part: str, path: str) -> str:
    try:
        return normalise_name(part)
    except BadName as error:
        raise BadName(f"{path!a}: {error.message}") from None
