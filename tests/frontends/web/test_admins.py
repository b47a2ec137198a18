"""Who may run the node through the page: whoever is signed in, or only whom the node names."""

from pathlib import Path

import trio

from tests.daemons.gateway import Answered, Caller, visitor_of
from tests.daemons.processes import Home

PASSWORD = "correct horse battery staple\n"
LOOKS = ("accounts", "usage", "stats", "inbox", "messages", "invites", "replicas")
DEEDS = {
    "node/verify": b"{}",
    "node/gc": b"{}",
    "node/invite": b"{}",
    "invite": b"{}",
    "node/set-quota": b'{"name": "alice", "quota": 5000000000}',
    "node/send": b'{"text": "Back by noon."}',
}


def signed_in(home: Home, how: str, name: str, *more: str) -> str:
    """The handle of the account, which is the current one now."""
    home.run(how, name, *more, "--password-stdin", stdin=PASSWORD).ok()
    done = home.run("--json", "whoami").ok().events[-1]["done"]
    assert isinstance(done, dict)
    return str(done["handle"])


COMING_HERE = {
    "import": b'{"password": "p", "file": "none"}',
    "recovery/restore": b'{"kit": "none", "password": "p", "to": " here"}',
}
"""They make an account on this node, by an invite of its own."""


async def _come(caller: Caller, seen: set[str]) -> None:
    for name, body in COMING_HERE.items():
        seen.add((await caller.ask("POST", f"/v1/{name}", None, body)).kind)


def coming_here(caller: Caller) -> set[str]:
    """What it comes to, with a file and a kit that are none."""
    seen = set[str]()
    trio.run(_come, caller, seen)
    return seen


async def _all(caller: Caller, seen: dict[str, str]) -> None:
    for name in LOOKS:
        seen[f"node/{name}"] = (await caller.ask("GET", f"/v1/node/{name}")).kind
    for name, body in DEEDS.items():
        seen[name] = (await caller.ask("POST", f"/v1/{name}", None, body)).kind
    visit = await caller.ask("GET", "/v1/web/visit")
    seen["runs_node"] = str(visit.lines[-1]["done"]["runs_node"])


def answers(caller: Caller) -> tuple[set[str], str]:
    """What all calls for whoever runs the node come to, and whether that is said beforehand."""
    seen = dict[str, str]()
    trio.run(_all, caller, seen)
    said = seen.pop("runs_node")
    return set(seen.values()), said


def test_a_page_where_nobody_is_signed_in_runs_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.daemon():
        caller = visitor_of(home)
        assert answers(caller) == ({"NotSignedIn"}, "False")
        signed_in(home, "signup", "alice")
        assert answers(caller) == ({""}, "True")
        home.run("lock").ok()
        assert answers(caller) == ({"NotSignedIn"}, "False")
        home.run("node", "accounts").ok()  # whoever sits at the machine needs no account


def test_only_whom_the_node_names_runs_it(tmp_path: Path) -> None:
    """Somebody else of this daemon is refused, also under the same name at another node."""
    plain = Home(tmp_path / "home")
    with plain.daemon():
        handle = signed_in(plain, "signup", "alice")
        invite = plain.run("invite").ok().out.splitlines()[-1].strip()
        signed_in(plain, "signup", "bob", "--at", invite)
    named = Home(plain.path, {"HOLDFAST_WEB_ADMINS": handle})
    other = Home(tmp_path / "other")
    with named.daemon(), other.daemon():
        signed_in(named, "login", "alice")
        caller = visitor_of(named)
        assert answers(caller) == ({""}, "True")
        assert coming_here(caller) == {"Expired", "BadKit"}
        signed_in(named, "login", "bob")
        assert answers(caller) == ({"Denied"}, "False")
        assert coming_here(caller) == {"Denied"}
        away = other.run("invite").ok().out.splitlines()[-1].strip()
        signed_in(named, "signup", "alice", "--at", away)
        assert answers(caller) == ({"Denied"}, "False")
        named.run("node", "messages", "list").ok()


def test_what_takes_protection_or_the_node_away_is_not_for_the_page(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    found = list[Answered]()

    async def ask(caller: Caller) -> None:
        found.append(await caller.call("node/reset-factors", {"name": "alice"}))
        found.append(await caller.call("node/drain"))
        found.append(await caller.call("node/backup", {"to": "/tmp/there"}))
        found.append(await caller.call("node/repair", {"sources": ["/tmp/there"]}))

    with home.daemon():
        signed_in(home, "signup", "alice")
        trio.run(ask, visitor_of(home))
    assert [each.kind for each in found] == ["Unfit"] * 4
