"""Three people, three daemons: posts, comments, reactions and notifications, and what comes in."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontends.cli.fields import Fields
from tests.daemons.processes import Home, card_of, finish, read_line, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home, Home]]:
    """Alice, whom bob and carol know and follow; they do not know each other."""
    folder: Path = tmp_path_factory.mktemp("people")
    alice, bob, carol = (Home(folder / name) for name in ("alice", "bob", "carol"))
    with alice.daemon(), bob.daemon(), carol.daemon():
        alice.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        befriend(alice, bob, "bob")
        befriend(alice, carol, "carol")
        yield alice, bob, carol


def befriend(alice: Home, other: Home, name: str) -> None:
    """Somebody signs up, and they follow each other."""
    other.run("signup", name, "--password-stdin", stdin=PASSWORD).ok()
    other.run("follow", card_of(alice)).ok()
    assert soon(lambda: name in alice.run("requests").ok().out)
    alice.run("accept", name, "--back").ok()
    assert soon(lambda: "each other" in other.run("contacts").ok().out)


def told(home: Home, kind: str, *words: str) -> list[Fields]:
    """What a command tells of one kind."""
    events = home.run(*words, "--json").ok().events
    return [Fields(event[kind]) for event in events if kind in event]


def post(home: Home, text: str, *to: str) -> str:
    """The id of a new post."""
    (done,) = told(home, "done", "post", "new", text, "--to", *to)
    return done.text("id")


def test_what_a_friend_posts_comes_by_itself(people: tuple[Home, Home, Home]) -> None:
    """An open session is told; nobody asks."""
    alice, bob, _ = people
    process = subprocess.Popen(
        bob.words("feed", "--watch", "--json"),
        env=bob.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert json.loads(read_line(process)) == {"watching": {}}
        id = post(alice, "by itself", "bob")
        item = json.loads(read_line(process))["item"]
        assert (item["id"], item["who"], item["text"], item["new"]) == (
            id,
            "alice",
            "by itself",
            True,
        )
    finally:
        process.terminate()
        finish(process)


def test_a_comment_goes_from_friend_to_friends_friend(people: tuple[Home, Home, Home]) -> None:
    alice, bob, carol = people
    id = post(alice, "to everybody", "all-contacts")
    assert soon(lambda: "to everybody" in bob.run("feed").ok().out)
    said = bob.run("comment", "add", id, "from bob").ok().out
    assert "all see it whom the post of alice is for" in said
    bob.run("react", id[:8], "yes").ok()
    assert soon(lambda: "from bob" in alice.run("notifications").ok().out)
    assert soon(lambda: "from bob" in carol.run("post", "show", id).ok().out)
    shown = carol.run("post", "show", id, "--of", "alice", "--json").ok().events
    kinds = [next(iter(event)) for event in shown]
    assert kinds == ["post", "comment", "reaction", "done"]
    (comment,) = [Fields(event["comment"]) for event in shown if "comment" in event]
    assert "bob" in comment.text("who")
    assert comment.text("who") != "bob"  # to carol he is a stranger: she sees his handle
    id_of_it = comment.text("id")
    carol.run("comment", "add", id, "to bob", "--under", id_of_it).ok()
    assert soon(lambda: "to bob" in bob.run("post", "show", id).ok().out)
    bob.run("comment", "edit", id, id_of_it[:8], "from bob, again").ok()
    assert soon(lambda: "from bob, again" in carol.run("post", "show", id).ok().out)
    alice.run("comment", "delete", id, id_of_it).ok()
    assert soon(lambda: "from bob, again" not in carol.run("post", "show", id).ok().out)
    assert "yes 1" in carol.run("feed").ok().out
    assert alice.run("notifications", "--seen").ok().out
    assert "(new)" not in alice.run("notifications").ok().out


def test_a_post_is_changed_hidden_and_deleted(
    people: tuple[Home, Home, Home], tmp_path: Path
) -> None:
    alice, bob, _ = people
    file = tmp_path / "lake.jpg"
    file.write_bytes(b"lake" * 1000)
    words = ("post", "new", "-", "--to", "bob", "--with", str(file))
    id = alice.run(*words, stdin="the lake\n").ok().out.split()[1]
    assert soon(lambda: "lake.jpg" in bob.run("feed").ok().out)
    (item,) = [each for each in told(bob, "item", "feed") if each.text("id").startswith(id)]
    (medium,) = item.objects("media")
    bob.run("get", medium.text("path"), str(tmp_path / "got.jpg")).ok()
    assert (tmp_path / "got.jpg").read_bytes() == b"lake" * 1000
    alice.run("post", "edit", id, "the sea").ok()
    assert soon(lambda: "the sea" in bob.run("post", "show", id).ok().out)
    assert "the lake" in bob.run("post", "show", id).ok().out
    bob.run("feed", "--hide", id).ok()
    assert "the sea" not in bob.run("feed").ok().out
    assert "the sea" in bob.run("feed", "--hidden").ok().out
    bob.run("feed", "--unhide", id).ok()
    bob.run("feed", "--seen").ok()
    assert "(new)" not in bob.run("feed").ok().out
    alice.run("post", "delete", id).ok()
    assert soon(lambda: "the sea" not in bob.run("feed").ok().out)
    assert alice.run("post", "show", id).code != 0


def test_pages_and_mistakes(people: tuple[Home, Home, Home]) -> None:
    alice, bob, _ = people
    for n in range(3):
        post(alice, f"page {n}", "bob")
    assert soon(lambda: "page 2" in bob.run("feed", "--from", "alice").ok().out)
    words = ("feed", "--count", "2", "--from", "alice")
    first = [each.text("id") for each in told(bob, "item", *words)]
    (done,) = told(bob, "done", *words)
    after = ("feed", "--count", "200", "--before", done.text("after"))
    rest = [each.text("id") for each in told(bob, "item", *after)]
    assert len({*first, *rest}) == len(first) + len(rest)
    assert len(first) == 2
    assert bob.run("post", "show", "xyz").code == 2
    assert bob.run("post", "show", "ffffffff").code != 0
    assert bob.run("react", "ffffffff").code == 2
    assert bob.run("post", "new", "x", "--to", "nobody-here").code != 0
    assert bob.run("feed", "--before", "here").code == 2
    assert alice.run("notifications", "--before", "x").code == 2


def test_text_does_not_move_the_cursor(people: tuple[Home, Home, Home]) -> None:
    """Neither on a terminal nor through a pipe; and it cannot be posted with our client."""
    alice, bob, _ = people
    assert alice.run("post", "new", "a\x1b[2Jb", "--to", "bob").code != 0
    turned = "a\u202eb\u2066c"
    id = post(alice, turned, "bob")
    assert soon(lambda: id[:8] in bob.run("feed").ok().out)
    assert "\u202e" not in bob.run("feed").ok().out
    assert "\\u202e" in bob.run("post", "show", id).ok().out
