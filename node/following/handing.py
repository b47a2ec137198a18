"""Whoever hands over an account: its home over a door, or its owner with what they brought."""

from typing import Protocol

from protocols import replicas as r


class Hands(Protocol):
    """What is asked of them. Nothing of it is believed but for signatures and hashes."""

    async def line(self, request: r.AskLine) -> r.Line: ...
    async def fetch(self, request: r.Fetch) -> r.Fetched: ...
