"""What one's own home sees of what is put there, and what a thief of its disk finds."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.privacy.claims import Claim
from tests.privacy.guessers import Seen
from tests.privacy.watching import WatchedWorld, seen_by_node, watched

NAMES: Final = ("a", "resignation, third draft (do not show to Margaret).txt")
TEXT: Final = b"Dear all, it has been a pleasure. "
PDF: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


async def put(name: str, content: bytes) -> dict[str, Seen]:
    """One file in a folder."""
    async with watched("alice") as world:
        await world.alice.put(f"papers/{name}", content)
        return _seen(world)


async def name_of_file(which: bool) -> dict[str, Seen]:
    """Two names, of very different length."""
    return await put(NAMES[which], TEXT)


async def name_of_folder(which: bool) -> dict[str, Seen]:
    """The same two, for a folder."""
    async with watched("alice") as world:
        await world.alice.put(f"{NAMES[which]}/notes", TEXT)
        return _seen(world)


async def small_size(which: bool) -> dict[str, Seen]:
    """Two sizes that fit the least class."""
    return await put("notes", TEXT[: (1, 30)[which]])


async def size(which: bool) -> dict[str, Seen]:
    """Two sizes of one class, of a file that is one leaf."""
    return await put("notes", bytes((41_000, 41_300)[which]))


async def size_of_large(which: bool) -> dict[str, Seen]:
    """Two sizes of one class, of a file that is cut into segments."""
    return await put("film", bytes((296_000, 302_000)[which]))


async def all_at_once(which: bool) -> dict[str, Seen]:
    """Names, sizes within their classes, type and content, and a new name at the end."""
    async with watched("alice") as world:
        name, other = NAMES[which], NAMES[not which]
        text, document = (TEXT * 30)[:1000], (PDF + bytes(1000))[:1000]
        await world.alice.put(f"{name}/{name}", (text, document)[which])
        await world.alice.put(f"{name}/film", bytes((296_000, 302_000)[which]))
        await world.alice.mv(f"{name}/{name}", f"{name}/{other}")
        return _seen(world)


async def size_class(which: bool) -> dict[str, Seen]:
    """Two sizes of different classes."""
    return await put("notes", bytes((20_000, 60_000)[which]))


async def content(which: bool) -> dict[str, Seen]:
    """A file of zeros, or of what looks like nothing in particular."""
    return await put("notes", (bytes(3000), (TEXT * 100)[:3000])[which])


async def type_of_file(which: bool) -> dict[str, Seen]:
    """A text or a document, which is what its header says."""
    return await put("notes", (TEXT * 9, (PDF + TEXT * 9)[: len(TEXT) * 9])[which])


async def large_or_small_first(which: bool) -> dict[str, Seen]:
    """Which of two names is the larger file's."""
    return await _tree({"a.txt": bytes((9, 9000)[which]), "b.txt": bytes((9000, 9)[which])})


async def large_or_small_read(which: bool) -> dict[str, Seen]:
    """The same, read at another device."""
    async with watched("alice") as world:
        await _put_tree(world, {"a.txt": bytes((9, 9000)[which]), "b.txt": bytes((9000, 9)[which])})
        other = await world.alice.another_device()
        with TemporaryDirectory() as local:
            await other.download("tree", Path(local))
        await other.crash()
        return _seen(world)


async def shape(which: bool) -> dict[str, Seen]:
    """Three folders beside each other, or within each other, put in one go."""
    flat = {"a/x": b"1", "b/y": b"2", "c/z": b"3"}
    nested = {"a/x": b"1", "a/b/y": b"2", "a/b/c/z": b"3"}
    return await _tree((flat, nested)[which])


async def shape_in_time(which: bool) -> dict[str, Seen]:
    """The same, made one after the other."""
    async with watched("alice") as world:
        for path in (("a", "b", "c"), ("a", "a/b", "a/b/c"))[which]:
            await world.alice.mkdir(path)
        return _seen(world)


async def renamed_or_touched(which: bool) -> dict[str, Seen]:
    """A file that gets a new name, of another length."""
    async with watched("alice") as world:
        await world.alice.put("papers/draft", TEXT)
        await world.alice.mv("papers/draft", f"papers/{('x', NAMES[1])[which]}")
        return _seen(world)


async def _tree(files: dict[str, bytes]) -> dict[str, Seen]:
    """A folder of the local disk, put whole."""
    async with watched("alice") as world:
        await _put_tree(world, files)
        return _seen(world)


async def _put_tree(world: WatchedWorld, files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as local:
        for path, data in files.items():
            file = Path(local) / "tree" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        await world.alice.upload(Path(local) / "tree")


def _seen(world: WatchedWorld) -> dict[str, Seen]:
    known = {name: (name.encode(),) for name in NAMES if len(name) > 1}
    return seen_by_node(world, "alice", {**known, "text": (TEXT[:20],), "pdf": (PDF,)})


_ALL: Final = ("home", "thief", "line")

CLAIMS: Final = (
    Claim("names, sizes within their classes, types and contents", all_at_once, _ALL),
    Claim("a file's name", name_of_file, _ALL, always=False),
    Claim("a folder's name", name_of_folder, _ALL, always=False),
    Claim("a new name", renamed_or_touched, _ALL, always=False),
    Claim("the size of a very small file", small_size, _ALL, always=False),
    Claim("a size within its class", size, _ALL, always=False),
    Claim("a size within its class, in segments", size_of_large, _ALL, always=False),
    Claim("the class of a size", size_class, shown=_ALL),
    Claim("what is in a file", content, _ALL, always=False),
    Claim("what type of content a file has", type_of_file, _ALL, always=False),
    Claim("which name is the larger file's", large_or_small_first, _ALL, always=False),
    Claim("which name is the larger file's, when both are read", large_or_small_read, _ALL),
    Claim("how folders put in one go lie in each other", shape, _ALL),
    Claim("how folders made one by one lie in each other", shape_in_time, shown=("home",)),
)
