"""Two people, two daemons, libp2p between them: card, follow, accept, contacts."""

import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, finish, read_line, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    """Alice and Bob, each with a node of their own."""
    folder: Path = tmp_path_factory.mktemp("people")
    alice, bob = Home(folder / "alice"), Home(folder / "bob")
    with alice.daemon(), bob.daemon():
        alice.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        bob.run("signup", "bob", "--password-stdin", stdin=PASSWORD).ok()
        yield alice, bob


def test_a_friend_is_made_from_a_card(people: tuple[Home, Home]) -> None:
    alice, bob = people
    asked = bob.run("follow", card_of(alice), "--as", "al").ok()
    assert "you call them 'al'" in asked.out
    assert soon(lambda: "bob" in alice.run("requests").ok().out)
    assert "wants to follow you" in alice.run("status").ok().out
    assert "follows you, and you follow them" in alice.run("accept", "bob", "--back").ok().out
    assert alice.run("requests").ok().out == ""
    assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)
    assert bob.run("contacts").ok().out.startswith("al ")
    (contact,) = [event["contact"] for event in alice.run("contacts", "--json").ok().events[:-1]]
    assert isinstance(contact, dict)
    assert (contact["name"], contact["following"], contact["follower"]) == ("bob", True, True)


def test_news_are_shown_where_the_daemon_runs(people: tuple[Home, Home], tmp_path: Path) -> None:
    """On its terminal, and not in a file that its output goes to."""
    alice, _ = people
    carol = Home(tmp_path / "carol")
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        carol.words("up"),
        env=carol.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    try:
        assert read_line(process)
        carol.run("signup", "carol", "--password-stdin", stdin=PASSWORD).ok()
        alice.run("follow", card_of(carol)).ok()
        shown = b""
        while b"wants to follow you" not in shown:
            shown += os.read(controller, 4096)
        assert b"holdfast accept alice" in shown
    finally:
        process.terminate()
        finish(process)
        os.close(controller)


def test_a_card_can_be_read_from_standard_input(people: tuple[Home, Home]) -> None:
    alice, bob = people
    whole = alice.run("card").ok().out
    assert bob.run("follow", "-", stdin=whole).code == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda card: card[:-5], 31),
        (lambda card: card[:60] + "AAAA" + card[64:], 31),
        (lambda card: card.replace("card1", "card2"), 4),
        (lambda card: "hello", 2),
        (lambda card: "", 2),
    ],
    ids=["truncated", "altered", "another version", "no card", "nothing"],
)
def test_a_bad_card_is_said_to_be_one(
    people: tuple[Home, Home], change: Callable[[str], str], code: int
) -> None:
    alice, bob = people
    ran = bob.run("follow", change(card_of(alice)))
    assert ran.code == code
    assert "Traceback" not in ran.err


def test_ones_own_card_is_no_friend(people: tuple[Home, Home]) -> None:
    alice, _ = people
    assert alice.run("follow", card_of(alice)).code == 37


def test_somebody_who_did_not_ask_cannot_be_answered(people: tuple[Home, Home]) -> None:
    alice, _ = people
    for words in (["accept", "mallory"], ["decline", "mallory"]):
        ran = alice.run(*words)
        assert ran.code == 9
        assert "holdfast requests" in ran.err


def test_a_card_can_be_drawn(people: tuple[Home, Home]) -> None:
    alice, _ = people
    lines = alice.run("card", "--qr").ok().out.splitlines()
    drawn = [line for line in lines if line and set(line) <= set("█▀▄ ")]
    assert len(drawn) > 20
    assert len({len(line) for line in drawn}) == 1
    assert lines[-1].startswith("holdfast-card1:")


def test_a_friend_whose_home_is_down_is_said_to_be(
    people: tuple[Home, Home], tmp_path: Path
) -> None:
    alice, _ = people
    gone = Home(tmp_path / "gone")
    with gone.daemon():
        gone.run("signup", "gone", "--password-stdin", stdin=PASSWORD).ok()
        card = card_of(gone)
    assert alice.run("follow", card).code == 19
