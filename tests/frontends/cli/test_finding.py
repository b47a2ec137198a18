"""Real daemons with one friend between them: found, followed, signed in to, by DHT alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemons.processes import Home, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@dataclass
class Town:
    alice: Home
    bob: Home
    elsewhere: Home
    alone: Home
    handle: str


def address(home: Home) -> str:
    """Of a running daemon, as it is written under bootstrap."""
    [told] = [each["done"] for each in home.run("status", "--json").ok().events if "done" in each]
    assert isinstance(told, dict)
    node = told["node"]
    return f"{node['addresses'][0]}/p2p/{node['peer']}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Alice, who is published, Bob, a machine without anybody, and one that knows nobody."""
    folder: Path = tmp_path_factory.mktemp("finding")
    friend, alone = Home(folder / "friend"), Home(folder / "alone")
    with ExitStack() as stack:
        stack.enter_context(friend.daemon("serve"))
        more = {"HOLDFAST_NETWORK_BOOTSTRAP": address(friend)}
        alice, bob, elsewhere = (Home(folder / each, more) for each in ("alice", "bob", "else"))
        for home in (alice, bob, elsewhere, alone):
            stack.enter_context(home.daemon())
        alice.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        bob.run("signup", "bob", "--password-stdin", stdin=PASSWORD).ok()
        handle = alice.run("whoami").ok().out.splitlines()[0]
        yield Town(alice, bob, elsewhere, alone, handle)


def test_nobody_is_found_who_did_not_choose_it(town: Town) -> None:
    assert town.alice.run("publish").ok().out.startswith("You are not published")
    lost = town.bob.run("whois", town.handle)
    assert lost.code == 9
    assert "nobody is published as" in lost.err
    assert "publish on" in lost.err


def test_who_is_published_is_found_followed_and_signed_in_to(town: Town) -> None:
    alice, bob = town.alice, town.bob
    assert soon(lambda: "is kept by" in alice.run("publish", "on").ok().out)
    shown = bob.run("whois", town.handle).ok().out.splitlines()
    assert shown[0] == town.handle
    assert shown[-1].startswith("known  published; seen ")
    id = shown[1].removeprefix("id     ")
    assert bob.run("whois", id).ok().out.splitlines()[:4] == shown[:4]

    assert "is asked; you call them 'alice'" in bob.run("follow", town.handle).ok().out
    assert soon(lambda: "bob" in alice.run("requests").ok().out)
    alice.run("accept", "bob", "--back").ok()
    assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)
    assert "known  your contact 'alice'" in bob.run("whois", "alice").ok().out

    alice.run("mkdir", "letters").ok()
    words = ("login", town.handle, "--password-stdin")
    assert town.handle in town.elsewhere.run(*words, stdin=PASSWORD).ok().out
    assert town.elsewhere.run("ls").ok().out == "letters/\n"

    assert "not published" in alice.run("publish", "off").ok().out


def test_who_knows_nobody_is_told_what_to_do(town: Town) -> None:
    for words in (("whois", town.handle), ("login", town.handle, "--password-stdin")):
        failed = town.alone.run(*words, stdin=PASSWORD)
        assert failed.code == 19
        assert "no other node answers" in failed.err
        assert "bootstrap" in failed.err


@pytest.mark.parametrize("who", ["nobody", "alice~k7q2", "12ab", "x" * 64])
def test_what_is_no_handle_is_told(town: Town, who: str) -> None:
    assert town.bob.run("whois", who).code == 2
