"""A port of the router's that is mapped to ours, and what it takes to give it back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

LIFE: Final = 3600
"""Seconds for which a mapping is asked for; it is renewed after half of them."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A router's word that it lets calls in, believed as far as others can call there."""

    by: str
    """How it was asked: "NAT-PMP" or "UPnP"."""
    address: str
    """Where it lets calls in, as a multiaddress."""
    outside: int
    """The TCP port of that."""
    seconds: int
    """How long it lasts."""
    give_back: Callable[[], Awaitable[None]]
    """Ask the router to end it. Raises nothing: a router that does not answer is left alone."""
