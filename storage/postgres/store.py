"""PostgresStore: the back end of a site. START HERE.

Records, the index of all blocks and blocks up to 64 KiB are in a PostgreSQL database;
larger blocks are in packs, wherever those are (``storage/packs.py``). Several processes,
on several machines, may open one store at once: what one acknowledged, all see.

    writer.py        one thread and connection that writes; one batch at a time in the site
    readers.py       some threads and connections that read
    listening.py     one thread and connection that hears what others changed

``docs/spec/storage.md`` is the layout, ``docs/decisions/0230`` to ``0234`` say why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import psycopg
import trio

from formats.errors import Unfit
from storage.contracts import Change, Copied, Transaction, View
from storage.packs import Packs
from storage.postgres.address import Address
from storage.postgres.faults import of_postgres
from storage.postgres.link import Link
from storage.postgres.listening import Listener
from storage.postgres.pens import PostgresPens
from storage.postgres.readers import Readers
from storage.postgres.schema import MIGRATIONS, prepare
from storage.postgres.site import Site
from storage.postgres.taking_up import taken_up
from storage.postgres.transactions import SETTINGS, Transactions
from storage.postgres.writer import Writer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Settings:
    address: Address
    packs: Packs
    readers: int
    migrations: Sequence[str]


class PostgresStore:
    """``Store`` in PostgreSQL. Made by ``open``; use it from the trio run that opened it."""

    def __init__(
        self, link: Link, packs: Packs, writer: Writer, readers: Readers, listener: Listener
    ) -> None:
        self._link = link
        self._packs = packs
        self._writer = writer
        self._readers = readers
        self._listener = listener
        self._closed: trio.Event | None = None

    @classmethod
    async def open(
        cls,
        address: Address,
        packs: Packs,
        *,
        readers: int = 4,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> Self:
        """Open the store, made if the database is empty, and upgraded if it is old.

        ``packs`` is closed with the store, also when this fails. After a crash, of this
        process or of the server, nothing needs repair. Raises ``SchemaTooNew``,
        ``DiskFull``, ``StorageFailed``.
        """
        settings = _Settings(address, packs, readers, migrations)
        return await trio.to_thread.run_sync(cls._open, settings)

    @classmethod
    def _open(cls, settings: _Settings) -> Self:
        link = Link(settings.address, *SETTINGS)
        opened = False
        try:
            made = cls._start(settings, link)
            opened = True
        except psycopg.Error as error:
            raise of_postgres(error) from error
        finally:
            if not opened:
                link.drop()
                settings.packs.close()
        return made

    @classmethod
    def _start(cls, settings: _Settings, link: Link) -> Self:
        packs = settings.packs
        prepare(link.get(), settings.migrations)
        site = Site.of(link.get())
        pens = PostgresPens(link, site)
        pen = taken_up(link.get(), packs, pens)
        transactions = Transactions(link, site, pens, pen, len(settings.migrations))
        transactions.forget_old()
        listener = Listener(settings.address, site, transactions.writer)
        listener.start()
        writer = Writer(transactions, site, packs, pen, lambda: listener.keeps_house)
        readers = Readers(settings.address, packs, settings.readers)
        return cls(link, packs, writer, readers, listener)

    async def read(self, work: Callable[[View], T]) -> T:
        return await self._readers.run(work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        return await self._writer.run(work)

    async def copy_to(
        self, folder: Path, before: Path | None, step: Callable[[int], None]
    ) -> Copied:
        raise Unfit(
            "records in PostgreSQL are copied by its own tools",
            hint="use pg_dump, and copy the packs of the same moment: docs/admin.md says how",
        )

    @property
    def keeps_house(self) -> bool:
        return self._listener.keeps_house

    def watch(self, heard: Callable[[Change], None]) -> None:
        token = trio.lowlevel.current_trio_token()

        def hand_over(change: Change) -> None:
            try:
                token.run_sync_soon(heard, change)
            except trio.RunFinishedError:
                self._listener.tell(None)

        self._listener.tell(hand_over)

    async def aclose(self) -> None:
        if self._closed is not None:
            await self._closed.wait()
            return
        self._closed = trio.Event()
        await self._readers.close()
        await self._writer.close()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._end)
        self._closed.set()

    def _end(self) -> None:
        self._listener.close()
        self._link.drop()
        self._packs.close()
