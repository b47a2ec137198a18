"""Keeping a port of the router's open for calls: by NAT-PMP, and by UPnP if it does not speak that.

What the router says is believed as far as others can call us there (``autonat``),
and no further.
"""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import trio

from node.logs import Log
from node.reach import natpmp, upnp
from node.reach.mapping import Mapping
from node.transport.tasks import patience

AGAIN: Final = 300.0
"""Seconds after which a router that did nothing is asked again."""

GIVE_BACK_SECONDS: Final = 2.0
"""Longest that is waited for the router to end a mapping, also by a node that stops."""

Way = Callable[[str, int], Awaitable[Mapping | None]]
"""Has a router, by its address, map a TCP port."""

WAYS: Final[Sequence[Way]] = (natpmp.mapped, upnp.mapped)

ROUTES: Final = Path("/proc/net/route")
"""Where Linux lists its IPv4 routes."""

_log: Final = Log("gateway")


def default_gateway() -> str | None:
    """The router of this machine (IPv4), None if there is none or the system does not say."""
    try:
        lines = ROUTES.read_text("ascii").splitlines()[1:]
    except OSError:
        return None
    for fields in map(str.split, lines):
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return str(IPv4Address(int(fields[2], 16).to_bytes(4, "little")))
    return None


class Gateway:
    """Keeps a port of the router's mapped to ours. ``changed`` is called when ``address`` has."""

    def __init__(
        self,
        port: Callable[[], int],
        changed: Callable[[], None],
        find: Callable[[], str | None] = default_gateway,
        ways: Sequence[Way] = WAYS,
    ) -> None:
        self.mapping: Mapping | None = None
        """What the router did last; None if nothing."""
        self._port = port
        self._changed = changed
        self._find = find
        self._ways = ways
        self._woken = trio.Event()

    @property
    def address(self) -> str:
        """Where the router lets calls in, as a multiaddress; "" if it does not."""
        return "" if self.mapping is None else self.mapping.address

    def look_again(self) -> None:
        """Ask now: the router may be another one, or have forgotten."""
        self._woken.set()

    async def run(self) -> None:
        """Keep it mapped, until cancelled; then give it back."""
        try:
            while True:
                await self._renew()
                with trio.move_on_after(
                    AGAIN if self.mapping is None else self.mapping.seconds / 2
                ):
                    await self._woken.wait()
        finally:
            if self.mapping is not None:
                with patience(GIVE_BACK_SECONDS):
                    await self.mapping.give_back()

    async def _renew(self) -> None:
        self._woken = trio.Event()
        before, self.mapping = self.mapping, await self._mapped()
        if before is not None and _is_left_over(before, self.mapping):
            with trio.move_on_after(GIVE_BACK_SECONDS):
                await before.give_back()
        if self.address != ("" if before is None else before.address):
            _log.info("mapped" if self.mapping else "not-mapped", by=_by(self.mapping))
            self._changed()

    async def _mapped(self) -> Mapping | None:
        router = self._find()
        if router is None:
            return None
        for way in self._ways:
            found = await way(router, self._port())
            if found is not None:
                return found
        return None


def _is_left_over(before: Mapping, now: Mapping | None) -> bool:
    """Whether the router keeps an older mapping beside the one that it made now."""
    return now is not None and now.by == before.by and now.outside != before.outside


def _by(mapping: Mapping | None) -> str:
    return "none" if mapping is None else mapping.by
