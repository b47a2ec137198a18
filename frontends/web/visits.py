"""Who has entered: a link that is good once becomes a cookie and a key, both of which a call needs.

The link's token is behind ``#``, so no browser sends it anywhere by itself: not with HEAD, not
when a page is fetched ahead, not in a referrer; the page hands it in. The cookie cannot be
read by scripts, but a browser sends it to every port of its host. The key is kept by the
page, where only pages of the same port can read it, but is sent by no browser by itself. Who
gets hold of one has nothing.

All of it is in memory: a restart ends every visit. A port is free between two runs of the
daemon, and whoever took it then could have been sent the cookie and been given the key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from crypto.secret import random_secret, same
from formats.errors import Expired
from formats.paper import to_letters

LINK_TIME: Final = 10 * 60.0
"""Seconds for which a link is good."""

IDLE_TIME: Final = 12 * 3600.0
"""Seconds after its last call when a visit ends."""

MAX_LINKS: Final = 16
MAX_VISITS: Final = 64
"""The oldest makes way."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(slots=True)
class Visit:
    """One browser that has entered. The secrets themselves are not kept, only their hashes."""

    cookie: bytes
    key: bytes
    used: float


@dataclass(frozen=True, slots=True)
class Entered:
    """What a visitor is given, once."""

    cookie: str
    key: str


class Visits:
    """Links that are out, and who came by one. ``now``: seconds of a clock that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now: Final = now
        self._links: dict[bytes, float] = {}
        self._open: list[Visit] = []
        self.on_end: Callable[[Visit], None] = _nobody
        """Told of a visit that is over."""

    def link(self) -> str:
        """A token that is good once, soon."""
        token = secret_text()
        self._links[sha256(token.encode())] = self._now() + LINK_TIME
        while len(self._links) > MAX_LINKS:
            del self._links[next(iter(self._links))]
        return token

    def enter(self, token: str) -> Entered:
        """Use a link; raises Expired for one that is used up, too old or none."""
        given = sha256(token.encode("utf-8", "replace"))
        found = [each for each in self._links if same(each, given)]
        until = self._links.pop(found[0]) if found else 0.0
        if not found or self._now() > until:
            raise Expired("this link was used before, or is too old", hint=AGAIN)
        entered = Entered(secret_text(), secret_text())
        hashes = sha256(entered.cookie.encode()), sha256(entered.key.encode())
        self._open.append(Visit(*hashes, self._now()))
        while len(self._open) > MAX_VISITS:
            self.leave(min(self._open, key=lambda each: each.used))
        return entered

    def find(self, cookie: str, key: str) -> Visit:
        """The visit that these two are of; raises Expired."""
        given = sha256(_worn(cookie)), sha256(_worn(key))
        found = None
        for each in list(self._open):
            fits = same(each.cookie, given[0]) & same(each.key, given[1])
            if self._now() > each.used + IDLE_TIME:
                self.leave(each)
            elif fits:
                found = each
        if found is None:
            raise Expired("you have not entered here, or your visit is over", hint=AGAIN)
        found.used = self._now()
        return found

    def goes_on(self, visit: Visit) -> bool:
        """Whether a visit is not over; it is used by that."""
        if not any(each is visit for each in self._open):
            return False
        if self._now() > visit.used + IDLE_TIME:
            self.leave(visit)
            return False
        visit.used = self._now()
        return True

    def leave(self, visit: Visit) -> None:
        """End a visit, and what hangs on it."""
        self._open = [each for each in self._open if each is not visit]
        self.on_end(visit)


AGAIN: Final = "'holdfast web' prints a fresh link to your page"


def _nobody(_visit: Visit) -> None:
    """For when nobody has to be told."""


def secret_text() -> str:
    """32 random bytes as 43 characters."""
    return to_letters(random_secret().reveal())


def _worn(text: str) -> bytes:
    """What was shown, or what fits nothing."""
    return text.encode() if _TOKEN.fullmatch(text) else b""
