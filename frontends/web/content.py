"""Addresses of what people keep: given out to the page, unguessable, good as long as the visit.

A picture, a film or a frame of the page is asked for by an address, which cannot have a key
in a header. It says nothing of what is behind it: no name, no path. It stays at one state of one
file. The person who was signed in holds it, so it goes when they sign out or lock; and with the
visit it was made in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.drive import Drive
from client.drive.reader import FileReader
from crypto.hashing import sha256
from formats.errors import NotFound
from frontends.api.state import Person, State
from frontends.web.account import Account
from frontends.web.visits import AGAIN, Visit, Visits, secret_text

MAX_ADDRESSES: Final = 512
"""Addresses that one person has given out; the one that was longest not asked for makes way."""


@dataclass(frozen=True, slots=True)
class File:
    """One file, as it was when its address was made. ``type``: what its writer said it is."""

    name: str
    type: str
    reader: FileReader


@dataclass(frozen=True, slots=True)
class Pack:
    """Files and folders, to be sent as one zip."""

    name: str
    drive: Drive
    paths: Sequence[str]


@dataclass(frozen=True, slots=True)
class Given:
    """What an address stands for. ``save``: to be stored by the browser, not shown."""

    visit: Visit
    what: File | Pack | Account
    save: bool


class Addresses:
    """Those that were given out, in the hands of who is signed in."""

    def __init__(self, state: State, visits: Visits) -> None:
        self._state: Final = state
        self._visits: Final = visits
        visits.on_end = self._forget

    def give(self, person: Person, given: Given) -> str:
        """A new address, without its origin."""
        token = secret_text()
        person.shown[_hash(token)] = given
        while len(person.shown) > MAX_ADDRESSES:
            del person.shown[next(iter(person.shown))]
        return f"/{token}"

    def find(self, target: str) -> Given:
        """What is at an address; raises NotFound."""
        key = _hash(target.removeprefix("/"))
        for person in self._state.people.values():
            given = person.shown.pop(key, None)
            if given is not None and self._visits.goes_on(given.visit):
                person.shown[key] = given  # the newest now
                return given
        raise NotFound("there is nothing here, or not any more", hint=AGAIN)

    def _forget(self, visit: Visit) -> None:
        for person in self._state.people.values():
            for key in [key for key, given in person.shown.items() if given.visit is visit]:
                del person.shown[key]


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace"))
