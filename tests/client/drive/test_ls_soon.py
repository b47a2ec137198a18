"""A large folder, listed as it comes: all of it once, soon, whatever is wrong with a page of it."""

from contextlib import aclosing

import pytest

from client.drive.change import mkdir
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.listing import UNREADABLE, Listed, ls, ls_soon
from client.drive.resolve import resolve
from formats.errors import NotFound
from tests.client.drive.drives import NOW, new_drive
from tests.client.fakes import FakeSpace


async def _filled(count: int) -> tuple[Drive, FakeSpace]:
    """A drive with a folder ``many`` of so many links."""
    drive, space = await new_drive()
    await mkdir(drive, "many")

    async def note(edit: TreeEdit) -> None:
        links = [Entry(f"{n:06}", Kind.LINK, NOW, target=f"to {n}") for n in range(count)]
        await (await edit.folder(("many",))).put(*links)

    await drive.gathering.commit(note, 0)
    return drive, space


async def _soon(drive: Drive, path: str) -> list[Listed]:
    async with aclosing(ls_soon(drive, path)) as batches:
        return [listed async for listed in batches]


@pytest.mark.parametrize("count", [0, 1, 150, 3000, 9000])
async def test_everything_comes_once(count: int) -> None:
    drive, _space = await _filled(count)
    batches = await _soon(drive, "many")
    names = [shown.name for listed in batches for shown in listed.entries]
    assert sorted(names) == [f"{n:06}" for n in range(count)]
    assert [shown.name for shown in (await ls(drive, "many")).entries] == sorted(names)
    assert {listed.path for listed in batches} == {"/alice/many"}


async def test_the_first_screen_waits_for_a_few_pages_only() -> None:
    drive, space = await _filled(9000)
    before = space.count.leaves
    async with aclosing(ls_soon(drive, "many")) as batches:
        first = await anext(batches)
    seen = space.count.leaves - before
    assert len(first.entries) >= 50
    await _soon(drive, "many")
    assert 5 * seen < space.count.leaves - before


async def test_a_folder_that_says_that_it_is_large_comes_with_its_pages() -> None:
    drive, space = await _filled(1000)
    before = space.count.leaf_requests
    found = await resolve(drive, drive.path("many"))
    on_the_way = space.count.leaf_requests - before
    assert found.entry is not None
    assert found.entry.depth == 1
    await ls(drive, "many")
    assert space.count.leaf_requests - before == 2 * on_the_way + 1


async def test_a_hint_that_is_wrong_only_asks_in_vain() -> None:
    drive, _space = await _filled(20)

    async def lie(edit: TreeEdit) -> None:
        home = await edit.folder(())
        entry = await home.get("many")
        assert entry is not None
        value = {**entry.value, "depth": 3}
        page = await home.page_of("many")
        page.values["many"] = value
        await home.put(Entry("beside", Kind.LINK, NOW, target="x"))

    await drive.gathering.commit(lie, 0)
    assert len((await ls(drive, "many")).entries) == 20


async def test_a_page_that_is_withheld_is_told_and_spares_the_rest() -> None:
    drive, space = await _filled(3000)
    view = await (await resolve(drive, drive.path("many"))).view()
    prefixes = [page.prefix for page in await view.pages([]) if not page.is_stub]
    lost = await view.page_at(prefixes[5])
    del space.tree[view.node.keys.page_label(lost.prefix)]
    listed = await ls(drive, "many")
    assert len(listed.problems) == 1
    assert len(listed.entries) == 3000 - len(lost.values)
    assert not [shown for shown in listed.entries if shown.kind == UNREADABLE]


async def test_other_things_than_folders() -> None:
    drive, _space = await _filled(3)
    assert [shown.name for shown in (await _soon(drive, "/"))[0].entries] == ["alice"]
    assert [shown.name for shown in (await _soon(drive, "many/000001"))[0].entries] == ["000001"]
    with pytest.raises(NotFound):
        await _soon(drive, "gone")
