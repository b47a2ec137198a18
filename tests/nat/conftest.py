"""The laboratory as fixtures; tests that need it are left out where it cannot be had."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.nat.inside import PlacedSocket
from tests.nat.internet import Internet, internet
from tests.nat.lacking import needed
from tests.nat.probes import Probes


@pytest.fixture
def net() -> Iterator[Internet]:
    """A street of its own for one test."""
    needed()
    with internet() as made:
        yield made


@pytest.fixture
def placed(net: Internet, monkeypatch: pytest.MonkeyPatch) -> Internet:
    """The same, and ``inside`` means something."""
    monkeypatch.setattr(socket, "socket", PlacedSocket)
    return net


@pytest.fixture
def probes(net: Internet) -> Iterator[Probes]:
    """Plain sockets on its machines."""
    with ExitStack() as exits:
        yield Probes(exits)
