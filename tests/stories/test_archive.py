"""Alice writes her account to a file; her home burns down; the file brings her back elsewhere."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon
from tests.stories.test_moving import invited, lives_at, looks_around
from tests.stories.test_replicas import BIG, PASSWORD, signed_up


@pytest.mark.slow
def test_alice_comes_back_out_of_a_file(tmp_path: Path) -> None:
    first, second = Home(tmp_path / "first"), Home(tmp_path / "second")
    alice, bob, fresh = (Home(tmp_path / name) for name in ("alice", "bob", "fresh"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "small.txt").write_text("hello")
    (tmp_path / "docs" / "big.bin").write_bytes(BIG)
    file = tmp_path / "alice.car"
    with second.daemon("serve"), bob.daemon(), fresh.daemon():
        with first.daemon("serve"), alice.daemon():
            signed_up(alice, "alice", invited(first))
            signed_up(bob, "bob")
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: "bob" in alice.run("requests").ok().out)
            alice.run("accept", "bob").ok()
            alice.run("put", str(tmp_path / "docs")).ok()
            alice.run("share", "docs", "bob").ok()
            assert soon(lambda: bob.run("ls", "/alice/docs").code == 0)
            said = alice.run("--json", "device-secret", "show").ok().events[-1]["done"]
            both = f"{PASSWORD}{said['words']}\n"  # type: ignore[index]
            written = alice.run("export", str(file), "--password-stdin", stdin=PASSWORD).ok()
            assert "all of your account" in written.out
            there = alice.run("export", str(file), "--password-stdin", stdin=PASSWORD)
            assert there.code == 10, "what is there is not written over"
            assert b"hello" not in file.read_bytes()
            assert b"small.txt" not in file.read_bytes()
            lives = ("import", str(file), "--device-secret", "--password-stdin")
            refused = fresh.run(*lives, stdin=both)
            assert refused.code == 37, refused
            assert "answers" in refused.err
        # The first home and Alice's laptop are gone.
        assert fresh.run("import", str(file), "--password-stdin", stdin=PASSWORD).code == 37
        assert "is whole: alice~" in fresh.run(*lives, "--check", stdin=both).ok().out
        damaged = bytearray(file.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        (tmp_path / "damaged.car").write_bytes(damaged)
        bad = fresh.run(
            "import", str(tmp_path / "damaged.car"), "--device-secret", "--password-stdin",
            stdin=both,
        )  # fmt: skip
        assert bad.code in (5, 8), bad
        assert "You live at" in fresh.run(*lives, stdin=both).ok().out
        fresh.run("get", "docs/big.bin", str(tmp_path / "mine.bin")).ok()
        assert (tmp_path / "mine.bin").read_bytes() == BIG
        fresh.run("put", str(tmp_path / "docs" / "small.txt"), "docs/later.txt").ok()
        looks_around(bob)
        assert soon(lambda: bob.run("cat", "/alice/docs/later.txt").code == 0)
        before = lives_at(fresh)
        # And out of a pipe, onto somebody else's node.
        piped = fresh.run("export", "-", "--password-stdin", stdin=PASSWORD).ok().out
        (tmp_path / "piped.car").write_bytes(piped.encode("utf-8", "surrogateescape"))
        fresh.run("logout").ok()
        moved = fresh.run(
            "import", str(tmp_path / "piped.car"), "--to", invited(second), "--without-old-home",
            "--device-secret", "--password-stdin", stdin=both,
        ).ok()  # fmt: skip
        assert "You live at" in moved.out
        assert lives_at(fresh) != before
        assert fresh.run("cat", "docs/later.txt").ok().out == "hello"
