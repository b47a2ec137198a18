"""A hostile friend writes into their own channel whatever they like."""

from collections.abc import Callable

from client.feed.channels import (
    ANSWER,
    ANSWERS,
    NEWEST,
    Channel,
    channel_for,
    newest_secret,
    own_channels,
)
from client.feed.files import write_file
from client.session import Session
from client.sharing.jobs import commit_settled
from client.social.store import MILLI, System
from client.space.reading import Changing
from formats.dag_cbor import Value, decode, encode

Forge = Callable[[Channel], "Files"]
Files = dict[str, bytes]
"""Names in the channel, with one folder above at most, and what they hold."""


async def forge(session: Session, *to: str, make: Forge) -> None:
    """Write these files into the channel for an audience."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        channel = await channel_for(system, to)
        await channel.index()
        await write(channel, make(channel))
        await system.flush()

    await commit_settled(session, operation)


async def write(channel: Channel, files: Files) -> None:
    """As they are, without looking at them."""
    for path, content in files.items():
        *above, name = path.split("/")
        now = channel.system.now
        folder = await channel.edit.way(channel.folder, above, now * MILLI)
        secret = newest_secret(channel.folder.node.keys.secret) if path == NEWEST else None
        await write_file(channel.edit, folder, name, content, now, secret)


def newest(posts: list[Value], answers: list[Value] | None = None, floor: int = 0) -> Files:
    """A list of the newest with these in it."""
    value: Value = {"v": 1, "floor": floor, "posts": posts, "answers": answers or []}
    return {NEWEST: encode(value)}


def head(id: bytes, time: int, text: str = "x", **more: Value) -> Value:
    """A post in the list of the newest."""
    return {"id": id, "time": time, "text": text, **more}


async def change_newest(session: Session, change: Callable[[dict[str, Value]], None]) -> None:
    """Rewrite every list of the newest."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        for channel in await own_channels(system):
            value = decode((await channel.index()).encoded)
            assert isinstance(value, dict)
            change(value)
            await write(channel, {NEWEST: encode(value)})
        await system.flush()

    await commit_settled(session, operation)


__all__ = ["ANSWER", "ANSWERS", "Files", "change_newest", "forge", "head", "newest", "write"]
