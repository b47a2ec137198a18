"""Alice leaves the node of a friend, with all that it knew of her, and goes on elsewhere."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon
from tests.stories.test_moving import invited, looks_around
from tests.stories.test_replicas import BIG, PASSWORD, free_port, signed_up


def shown_code(home: Home, *words: str) -> str:
    done = home.run("--json", "leave", *words).ok().events[-1]["done"]
    assert done["left"] is False  # type: ignore[index]
    return str(done["code"])  # type: ignore[index]


@pytest.mark.slow
def test_alice_leaves_and_lives_elsewhere(tmp_path: Path) -> None:
    first = Home(tmp_path / "first", {"HOLDFAST_PORT": str(free_port())})
    second = Home(tmp_path / "second")
    alice, phone, bob = (Home(tmp_path / name) for name in ("alice", "phone", "bob"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "small.txt").write_text("hello")
    (tmp_path / "docs" / "big.bin").write_bytes(BIG)
    file = tmp_path / "alice.car"
    with second.daemon("serve"), bob.daemon(), alice.daemon(), phone.daemon():
        with first.daemon("serve") as served:
            alice.run(
                "signup", "alice", "--at", invited(first), "--no-device-secret",
                "--password-stdin", stdin=PASSWORD,
            ).ok()  # fmt: skip
            signed_up(bob, "bob")
            at = alice.run("--json", "whoami").ok().events[-1]["done"]["home"]  # type: ignore[index]
            where = f"{at['addresses'][0]}/p2p/{at['peer']}"
            signs_in = ("login", "alice", "--at", where, "--password-stdin")
            phone.run(*signs_in, stdin=PASSWORD).ok()
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: "bob" in alice.run("requests").ok().out)
            alice.run("accept", "bob").ok()
            alice.run("put", str(tmp_path / "docs")).ok()
            alice.run("share", "docs", "bob").ok()
            assert soon(lambda: bob.run("ls", "/alice/docs").code == 0)
            assert alice.run("leave").code == 2, "not without saying what keeps it"
            (tmp_path / "other.car").write_text("something else")
            assert alice.run("leave", "--export", str(tmp_path / "other.car")).code == 3
            told = alice.run("leave", "--export", str(file)).ok().out
            assert "All of it is deleted there, for good" in told
            assert "--accept" in told
            code = shown_code(alice, "--export", str(file))
            leaves = ("leave", "--export", str(file), "--accept", code, "--password-stdin")
            alice.run("export", str(file), "--password-stdin", stdin=PASSWORD).ok()
            alice.run("put", str(tmp_path / "docs" / "small.txt"), "later.txt").ok()
            lacks = alice.run(*leaves, stdin=PASSWORD)
            assert lacks.code == 21, lacks
            assert "not in the file" in lacks.err

            def gone() -> bool:
                """Unless some machine of hers noted something at that very moment."""
                file.unlink(missing_ok=True)
                done = alice.run(*leaves, stdin=PASSWORD)
                return "is deleted" in done.out

            assert soon(gone)

            served.kill()
            served.wait()
        with first.daemon("serve"):
            assert "alice" not in first.run("node", "accounts").ok().out
            listed = alice.run("--json", "leave", "--receipts").ok().events[-1]["done"]
            (receipt,) = listed["receipts"]  # type: ignore[index]
            assert receipt["receipt"]["bytes"] > len(BIG)
            assert Path(receipt["path"]).exists()
            assert alice.run("whoami").code == 16
            assert not list((tmp_path / "alice" / "people").glob("kept-*"))

            assert soon(lambda: phone.run("ls").code == 16)
            assert "deleted" in phone.run("ls").err
            looks_around(bob)
            denied = bob.run("ls", "/alice/docs")
            assert denied.code == 14
            assert "has left their home" in denied.err
            assert "left their home" in bob.run("contacts").ok().out
            assert soon(lambda: "alice has left their home" in bob.run("status").ok().out)

            lives = ("import", str(file), "--to", invited(second), "--password-stdin")
            assert "You live at" in alice.run(*lives, stdin=PASSWORD).ok().out
            alice.run("get", "docs/big.bin", str(tmp_path / "mine.bin")).ok()
            assert (tmp_path / "mine.bin").read_bytes() == BIG
            assert soon(lambda: bob.run("cat", "/alice/docs/small.txt").code == 0)
            assert "left" not in bob.run("contacts").ok().out


@pytest.mark.slow
def test_the_last_one_leaves_their_own_node(tmp_path: Path) -> None:
    """Without a file; whoever comes next is the first again."""
    alice = Home(tmp_path / "alice")
    with alice.daemon():
        signed_up(alice, "alice")
        (tmp_path / "a.txt").write_text("hello")
        alice.run("put", str(tmp_path / "a.txt")).ok()
        shown = alice.run("leave", "--without-export").ok().out
        assert "at this node" in shown
        assert "Nothing keeps it" in shown
        code = shown_code(alice, "--without-export")
        alice.run(
            "leave", "--without-export", "--accept", code, "--password-stdin", stdin=PASSWORD
        ).ok()
        assert alice.run("ls").code == 16
        signed_up(alice, "alice")
        assert alice.run("ls").ok().out == ""
