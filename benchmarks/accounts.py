"""Accounts: what it takes to make one and to sign in, and the password alone."""

from functools import partial

from benchmarks.drives import at_friends_node, at_own_node
from benchmarks.measuring import Bench
from benchmarks.place import PASSWORD, Place
from benchmarks.sources import must_equal
from client.identity.password import STANDARD
from crypto.passwords import stretch


def password(bench: Bench) -> None:
    """Argon2id as a sign-in does it."""
    parameters = STANDARD.parameters()
    with bench.measuring("anchor/password"):
        key = stretch(PASSWORD, parameters, floor=STANDARD.floor)
    must_equal(key == stretch(PASSWORD, parameters, floor=STANDARD.floor), True, "keys")


def own(bench: Bench) -> None:
    """At the own node."""
    at_own_node(bench, partial(_accounts, "own"))


def friend(bench: Bench) -> None:
    """At a friend's node, over libp2p."""
    at_friends_node(bench, partial(_accounts, "friend"))


async def _accounts(where: str, bench: Bench, place: Place) -> None:
    with bench.measuring(f"{where}/sign-up"):
        first = await place.sign_up("alice")
    await first.aclose()
    with bench.measuring(f"{where}/sign-in"):
        second = await place.sign_in("alice", "another device")
    must_equal(second.id, first.id, "who signed in")
    await second.aclose()
