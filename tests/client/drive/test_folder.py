"""Folders: one page is touched, pages split, listings are bulk reads, bad pages hide no others."""

from dataclasses import replace

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from client.capability import Capability
from client.drive.edit import TreeEdit
from client.drive.folder import FolderView, create_folder, entries_of, find, insert, remove
from client.drive.node import new_folder, open_folder
from client.drive.page import Page, seal_page
from client.keys import NodeKeys, new_node_secret
from client.space.reading import Changing
from formats.errors import Damaged, NotAFolder, NotFound, Withheld
from formats.leaf import Leaf
from tests.client.drive.trees import Tree, entry
from tests.client.fakes import FakeReading


async def names(tree: Tree) -> list[str]:
    return [each.name for each in (await tree.listing()).entries]


async def test_put_get_remove() -> None:
    tree = Tree()
    first, second = entry("b", 1), entry("a", 2)
    await tree.put(first, second)
    view = await tree.view()
    assert (await view.get("b"), await view.get("a")) == (first, second)
    assert await view.get("c") is None
    await tree.remove("b", "not there")
    assert await names(tree) == ["a"]
    newer = entry("a", 9)
    await tree.put(newer)
    assert (await tree.listing()).entries == [newer]


async def test_a_folder_of_thousands() -> None:
    tree = Tree()
    wanted = [f"{number:05}" for number in range(3000)]
    for start in range(0, 3000, 1000):
        await tree.put(*map(entry, wanted[start : start + 1000]))
    assert await names(tree) == wanted
    before = tree.space.count.leaf_requests
    listing = await tree.listing()
    assert len(listing.entries) == 3000
    assert not listing.problems
    view = await tree.view()
    await view.listing()
    assert tree.space.count.leaf_requests - before <= 2 * (1 + view.depth)


async def test_adding_to_a_large_folder_touches_one_page() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(5000)])
    before = dict(tree.space.tree)
    count = tree.space.count.leaf_requests
    await tree.put(entry("one more"))
    after = tree.space.tree
    assert len({label for label in after if before.get(label) != after[label]}) == 1
    assert tree.space.count.leaf_requests - count <= 3


async def test_finding_a_name_asks_for_the_whole_way_at_once() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(5000)])
    view = await tree.view()
    before = tree.space.count.leaf_requests
    assert await view.get("77", depth=2) is not None
    assert tree.space.count.leaf_requests - before == 1


async def test_the_header_never_changes_when_entries_do() -> None:
    tree = Tree()
    header = tree.space.leaf(tree.root.keys.label).header
    await tree.put(*[entry(str(number)) for number in range(500)])
    assert tree.space.leaf(tree.root.keys.label).header == header


async def test_everything_a_stub_promises_exists() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(200)])
    view = await tree.view()
    labels = await view.labels([])
    assert len(labels) == 16
    assert {*labels, tree.root.keys.label} == set(tree.space.tree)
    await tree.remove(*map(str, range(200)))
    assert set(tree.space.tree) == {*labels, tree.root.keys.label}
    assert await names(tree) == []


async def test_two_additions_at_once_both_stay() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(500)])

    async def somebody_else() -> None:
        await tree.put(entry("theirs"))

    tree.space.before_commit.append(somebody_else)
    await tree.put(entry("mine"))
    assert {"mine", "theirs"} <= set(await names(tree))
    assert len(await names(tree)) == 502


async def test_a_missing_page_is_withheld_and_hides_no_other() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(500)])
    gone = (await (await tree.view()).labels([]))[3]
    del tree.space.tree[gone]
    listing = await tree.listing()
    assert [type(problem) for problem in listing.problems] == [Withheld]
    assert 400 < len(listing.entries) < 500
    view = await tree.view()
    lost = next(n for n in map(str, range(500)) if view.names.place(n)[0] == 3)
    with pytest.raises(Withheld, match="/a"):
        await view.get(lost)


async def test_a_page_from_elsewhere_is_damage_and_hides_no_other() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(500)])
    labels = await (await tree.view()).labels([])
    keys = tree.root.keys
    body = tree.space.leaf(labels[3]).body
    tree.space.tree[labels[4]] = Leaf(keys.lock(labels[4]).public, body=body).block.data
    listing = await tree.listing()
    assert [type(problem) for problem in listing.problems] == [Damaged]
    assert 400 < len(listing.entries) < 500


async def test_a_hostile_entry_hides_no_other_and_can_be_removed() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(500)])
    view = await tree.view()
    label = (await view.labels([]))[3]
    page = await view.page_of(next(n for n in map(str, range(500)) if view.names.place(n)[0] == 3))
    page.values["../../etc/passwd"] = {**entry("x").value, "name": "../../etc/passwd"}
    body = seal_page(tree.root.header, page.prefix, page.encode())
    tree.space.tree[label] = Leaf(tree.root.keys.lock(label).public, body=body).block.data
    listing = await tree.listing()
    assert len(listing.entries) == 500
    assert len(listing.bad) == 1
    assert "/" not in listing.bad[0].name
    await tree.remove(listing.bad[0].name)
    assert (await tree.listing()).bad == []
    assert len((await tree.listing()).entries) == 500


async def test_walking_down() -> None:
    tree = Tree()

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, tree.root.keys, "/a")
        parent = await edit.folder(())
        for name in ("b", "c"):
            made = new_folder(0)
            parent = await edit.make(parent, made, made.entry(name, 0))
        await parent.put(entry("file"))
        await edit.flush()

    await tree.space.commit(operation)

    async def walk(*parts: str) -> list[str]:
        async def operation(changing: Changing) -> list[str]:
            folder = await TreeEdit(changing, tree.root.keys, "/a").folder(parts)
            return [each.name for each in (await folder.listing()).entries]

        return await tree.space.commit(operation)

    assert await walk() == ["b"]
    assert await walk("b", "c") == ["file"]
    with pytest.raises(NotFound, match="/a/b/d"):
        await walk("b", "d")
    with pytest.raises(NotAFolder, match="/a/b/c/file"):
        await walk("b", "c", "file")


async def test_a_node_that_is_not_there() -> None:
    tree = Tree()
    reading = await tree.space.reading()
    with pytest.raises(Withheld, match="/a/b"):
        await open_folder(reading, NodeKeys(new_node_secret()), "/a/b")


async def test_a_header_leaf_without_a_page() -> None:
    tree = Tree()
    leaf = tree.root.leaf
    tree.space.tree[tree.root.keys.label] = Leaf(leaf.lock, leaf.header).block.data
    listing = await tree.listing()
    assert [type(problem) for problem in listing.problems] == [Damaged]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "remove"]), st.sets(st.integers(0, 400), max_size=150)),
        max_size=8,
    )
)
def test_a_folder_is_a_dictionary(steps: list[tuple[str, set[int]]]) -> None:
    async def run() -> None:
        tree, model = Tree(), set()
        for verb, numbers in steps:
            chosen = [f"name {number}" for number in numbers]
            if verb == "put":
                await tree.put(*map(entry, chosen))
                model |= set(chosen)
            else:
                await tree.remove(*chosen)
                model -= set(chosen)
        assert await names(tree) == sorted(model)
        view = await tree.view()
        for name in sorted(model)[:20]:
            assert await view.get(name) is not None

    trio.run(run)


def test_a_page_with_an_emptied_dict_is_small() -> None:
    assert len(Page().encode()) < 20


async def test_a_reader_that_is_refused_some_labels_sees_the_rest() -> None:
    tree = Tree()
    await tree.put(*[entry(str(number)) for number in range(500)])
    labels = await (await tree.view()).labels([])
    allow = {tree.root.keys.label, *labels[:8]}
    reading = FakeReading(tree.space, dict(tree.space.tree), allow)
    node = await open_folder(reading, tree.root.keys, "/bob/b")
    listing = await FolderView(reading, node, "/bob/b").listing()
    assert len(listing.problems) == 8
    assert 150 < len(listing.entries) < 350


async def test_single_changes() -> None:
    tree = Tree()
    top = Capability(tree.space.owner, tree.space.space, tree.root.keys.secret)
    secret = new_node_secret()

    async def operation(changing: Changing) -> None:
        made = await create_folder(changing, secret, 5)
        await insert(changing, top, replace(made, name="below"), entry("x"))
        await remove(changing, top, "x")

    await tree.space.commit(operation)
    reading = await tree.space.reading()
    found = await find(reading, top, "below")
    assert found is not None
    assert found.keys.secret == secret
    assert [each.name for each in (await entries_of(reading, top)).entries] == ["below"]
    below = found.capability(tree.space.owner, tree.space.space)
    assert (await entries_of(reading, below)).entries == []
