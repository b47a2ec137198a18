"""Alice's home burned down: a fresh node copies from her replica and becomes the home."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, soon
from tests.stories.test_moving import invited, lives_at
from tests.stories.test_replicas import PASSWORD, has_all, signed_up


@pytest.mark.slow
def test_a_fresh_node_takes_the_place_of_a_home_that_is_gone(tmp_path: Path) -> None:
    first, second, third = (Home(tmp_path / name) for name in ("first", "second", "third"))
    alice = Home(tmp_path / "alice")
    (tmp_path / "small.txt").write_text("hello")
    with second.daemon("serve"), third.daemon("serve"), alice.daemon():
        with first.daemon("serve"):
            signed_up(alice, "alice", invited(first))
            alice.run("put", str(tmp_path / "small.txt")).ok()
            allowed = second.run("node", "replicas", "allow", "--ceiling", "1GiB").ok()
            alice.run("replicas", "add", allowed.out.splitlines()[-1]).ok()
            assert soon(lambda: has_all(alice))
        (kept,) = alice.run("--json", "replicas", "list").ok().events[-1]["done"]["replicas"]  # type: ignore[index]
        replica, invite = str(kept["peer"]), invited(third)
        moving = ("move", "--to", invite, "--without-old-home", "--password-stdin")
        source = ("--from", replica[-10:])
        refused = alice.run("move", "--to", invite, *source, "--password-stdin", stdin=PASSWORD)
        assert refused.code == 2
        shown = alice.run(*moving, *source, stdin=PASSWORD).ok().out
        assert "the new home has change" in shown
        code = shown.splitlines()[-1].split()[-1]
        assert f"--from {replica[-10:]}" in shown
        alice.run(*moving, *source, "--accept", code, stdin=PASSWORD).ok()
        assert lives_at(alice) not in (replica, "")
        assert alice.run("cat", "small.txt").ok().out == "hello"
        alice.run("put", str(tmp_path / "small.txt"), "later.txt").ok()
        assert soon(lambda: has_all(alice)), "the replica follows the new home"
