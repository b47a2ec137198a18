"""What the local API answers from: the node once it is open, the network, and at most one person.

Things become available one after the other while a daemon starts; who asks for one
waits for it, within a limit, and ``status`` never waits.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import trio

from formats.errors import HoldfastError, LivesElsewhere, NotSignedIn, TimedOut
from frontends.api.watching import Watchers
from frontends.place import Place

if TYPE_CHECKING:  # these take a while to import; the socket is answered before
    from client.archive.exporting import Export
    from client.drive.drive import Drive
    from client.search.search import Search
    from client.session import Session
    from frontends.api.proving import Waiting
    from frontends.web.content import Given
    from frontends.web.web import Web
    from node.build import Node
    from node.near.neighbours import Neighbours
    from node.reach.reaching import Reaching
    from protocols.services import Network

T = TypeVar("T")

OPENING_TIME: Final = 60.0
"""Seconds that a request waits for the store to open (which repairs what a crash left)."""

CONNECTING_TIME: Final = 30.0
"""Seconds that a request waits for libp2p."""

KEPT: Final = 10
"""Errors, and news, that are shown."""


class Phase(StrEnum):
    """How far the daemon is."""

    OPENING = "opening"
    CONNECTING = "connecting"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Noted:
    """An error worth showing again. ``time`` in milliseconds since 1970."""

    time: int
    error: HoldfastError


class Bell:
    """Rung by some, waited for by one; what is rung while nobody waits is not forgotten."""

    def __init__(self) -> None:
        self._rung = trio.Event()

    def ring(self) -> None:
        """Whoever waits goes on, now or when they come."""
        self._rung.set()

    async def wait(self) -> None:
        """Until it was rung since the last time."""
        await self._rung.wait()
        self._rung = trio.Event()


class Heard:
    """Names of contacts who have something new, until somebody looks at it."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._bell: Final = Bell()

    def of(self, name: str) -> None:
        """They have something new."""
        self._names[name] = None
        self._bell.ring()

    async def wait(self) -> list[str]:
        """The names of those who have, as soon as there are any."""
        while not self._names:
            await self._bell.wait()
        return list(self._names)

    def looked(self, name: str) -> None:
        """What they have was looked at."""
        self._names.pop(name, None)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, their drive, its index, and the scope of what goes on for them.

    ``taken_back`` is rung when access changed and the rest can follow; ``elsewhere`` when a home
    said that somebody moved; ``renamed`` when this machine calls itself something else. ``heard``:
    whose posts and shares are to be looked at; ``watchers`` are told what is new of them.
    ``shown``: what the page was given addresses of.
    """

    session: "Session"
    drive: "Drive"
    search: "Search"
    presence: trio.CancelScope
    taken_back: Bell = field(default_factory=Bell)
    heard: Heard = field(default_factory=Heard)
    elsewhere: Bell = field(default_factory=Bell)
    renamed: Bell = field(default_factory=Bell)
    watchers: Watchers = field(default_factory=Watchers)
    shown: "dict[bytes, Given]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """Something a person should know of. ``time`` in milliseconds since 1970."""

    time: int
    said: str


class Coming(Generic[T]):
    """Something that will be there soon. ``what``: words for it; ``within``: seconds to wait."""

    def __init__(self, what: str, within: float) -> None:
        self._what: Final = what
        self._within: Final = within
        self._came: Final = trio.Event()
        self._thing: T | None = None

    @property
    def now(self) -> T | None:
        """The thing, if it is there."""
        return self._thing

    def come(self, thing: T) -> None:
        """It is there from now on."""
        self._thing = thing
        self._came.set()

    async def wait(self) -> T:
        """The thing; raises TimedOut."""
        with trio.move_on_after(self._within):
            await self._came.wait()
        if self._thing is None:
            raise TimedOut(f"{self._what} is still being started")
        return self._thing


class State:
    """One daemon. ``headless``: it serves a node and no person (``holdfast serve``)."""

    def __init__(self, place: Place, headless: bool) -> None:
        self.place: Final = place
        self.headless: Final = headless
        self.started: Final = _now()
        self.node: Final[Coming[Node]] = Coming("the node's store", OPENING_TIME)
        self.dialer: Final[Coming[Network]] = Coming("the network", CONNECTING_TIME)
        self.listening: Final[Coming[tuple[str, ...]]] = Coming("the network", CONNECTING_TIME)
        """The addresses that libp2p listens on."""
        self.reach: Final[Coming[Reaching]] = Coming("the network", CONNECTING_TIME)
        """How this node can be reached."""
        self.near: Final[Coming[Neighbours]] = Coming("the network", CONNECTING_TIME)
        """Who else is on the local network."""
        self.moved: Final = Bell()
        """Rung when this node's addresses have changed."""
        self.web: Final[Coming[Web]] = Coming("the page", OPENING_TIME)
        """The owner's page; it never comes where it is turned off."""
        self.tasks: Final[Coming[trio.Nursery]] = Coming("the daemon", OPENING_TIME)
        """Where what goes on between requests runs."""
        self.errors: Final[deque[Noted]] = deque(maxlen=KEPT)
        self.news: Final[deque[News]] = deque(maxlen=KEPT)
        self.watcher: Callable[[str], None] = _nobody
        """Told of news as they come."""
        self.renew: Callable[[], Awaitable[None]] = _not_yet
        """Reads the settings again, once there is a node."""
        self.signing: Final = trio.Lock()
        """Held while somebody signs up, in or out."""
        self._signed_in: Person | None = None
        self._switched = trio.Event()
        self.watchers: Final = Watchers()
        """Told of news, whoever is signed in."""
        self.people: Final[dict[bytes, Person]] = {}
        """Everybody who is signed in here, by id."""
        self.ended: NotSignedIn | None = None
        """Why the last of them was signed out, if it was not their own doing."""
        self.busy = 0
        """Calls of theirs that are under way."""
        self.used = 0.0
        """When the last of them ended."""
        self.exports: Final[dict[str, Export]] = {}
        """Accounts that are to be poured, by a word that is given out."""
        self.waiting: Final[dict[str, Waiting]] = {}
        """Attempts that wait for a second factor, by a word that is given out."""

    @property
    def phase(self) -> Phase:
        """How far it is."""
        if self.node.now is None:
            return Phase.OPENING
        return Phase.CONNECTING if self.listening.now is None else Phase.RUNNING

    @property
    def signed_in(self) -> "Person | None":
        """Whose account calls are about now."""
        return self._signed_in

    @signed_in.setter
    def signed_in(self, person: "Person | None") -> None:
        self._signed_in = person
        self._switched.set()
        self._switched = trio.Event()

    async def another(self, person: "Person | None") -> None:
        """Until calls are about somebody else than this one."""
        while self._signed_in is person:
            await self._switched.wait()

    @property
    def person(self) -> "Person":
        """The person who is signed in; raises NotSignedIn."""
        if self.signed_in is None:
            if self.ended is not None:
                raise NotSignedIn(self.ended.message, hint=self.ended.advice)
            others = sorted(person.session.name for person in self.people.values())
            hint = f"'holdfast accounts switch {others[0]}', or log in" if others else None
            raise NotSignedIn("nobody is signed in here", hint=hint)
        return self.signed_in

    @property
    def session(self) -> "Session":
        """Their keys and home; raises NotSignedIn."""
        return self.person.session

    @property
    def drive(self) -> "Drive":
        """Their files; raises NotSignedIn."""
        return self.person.drive

    @property
    def search(self) -> "Search":
        """The index of their files, and of what is shared with them; raises NotSignedIn."""
        return self.person.search

    def note_news(self, said: str) -> None:
        """Keep what the inbox brought, for ``holdfast status``, and tell whoever watches."""
        news = News(_now(), said)
        self.news.append(news)
        self.watcher(said)
        self.watchers.tell("news", {"time": news.time, "said": said})

    def note_error(self, error: HoldfastError) -> None:
        """Keep an error for ``holdfast status``, if it is not the caller's own mistake.

        That somebody moved is looked into by those who are signed in.
        """
        if isinstance(error, LivesElsewhere):
            for person in self.people.values():
                person.elsewhere.ring()
        if error.http_status >= 500:
            self.note(error)

    def note(self, error: HoldfastError) -> None:
        """Keep an error for ``holdfast status``, whosever mistake it is."""
        self.errors.append(Noted(_now(), error))


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _not_yet() -> None:
    await trio.lowlevel.checkpoint()


def _nobody(_said: str) -> None:
    """For when nobody watches."""
