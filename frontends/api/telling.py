"""What the drive tells, as JSON: listed things, what was left out, sums. Times in milliseconds."""

from collections.abc import Iterable

from client.drive.events import Event, FileDone, KeptBoth, Progress, Skipped, Started, Summary
from client.drive.listing import Listed, Shown
from formats.errors import HoldfastError
from frontends.api.reply import Json, Reply
from frontends.telling import tell

NS_A_MS = 1_000_000


def shown(thing: Shown) -> dict[str, Json]:
    """One thing as it is listed; what is not known is left out."""
    values: dict[str, Json] = {
        "path": thing.path,
        "name": thing.name,
        "kind": thing.kind,
        "size": thing.size,
        "modified": _milliseconds(thing.modified),
        "executable": thing.executable or None,
        "target": thing.target,
        "type": thing.type,
        "note": thing.note,
        "id": None if thing.id is None else thing.id.hex(),
        "created": _milliseconds(thing.created),
        "generation": thing.generation,
        "count": thing.count,
    }
    return {name: value for name, value in values.items() if value is not None}


async def tell_listed(reply: Reply, listed: Listed, heading: bool) -> None:
    """A folder: a heading if it needs one, then what is in it, then what could not be read."""
    if heading:
        await reply.event("folder", {"path": listed.path})
    await reply.events("entry", [shown(thing) for thing in listed.entries])
    await tell_problems(reply, listed.problems)


async def tell_problems(reply: Reply, problems: Iterable[HoldfastError]) -> None:
    """What could not be read."""
    await reply.events("problem", [dict(tell(problem)) for problem in problems])


class Transfer:
    """Tells a caller of a long verb: progress always, each file only if it is wanted."""

    def __init__(self, reply: Reply, each: bool) -> None:
        self._reply = reply
        self._each = each

    async def __call__(self, event: Event) -> None:
        """For ``on_event``."""
        if isinstance(event, Progress):
            self._reply.progress(_progress(event))
        elif isinstance(event, Skipped):
            skipped: dict[str, Json] = {"path": event.path, **tell(event.error)}
            await self._reply.event("skipped", skipped)
        elif isinstance(event, KeptBoth):
            await self._reply.event("kept", {"path": event.path, "beside": event.beside})
        elif isinstance(event, FileDone) and self._each:
            file: dict[str, Json] = {"path": event.path, "size": event.size}
            await self._reply.event("file", {**file, "kind": str(event.kind)})
        elif isinstance(event, Summary):
            await self._reply.event("summary", summed(event))
        elif isinstance(event, Started):
            await self._reply.event("started", {"verb": event.verb})


def summed(summary: Summary) -> dict[str, Json]:
    """What was done in all."""
    return {
        "files": summary.files,
        "folders": summary.folders,
        "links": summary.links,
        "bytes": summary.bytes,
        "skipped": len(summary.skipped),
        "unchanged": summary.unchanged,
        "kept_both": summary.kept_both,
        "resumed": summary.resumed,
    }


def _progress(event: Progress) -> dict[str, Json]:
    return {
        "files": event.files,
        "bytes": event.bytes,
        "total_files": event.total_files,
        "total_bytes": event.total_bytes,
        "path": event.path,
        "resumed": event.resumed,
    }


def _milliseconds(nanoseconds: int | None) -> int | None:
    return None if nanoseconds is None else nanoseconds // NS_A_MS
