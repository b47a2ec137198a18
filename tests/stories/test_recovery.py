"""Alice loses home, machine and password between real daemons: words and a replica are left."""

import re
from pathlib import Path
from shutil import rmtree

import pytest

from formats.kit import KitText, find_kit
from tests.daemons.processes import Home, card_of, soon
from tests.stories.drill import Drill
from tests.stories.test_replicas import BIG, PASSWORD, has_all, signed_up

KEEPERS = ("bob", "carol", "dave")
FRESH = "quite another battery of horses\n"


def befriended(alice: Home, bob: Home) -> None:
    """Each sees what the other shares."""
    bob.run("follow", card_of(alice)).ok()
    assert soon(lambda: "bob" in alice.run("requests").ok().out)
    alice.run("accept", "bob", "--back").ok()
    assert soon(lambda: bob.run("ls", "/alice").code == 0)
    assert soon(lambda: alice.run("ls", "/bob").code == 0)


def kit_words(page: Path) -> str:
    """The words on a page, as somebody types them who reads it."""
    return " ".join(re.findall(r"<li>([a-z-]+)</li>", page.read_text()))


def reads(home: Home, path: str, content: str) -> bool:
    done = home.run("cat", path)
    return done.code == 0 and done.out == content


def chain_of(home: Home, *who: str) -> list[object]:
    done = home.run("--json", "identity", "history", *who).ok().events[-1]["done"]
    return list(done["records"])  # type: ignore[index]


@pytest.mark.slow
def test_words_and_a_replica_bring_everything_back(tmp_path: Path) -> None:
    keeper, bob = Home(tmp_path / "keeper"), Home(tmp_path / "bob")
    lost, alice = Home(tmp_path / "lost"), Home(tmp_path / "alice")
    page = tmp_path / "kit.html"
    docs, note = tmp_path / "docs", tmp_path / "note.txt"
    docs.mkdir()
    (docs / "small.txt").write_text("hello")
    (docs / "big.bin").write_bytes(BIG)
    note.write_text("from bob")
    with keeper.daemon("serve"), bob.daemon():
        signed_up(bob, "bob")
        with lost.daemon():  # home and device in one
            signed_up(lost, "alice")
            befriended(lost, bob)
            lost.run("put", str(docs)).ok()
            lost.run("share", "docs", "bob").ok()
            lost.run("mkdir", "ours").ok()
            lost.run("share", "ours", "bob", "--write").ok()
            bob.run("mkdir", "hers").ok()
            bob.run("put", str(note), "hers/").ok()
            bob.run("share", "hers", "alice").ok()
            allowed = keeper.run("node", "replicas", "allow", "--ceiling", "1GiB").ok()
            lost.run("replicas", "add", allowed.out.splitlines()[-1]).ok()
            made = lost.run(
                "recovery", "kit", "--to", str(page), "--password-stdin", stdin=PASSWORD
            ).ok()
            assert page.stat().st_mode & 0o777 == 0o600
            assert soon(lambda: reads(lost, "/bob/hers/note.txt", "from bob"))
            assert soon(lambda: bob.run("ls", "/alice/ours").code == 0)
            assert soon(lambda: has_all(lost))
            assert "print it" in made.out
            words = kit_words(page)
            split = ("recovery", "split", "--any", "2", "--to", str(tmp_path / "shares"))
            lost.run(*split, "bob", "carol", "dave", "--words-stdin", stdin=f"{words}\n").ok()
        rmtree(tmp_path / "lost")
        with alice.daemon():
            kit = ("--kit", str(page), "--password-stdin")
            tried = alice.run("recovery", "rehearse", *kit, stdin="").ok()
            assert "Nothing was changed" in tried.out
            assert alice.run("whoami").code != 0
            pasted = alice.run("recovery", "rehearse", "--kit", find_kit(page.read_text()))
            assert (pasted.code, "names a file" in pasted.err) == (2, True)
            wrong = alice.run("recovery", "restore", *kit, stdin="short\n")
            assert wrong.code == 2
            shared = (
                "--kit",
                str(tmp_path / "shares" / "bob.html"),
                "--shares",
                "--password-stdin",
            )
            bobs, _, daves = (kit_words(tmp_path / "shares" / f"{who}.html") for who in KEEPERS)
            few = alice.run("recovery", "rehearse", *shared, stdin=f"{bobs}\n\n")
            assert (few.code, "2 are needed" in few.err) == (39, True)
            alice.run("recovery", "rehearse", *shared, stdin=f"{daves}\n{bobs}\n\n").ok()
            both = f"{bobs}\n{daves}\n\n{FRESH}"
            done = alice.run("recovery", "restore", *shared, stdin=both).ok()
            assert "You are alice~" in done.out
            assert "keys are renewed" in done.out
            alice.run("get", "docs/big.bin", str(tmp_path / "mine.bin")).ok()
            assert (tmp_path / "mine.bin").read_bytes() == BIG
            assert soon(lambda: reads(alice, "/bob/hers/note.txt", "from bob"))
            alice.run("put", str(note), "docs/new.txt").ok()
            assert soon(lambda: reads(bob, "/alice/docs/new.txt", "from bob"))
            assert soon(lambda: bob.run("put", str(note), "/alice/ours/").code == 0)
            assert soon(lambda: reads(alice, "ours/note.txt", "from bob"))
            assert len(chain_of(bob, "alice")) == len(chain_of(alice)) == 2
            alice.run("logout").ok()
            alice.run("login", "alice", "--password-stdin", stdin=FRESH).ok()
    whole = find_kit(page.read_text())
    code = KitText.parse(whole).code
    assert code is not None
    rmtree(tmp_path / "shares")
    for file in (each for each in tmp_path.rglob("*") if each.is_file() and each != page):
        held = file.read_bytes()
        assert whole.encode() not in held, file
        assert code not in held, file


@pytest.mark.slow
def test_the_drill_at_a_small_size(tmp_path: Path) -> None:
    """``make drill`` is the same with 100,000 files."""
    drill = Drill(tmp_path, files=300, seed=1)
    drill.make()
    drill.run()
    assert len(drill.took) == 6


def said(home: Home, *words: str, stdin: str = "") -> dict[str, object]:
    """What a command answers, as JSON."""
    done = home.run("--json", *words, stdin=stdin).ok().events[-1]["done"]
    assert isinstance(done, dict)
    return done


def shown(alice: Home) -> list[str]:
    """Who showed that they have their share."""
    held = said(alice, "recovery", "holders")["holders"]
    assert isinstance(held, list)
    return [each["name"] for each in held if each["confirmed"]]


@pytest.mark.slow
def test_friends_keep_shares_and_bring_her_back(tmp_path: Path) -> None:
    """Alice's laptop is gone; her account lives at a node, and nobody knows its password."""
    node, lost = Home(tmp_path / "node"), Home(tmp_path / "lost")
    bob, carol, alice = (Home(tmp_path / name) for name in ("bob", "carol", "alice"))
    (tmp_path / "note.txt").write_text("hello")
    with node.daemon("serve"), bob.daemon(), carol.daemon():
        signed_up(bob, "bob")
        signed_up(carol, "carol")
        with lost.daemon():
            signed_up(lost, "alice", node.run("invite").ok().out.splitlines()[-1])
            for friend, name in ((bob, "bob"), (carol, "carol")):
                friend.run("follow", card_of(lost)).ok()
                assert soon(lambda name=name: name in lost.run("requests").ok().out)  # type: ignore[misc]
                lost.run("accept", name).ok()
            lost.run("put", str(tmp_path / "note.txt")).ok()
            secret = str(said(lost, "device-secret", "show")["words"])
            assert secret
            refused = lost.run(
                "recovery", "give", "--any", "3", "bob", "carol", "--password-stdin", stdin=PASSWORD
            )
            assert refused.code == 2
            given = lost.run(
                "recovery", "give", "--any", "2", "bob", "carol", "--password-stdin", stdin=PASSWORD
            ).ok()
            assert "Any 2 of these 2" in given.out
            assert "not verified: bob, carol" in given.err
            assert soon(lambda: shown(lost) == ["bob", "carol"])
            assert "trusts you with a share" in bob.run("status").ok().out
            assert "one of 2, 2 are needed" in bob.run("recovery", "kept").ok().out
            lost.run("recovery", "holders", "--ask").ok()
            assert soon(lambda: "no answer" not in lost.run("recovery", "holders").ok().out)
        rmtree(lost.path)
        unseen = bob.run("recovery", "hand", "alice")
        assert unseen.code != 0
        assert "--checked" in unseen.err
        page = tmp_path / "bobs.html"
        bob.run("recovery", "hand", "alice", "--checked", "--to", str(page)).ok()
        theirs = said(carol, "recovery", "hand", "alice", "--checked")
        assert page.stat().st_mode & 0o777 == 0o600
        with alice.daemon():
            kit = ("--kit", str(page), "--shares", "--password-stdin")
            shares = f"{kit_words(page)}\n{theirs['words']}\n\n"
            tried = alice.run("recovery", "rehearse", *kit, stdin=shares).ok()
            assert "Nothing was changed" in tried.out
            done = alice.run("recovery", "restore", *kit, stdin=f"{shares}{FRESH}").ok()
            assert "You are alice~" in done.out
            assert alice.run("cat", "note.txt").ok().out == "hello"
            alice.run("recovery", "holders", "--ask").ok()
            assert soon(lambda: shown(alice) == ["bob", "carol"])
            told = alice.run("block", "bob").ok()
            assert "opens nothing any more" in told.err
            assert soon(lambda: "nothing for anybody" in carol.run("recovery", "kept").err)
            assert said(alice, "recovery", "holders")["parted"] == "bob"
            bob.run("recovery", "drop", "alice").ok()
            again = alice.run("recovery", "rehearse", *kit, stdin=shares)
            assert again.code != 0
