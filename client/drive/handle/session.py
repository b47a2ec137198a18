"""Where a draft's segments are staged: a session of the space, opened when it is first needed."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final, TypeAlias

import trio

from client.drive.ring import Ring
from client.space.reading import Space, Staging
from crypto.purposes import SealPurpose
from formats.cid import Block, Cid

Content: TypeAlias = bytes | bytearray | memoryview

_WORTH_A_HOP: Final = 2
"""Sealing more segments than this goes to a worker thread."""


class DraftSession:
    """Seals segments under the newest key of ``ring`` and stages them; reads them back."""

    def __init__(self, space: Space, ring: Ring, per_chunk: int) -> None:
        self.ring: Final = ring
        self._space: Final = space
        self._per_chunk: Final = per_chunk
        self._stack: Final = AsyncExitStack()
        self._staging: Staging | None = None

    @property
    def session(self) -> bytes | None:
        """The secret name of the session, if one was opened."""
        return None if self._staging is None else self._staging.session

    async def stage(self, segments: Mapping[int, Content]) -> dict[int, Cid]:
        """Seal segments, by number, each as long as it shall be; durable when this returns."""
        if not segments:
            return {}
        if len(segments) > _WORTH_A_HOP:
            blocks = await trio.to_thread.run_sync(self._sealed, segments)
        else:
            blocks = self._sealed(segments)
        if self._staging is None:
            self._staging = await self._stack.enter_async_context(self._space.staging())
        await self._staging.stage(blocks)
        return {number: block.cid for number, block in zip(segments, blocks, strict=True)}

    async def recall(self, cids: Mapping[int, Cid]) -> dict[int, bytes]:
        """What was staged, opened again, by number."""
        if not cids or self._staging is None:
            return {}
        blocks = await self._staging.recall(list(cids.values()))
        return {
            number: self.ring.open(block, SealPurpose.SEGMENT, *self._place(number))
            for number, block in zip(cids, blocks, strict=True)
        }

    async def aclose(self) -> None:
        """Close the session: what no commit named is forgotten."""
        await self._stack.aclose()

    def _sealed(self, segments: Mapping[int, Content]) -> list[Block]:
        return [
            Block.raw(self.ring.seal(bytes(content), SealPurpose.SEGMENT, *self._place(number)))
            for number, content in segments.items()
        ]

    def _place(self, number: int) -> tuple[int, int]:
        return divmod(number, self._per_chunk)
