"""What is said about a post, as its author took it in; believed by the writers' signatures."""

from collections.abc import Mapping
from dataclasses import dataclass

import trio

from client.drive.entry import Kind as EntryKind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, open_folder, open_nodes
from client.feed.answers import MAX_OF_A_POST, Answer, Gathered, Kind
from client.feed.channels import ANSWERS
from client.feed.files import content_of
from client.feed.source import ChannelView, Source
from client.session import Session
from client.social.contacts import Contact
from formats.errors import Forged, Forked, HoldfastError, Stale
from formats.handle import handle
from formats.identity import IdentityChain


@dataclass(frozen=True, slots=True)
class Said:
    """A comment or a reaction as it is shown. ``name``: mine for them, else their handle.

    ``time``: when (ms), as they say, but not after it was taken in. ``depth``: 0 below the post.
    ``waiting``: mine, and not taken in by the author yet.
    """

    id: bytes
    under: bytes
    kind: Kind
    who: bytes
    name: str
    text: str
    time: int
    seq: int = 0
    depth: int = 0
    waiting: bool = False


async def taken_in(
    session: Session,
    source: Source,
    channel: ChannelView,
    post: bytes,
    people: Mapping[bytes, Contact],
    problems: list[HoldfastError],
) -> dict[bytes, Said]:
    """What the author took in of answers to a post of theirs, each verified, by id."""
    view = await channel.folder()
    entry = await view.get(ANSWERS + post.hex())
    if entry is None or not entry.is_folder:
        return {}
    what = f"{channel.path}/{entry.name}"
    inside = FolderView(channel.reading, await open_folder(channel.reading, entry.keys, what), what)
    listing = await inside.listing()
    files = [each for each in listing.entries if each.kind is EntryKind.FILE][:MAX_OF_A_POST]
    nodes = await open_nodes(channel.reading, [(each.keys, what) for each in files])
    chains, found = dict[tuple[bytes, ...], IdentityChain](), dict[bytes, Said]()
    for node in nodes:
        try:
            kept = Gathered.decode(content_of(node, what))
            answer = kept.answer
            if answer is None:
                continue
            if answer.to != source.id or answer.post != post:
                raise Forged(f"{what}: an answer to something else")
            chain = chains.get(kept.records)
            if chain is None:
                chain = await trio.to_thread.run_sync(IdentityChain.decode, kept.records)
                chains[kept.records] = chain
            known = people.get(answer.sender)
            if known is not None and known.blocked:
                continue
            _check_known(session, answer, chain, known)
            await trio.to_thread.run_sync(answer.verify, chain)
            found[answer.id] = _shown(session, kept, answer, known)
        except (*OF_ONE_NODE, Forged, Forked, Stale) as error:
            problems.append(error)
    return found


def _check_known(
    session: Session, answer: Answer, chain: IdentityChain, known: Contact | None
) -> None:
    """Whether the records beside an answer go with what is pinned of its writer here."""
    pinned = session.chain if answer.sender == session.id else known and known.chain
    if pinned and not pinned.has(answer.head):
        chain.extends(pinned.id, pinned.seq, pinned.head_hash)


def _shown(session: Session, kept: Gathered, answer: Answer, known: Contact | None) -> Said:
    name = handle(kept.name, answer.sender) if known is None else known.name
    return Said(
        answer.id,
        answer.under,
        answer.kind,
        answer.sender,
        session.name if answer.sender == session.id else name,
        answer.text,
        min(answer.time, kept.first),
        answer.seq,
    )
