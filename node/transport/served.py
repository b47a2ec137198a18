"""How busy a connection is, and whether it has proven to act for somebody here."""

from typing import Final

import trio

from node.caller import Caller


class Served:
    """How busy one connection is, for whoever decides which to keep."""

    def __init__(self, site: str = "") -> None:
        self.site: Final = site
        self.caller: Caller | None = None
        self.busy = 0
        self.reads = 0
        self.last = trio.current_time()

    def began(self) -> None:
        """A request is being answered."""
        self.busy += 1

    def done(self) -> None:
        """It was."""
        self.busy -= 1
        self.last = trio.current_time()

    def idle(self, now: float) -> float:
        """Seconds since the last answer; 0 while one is being made."""
        return 0.0 if self.busy else now - self.last


def knows(caller: Caller) -> bool:
    """Whether the connection has proven to act for somebody with an account or a space here."""
    return bool(caller.members or caller.owners or caller.sign_ins or caller.follows)
