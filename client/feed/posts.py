"""Where posts of one's own are, within one operation: by the list of the newest, else by month."""

from dataclasses import dataclass, field

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.feed.channels import Channel, own_channels
from client.feed.files import read_file
from client.feed.items import Post
from client.feed.names import is_month, month_of, read_stem, stem
from client.social.store import System
from formats.errors import Damaged, NotFound


@dataclass(frozen=True, slots=True)
class Own:
    """A post of one's own: its channel, its month, and its entry there."""

    channel: Channel
    month: FolderEdit
    entry: Entry

    async def read(self) -> Post:
        """What it says; raises Damaged and what reading raises."""
        what = f"{self.month.what}/{self.entry.name}"
        data = await read_file(self.channel.edit, self.month, self.entry.name)
        post = None if data is None else Post.decode(data)
        if post is None or read_stem(self.entry.name) != (post.time, post.id):
            raise Damaged(f"{what}: another post than its name says")
        return post


@dataclass(slots=True)
class OwnPosts:
    """All posts of one's own, found as they are asked for."""

    channels: list[Channel]
    _by_id: dict[bytes, Own] | None = field(default=None, repr=False)

    @classmethod
    async def of(cls, system: System) -> "OwnPosts":
        """Within an operation."""
        return cls(await own_channels(system))

    async def find(self, id: bytes) -> Own | None:
        """One post; None if there is none."""
        for channel in self.channels:
            head = (await channel.index()).post(id)
            month = None if head is None else await channel.month(month_of(head.post.time))
            if head is not None and month is not None:
                entry = await month.get(stem(head.post.time, id))
                if entry is not None:
                    return Own(channel, month, entry)
        if self._by_id is None:
            self._by_id = await self._all()
        return self._by_id.get(id)

    async def need(self, id: bytes) -> Own:
        """One post; raises NotFound."""
        found = await self.find(id)
        if found is None:
            raise NotFound(f"you have no post {id.hex()}", hint="'holdfast feed' lists posts")
        return found

    async def _all(self) -> dict[bytes, Own]:
        """Every post by its id, from the names of the files alone."""
        found: dict[bytes, Own] = {}
        for channel in self.channels:
            for each in (await channel.folder.listing()).entries:
                month = await channel.month(each.name) if is_month(each.name) else None
                for entry in [] if month is None else (await month.listing()).entries:
                    named = read_stem(entry.name)
                    if named is not None and month is not None:
                        found[named[1]] = Own(channel, month, entry)
        return found
