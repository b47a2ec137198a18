"""All of an account from its home into a file. START HERE.

    export = Export(session, attempt)      the password was shown, and all that is asked
    await export.into_file("/media/stick/alice.car", tell)

What is written is what the home has when it begins, but for superseded states: each space at its
newest state, every block of it, every record down to the first, and what signs in. All of that
is verified as it comes: what does not hold ends it. It can be cut off anywhere, and gone on
with as long as the home has the states that the file is of.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import trio

from client.archive.frames import Writer
from client.archive.handing import blocks_of, bodies_of
from client.archive.inside import Inside
from client.archive.manifest import At, Manifest
from client.archive.part import Part, opened
from client.identity.attempt import Attempt
from client.identity.password import PasswordKeys
from client.identity.whereabouts import take_newest
from client.moving.copying import Node, own_spaces, with_spaces
from client.moving.missing import Lack, lacks
from client.session import Session
from crypto.passwords import PasswordParameters
from formats.cid import Block
from formats.errors import Conflict, MissingBlock, Stale

Tell = Callable[[int, int], None]
"""Told how far it is: blocks and bytes of them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that is whole. ``made``: of what time it is, ms; ``bytes``: of its blocks."""

    made: int
    spaces: int
    blocks: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Export:
    """Whose account is to be written; what the attempt was shown seals it."""

    session: Session
    attempt: Attempt

    @property
    def keys(self) -> PasswordKeys:
        """What the password gave."""
        return self.attempt.keys

    @property
    def parameters(self) -> PasswordParameters:
        """How."""
        return self.attempt.record.parameters

    @property
    def device(self) -> bool:
        """Whether the device secret was part of it."""
        return self.attempt.device is not None

    async def into_file(self, path: str, tell: Tell) -> Exported:
        """Write ``path``, or go on with it. Raises Exists, DiskFull, Unreachable, and so on.

        Conflict where the home has given up the states that an unfinished file is of.
        """
        with opened(path) as file:
            part = Part(path, file)
            begun = part.begin, self.keys, self.parameters, self.device
            writer, inside, finished = await trio.to_thread.run_sync(*begun)
            try:
                async with aclosing(self._rest(writer, inside, finished, tell)) as pieces:
                    async for data in pieces:
                        await trio.to_thread.run_sync(part.append, data)
            except MissingBlock as error:
                raise Conflict(
                    f"the home has given up what this file is of ({error.message})",
                    hint="remove the unfinished file and begin again",
                ) from error
            await trio.to_thread.run_sync(part.finish)
        return _exported(inside)

    async def pieces(self, tell: Tell) -> AsyncGenerator[bytes, None]:
        """The bytes of a file, as they are made: for a pipe."""
        writer = Writer.begin(self.keys, self.parameters, self.device)
        yield writer.beginning
        async with aclosing(self._rest(writer, Inside(), False, tell)) as pieces:
            async for data in pieces:
                yield data

    async def _rest(
        self, writer: Writer, inside: Inside, finished: bool, tell: Tell
    ) -> AsyncGenerator[bytes, None]:
        """What is not written yet."""
        if not inside.has_records:
            manifest = await self.manifest()
            yield await trio.to_thread.run_sync(_taken, writer, inside, manifest.blocks)
        elif not finished:
            await self._heads()  # the keys of all spaces are shown
        while not inside.is_whole:
            blocks = await self._next(inside)
            yield await trio.to_thread.run_sync(_taken, writer, inside, blocks)
            tell(inside.blocks, inside.bytes)
        if not finished:
            yield await trio.to_thread.run_sync(writer.finish)

    async def manifest(self) -> Manifest:
        """The records as they are now; raises Stale where the home shows less than was seen."""
        session = self.session
        await take_newest(session)
        found = []
        for each in await self._heads():
            if each.situation is None or not each.fits:
                raise Stale(
                    "the home shows an older state than was seen of it: that is not written down",
                    hint="'holdfast restored' says what to do",
                )
            tip = each.situation.home
            found.append(At(tip.pointer, tip.record))
        made, where = session.around.now(), session.whereabouts
        return Manifest(made, session.chain, where, self.attempt.record, tuple(found))

    async def _heads(self) -> list[Lack]:
        session = self.session
        spaces = await own_spaces(session)
        await with_spaces(session, session.line, spaces[1:])
        return await lacks(session, Node(session.line.homes[0], session.line), spaces)

    async def _next(self, inside: Inside) -> list[Block]:
        line, id, space = self.session.line, self.session.id, inside.at.space
        wanted = inside.wanted
        if wanted:
            return await blocks_of(line, id, space, wanted)
        bodies = await bodies_of(line, id, space, inside.below)
        return [Block.cbor(each) for each in bodies]


def _taken(writer: Writer, inside: Inside, blocks: list[Block]) -> bytes:
    """What is to be written for these blocks."""
    written = []
    for block in blocks:
        inside.take(block)
        written.append(writer.add(block))
    return b"".join(written)


def _exported(inside: Inside) -> Exported:
    manifest = inside.manifest
    return Exported(manifest.made, len(manifest.spaces), inside.blocks, inside.bytes)
