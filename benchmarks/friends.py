"""Two people on two nodes: following, sharing, reading, taking back; all over libp2p."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import trio

from benchmarks.drives import drive_of
from benchmarks.measuring import Bench
from benchmarks.place import Place, neighbour
from benchmarks.sources import large_file, must_be_same_files, must_equal, small_files
from client.drive.download import download
from client.drive.listing import ls
from client.drive.upload import upload
from client.session import Session
from client.sharing.share import share, unshare
from client.social.card import contact_card
from client.social.follow import accept, follow
from client.social.inbox import collect
from formats.errors import HoldfastError
from node.transport.dialer import dialing

_REVOKED: Final = 100 * 1024 * 1024


def friends(bench: Bench) -> None:
    """The whole story of a share, timed in parts."""
    trio.run(_friends, bench)


async def _friends(bench: Bench) -> None:
    async with _two(bench) as (alice, bob):
        source = small_files(bench.folder / "album", 10)
        await upload(drive_of(alice), [str(source)], "album")
        with bench.measuring("friends/all"):
            await _become_friends(alice, bob)
            await share(alice, "album", "bob")
            await collect(bob)
            await download(drive_of(bob), ["/alice/album"], str(bench.folder / "album.back"))
        must_be_same_files(source, bench.folder / "album.back")
        await _share_and_take_back(bench, alice, bob)


async def _become_friends(alice: Session, bob: Session) -> None:
    """Bob follows Alice from her card; she accepts and follows back."""
    await follow(bob, (await contact_card(alice)).text)
    await collect(alice)
    await accept(alice, "bob", back=True)
    await collect(bob)


async def _share_and_take_back(bench: Bench, alice: Session, bob: Session) -> None:
    large = large_file(bench.folder / "film", min(_REVOKED, bench.size))
    await upload(drive_of(alice), [str(large)], "film")
    with bench.measuring("friends/share"):
        await share(alice, "film", "bob", and_tell=False)
    back = bench.folder / "film.back"
    with bench.measuring("friends/read", size=large.stat().st_size):
        await download(drive_of(bob), ["/alice/film"], str(back))
    await trio.to_thread.run_sync(must_be_same_files, large, back)
    with bench.measuring("friends/unshare"):
        await unshare(alice, "film", "bob", and_finish=False)
    must_equal(await _can_read(bob), False, "whether it can be read after it was taken back")


async def _can_read(bob: Session) -> bool:
    try:
        return bool((await ls(drive_of(bob), "/alice/film")).entries)
    except HoldfastError:
        return False


@asynccontextmanager
async def _two(bench: Bench) -> AsyncIterator[tuple[Session, Session]]:
    """Alice and Bob, each at a node in a process of its own."""
    async with AsyncExitStack() as stack:
        dialer = await stack.enter_async_context(dialing())
        sessions = []
        for name in ("alice", "bob"):
            home, invites = stack.enter_context(neighbour(bench, f"node-of-{name}"))
            session = await Place(bench, home, dialer, invites[0]).sign_up(name)
            stack.push_async_callback(session.aclose)
            sessions.append(session)
        yield sessions[0], sessions[1]
