"""Searching a drive: everything is found, at once and after every change, by what changed."""

import os
from pathlib import Path
from random import Random

import pytest

from client.drive.change import mkdir, mv
from client.drive.drive import Drive
from client.drive.listing import Wanted, find
from client.drive.upload import upload
from client.drive.walk import walk
from client.search.matching import Query
from client.search.search import Answer, Search
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.share import share, unshare
from formats.errors import Denied, HoldfastError, NotFound
from tests.client.drive.drives import new_drive
from tests.client.people import Town
from tests.client.sharing.conftest import alice, bob
from tests.client.sharing.trees import put

__all__ = ["alice", "bob"]


class Heard:
    """What a search told."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.problems: list[HoldfastError] = []
        self.answers = 0

    async def __call__(self, answer: Answer) -> None:
        self.answers += 1
        self.paths += [each.path for each in answer.found]
        self.problems += answer.problems


async def ask(search: Search, *words: str, **more: object) -> list[str]:
    heard = Heard()
    await search.ask(Query(words, **more), heard)  # type: ignore[arg-type]
    assert heard.problems == []
    return heard.paths


async def everything(drive: Drive) -> set[str]:
    """What ``find`` finds: by walking."""
    return {
        each.path
        async for listed in find(drive, f"/{drive.name}", Wanted())
        for each in listed.entries
    }


async def tree(drive: Drive, local: Path, *paths: str) -> None:
    for path in paths:
        file = local / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)

    async def nobody(_event: object) -> None:
        return None

    await upload(drive, [str(local / name) for name in sorted(os.listdir(local))], "", nobody, True)


async def test_everything_is_found_the_first_time_and_ranked_the_next(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await tree(drive, tmp_path, "docs/plan.txt", "docs/deep/planet.txt", "explanation.md", "x.md")
    search = Search(drive)
    first = await ask(search, "plan")
    assert sorted(first) == [
        "/alice/docs/deep/planet.txt",
        "/alice/docs/plan.txt",
        "/alice/explanation.md",
    ]
    assert await ask(search, "plan") == [
        "/alice/docs/plan.txt",
        "/alice/docs/deep/planet.txt",
        "/alice/explanation.md",
    ]


async def test_below_a_path_and_no_more_than_the_limit(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await tree(drive, tmp_path, *(f"a/{n}.txt" for n in range(30)), "ab/31.txt", "b/32.txt")
    search = Search(drive)
    assert len(await ask(search, "txt", below="a")) == 30
    heard = Heard()
    assert await search.ask(Query(["txt"], limit=30), heard)
    assert len(heard.paths) == 30
    heard = Heard()
    assert not await search.ask(Query(["txt"], limit=32), heard)
    assert len(heard.paths) == 32
    with pytest.raises(NotFound):
        await ask(search, "txt", below="nowhere")


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_changes_it_finds_what_walking_finds(
    alice: Session, tmp_path: Path, seed: int
) -> None:
    random, drive = Random(seed), own_drive(alice)
    search, other = Search(drive), own_drive(alice)
    await put(alice, {f"d{n % 4}/e{n % 3}/n{n}": b"-" for n in range(40)})
    for turn in range(6):
        folders = sorted([at async for at in _folders(other)])
        for number in range(3):
            target = random.choice(folders)
            kind = random.randrange(3)
            try:
                if kind == 0:
                    await mkdir(other, f"{target}/new{turn}{number}", False)
                elif kind == 1:
                    await mv(other, [random.choice(folders)], f"{target}/mv{turn}{number}", False)
                else:
                    await put(alice, {f"d{number}/e0/t{turn}{number}": b"-"})
            except HoldfastError:
                continue
        found = {*await ask(search, "*", limit=10_000)}
        assert found == await everything(other), f"seed {seed}, turn {turn}"


async def _folders(drive: Drive):  # type: ignore[no-untyped-def]
    from client.drive.resolve import resolve

    found = await resolve(drive, drive.path(f"/{drive.name}"))
    async for visit in walk(found, []):
        yield str(visit.path)


async def test_a_change_reads_what_changed_and_not_everything(alice: Session, world: Town) -> None:
    await put(alice, {f"d{n}/f{m}": b"-" for n in range(60) for m in range(4)})
    search = Search(own_drive(alice))
    await ask(search, "f1")
    asked: list[int] = []
    view = alice.space._view
    leaves = view.fetch

    async def counting(root: object, refs: object) -> object:
        asked.append(len(refs))  # type: ignore[arg-type]
        return await leaves(root, refs)  # type: ignore[arg-type]

    view.fetch = counting  # type: ignore[method-assign, assignment]
    alice.cache.clear()
    await put(alice, {"d7/new": b"-"})
    asked.clear()
    assert await ask(search, "new") == ["/alice/d7/new"]
    assert sum(asked) <= 8


async def test_a_folder_split_over_pages_is_followed_page_by_page(alice: Session) -> None:
    search = Search(own_drive(alice))
    await put(alice, {f"many/{n:04}": b"-" for n in range(90)})
    assert len(await ask(search, "*", below="many")) == 90
    await put(alice, {f"many/{n:04}": b"-" for n in range(90, 400)})
    assert len(await ask(search, "*", below="many", limit=1000)) == 400
    await put(alice, {"many/one more": b"-"})
    assert await ask(search, "one more") == ["/alice/many/one more"]


async def test_what_others_share_is_found_followed_and_forgotten(
    alice: Session, bob: Session
) -> None:
    await put(alice, {"docs/plan.txt": b"-", "docs/deep/plan b.txt": b"-", "mine.txt": b"-"})
    await put(bob, {"my plan.txt": b"-"})
    await share(alice, "docs", "bob")
    search = Search(own_drive(bob))
    theirs = {"/alice/docs/plan.txt", "/alice/docs/deep/plan b.txt"}
    assert {*await ask(search, "plan")} == {"/bob/my plan.txt", *theirs}
    assert (await ask(search, "plan"))[0] == "/bob/my plan.txt"
    await put(alice, {"docs/deep/plan c.txt": b"-"})
    assert "/alice/docs/deep/plan c.txt" in await ask(search, "plan")
    assert "/alice/docs/deep" in await ask(search, "deep", below="/alice")
    await unshare(alice, "docs", "bob")
    assert await ask(search, "plan") == ["/bob/my plan.txt"]


async def test_everything_taken_back_is_forgotten(
    alice: Session, bob: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(alice, {"docs/plan.txt": b"-"})
    await share(alice, "docs", "bob")
    drive = own_drive(bob)
    search = Search(drive)
    assert await ask(search, "plan") == ["/alice/docs/plan.txt"]

    async def denied(_person: str) -> None:
        raise Denied("alice shares nothing with you any more")

    monkeypatch.setattr(drive.shares, "open", denied)
    heard = Heard()
    await search.ask(Query(["plan"]), heard)
    assert heard.paths == []
    assert [type(problem) for problem in heard.problems] == [Denied]


async def test_a_home_that_is_away_answers_as_it_was_and_says_so(
    alice: Session, bob: Session, world: Town
) -> None:
    await put(alice, {"docs/plan.txt": b"-"})
    await share(alice, "docs", "bob")
    search = Search(own_drive(bob))
    await ask(search, "plan")
    world.down.add(world.nodes["one"].peer_id)
    for view in bob.foreign.values():
        await view.line.aclose()
    heard = Heard()
    await search.ask(Query(["plan"]), heard)
    assert heard.paths == ["/alice/docs/plan.txt"]
    assert len(heard.problems) == 1


async def test_a_search_that_is_cut_off_goes_on_the_next_time(alice: Session) -> None:
    await put(alice, {f"d{n}/plan": b"-" for n in range(30)})
    search = Search(own_drive(alice))
    heard = Heard()
    assert await search.ask(Query(["plan"], limit=3), heard)
    assert len(heard.paths) == 3
    assert len(await ask(search, "plan")) == 30
    assert len(await ask(search, "plan")) == 30


async def test_a_folder_within_itself_ends(tmp_path: Path) -> None:
    from client.drive.folder import insert
    from client.drive.resolve import resolve
    from client.space.reading import Changing

    drive, space = await new_drive()
    await tree(drive, tmp_path, "a/b/file.txt")
    top = await resolve(drive, drive.path("a"))
    inner = await resolve(drive, drive.path("a/b"))
    assert top.entry is not None
    assert inner.entry is not None
    capability = inner.entry.capability(space.owner, space.space)
    entry = top.entry

    async def loop(changing: Changing) -> None:
        await insert(changing, capability, entry)

    await drive.space.commit(loop)
    search = Search(drive)
    assert await ask(search, "file") == ["/alice/a/b/file.txt"]
    assert await ask(search, "file") == ["/alice/a/b/file.txt"]
