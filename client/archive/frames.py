"""Sealed pieces in a CAR file, written and read.

    file  = CAR header (root: head) | head | frame 0 | frame 1 | … | last frame
    frame = a raw block: sections of CAR, whole ones, sealed together

A frame is sealed with the hash of the head, its number, and whether it is the last: so frames
cannot be left out, added, put elsewhere or into another file. A frame is closed before it would
pass a MiB; nothing of what is in it, nor where it ends, shows but its size.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from client.identity.password import PasswordKeys
from crypto.errors import CryptoError
from crypto.passwords import PasswordParameters
from crypto.purposes import SealPurpose
from crypto.sealing import OVERHEAD, Associated, SealingKey
from crypto.secret import Secret, random_bytes
from formats.archive import KEY_SIZE, ArchiveHead, said
from formats.car import Source, header, read_block, read_header, read_section, section
from formats.cid import MAX_BLOCK, Block, Cid
from formats.dag_cbor import encode
from formats.errors import BadBlock, Damaged, Forged, Malformed, WrongPassword

FRAME: Final = MAX_BLOCK - OVERHEAD
"""Bytes of sections in a frame; more only where a single one is as large."""

NOT_WHOLE: Final = "another copy of the file may be whole; nothing of this one was believed"


@contextmanager
def in_a_file() -> Iterator[None]:
    """What is found wrong here is wrong with a file, whoever looks for it elsewhere, too."""
    try:
        yield
    except (BadBlock, Forged, Malformed) as error:
        raise type(error)(error.message, hint=NOT_WHOLE) from error


class Writer:
    """Makes the bytes of a file, in order. ``add`` and ``finish`` take a worker thread."""

    def __init__(self, head: ArchiveHead, key: SealingKey, number: int = 0) -> None:
        self._key: Final = key
        self._head: Final = head.block
        self._number = number
        self._sections: list[bytes] = []
        self._size = 0

    @classmethod
    def begin(cls, keys: PasswordKeys, parameters: PasswordParameters, device: bool) -> "Writer":
        """A new file with a fresh key."""
        key = Secret(random_bytes(KEY_SIZE))
        sealed = keys.archive.seal_committed(key.reveal(), _around(parameters, device))
        return cls(ArchiveHead(parameters, device, sealed), SealingKey(key))

    @property
    def beginning(self) -> bytes:
        """What a file begins with."""
        return header(self._head.cid) + section(self._head.cid, self._head.data)

    def add(self, block: Block) -> bytes:
        """One block more; returns what is to be written now, often nothing."""
        made = section(block.cid, block.data)
        full = self._sections and self._size + len(made) > FRAME
        written = self._seal(last=False) if full else b""
        self._sections.append(made)
        self._size += len(made)
        return written

    def finish(self) -> bytes:
        """The last frame, after which there is nothing."""
        return self._seal(last=True)

    def _seal(self, last: bool) -> bytes:
        plain = b"".join(self._sections)
        sealed = self._key.seal(plain, _frame(self._head.cid, self._number, last))
        self._sections, self._size = [], 0
        self._number += 1
        cid = Cid.of_raw(sealed)
        return section(cid, sealed)


class Reader:
    """Reads a file from its beginning. Nothing that it returns was not sealed by who has the key.

    ``next`` and the rest may take a worker thread. Raises Damaged for what does not open.
    """

    def __init__(self, source: Source) -> None:
        self._source: Final = source
        with in_a_file():
            root = read_header(source)
            found = read_section(source)
            if found is None or found[0] != root or root.is_raw:
                raise Malformed("the file does not begin as an exported account does")
            self.head: Final = ArchiveHead.decode(found[1])
        self._root: Final = root
        self._key: SealingKey | None = None
        self.number = 0
        """Of the frame that comes next."""
        self.finished = False
        """Whether the last frame was read."""

    def open(self, keys: PasswordKeys) -> SealingKey:
        """Open the file's key; raises WrongPassword."""
        head = self.head
        try:
            opened = keys.archive.open_committed(head.key, _around(head.parameters, head.device))
        except CryptoError as error:
            raise WrongPassword(
                "the file does not open with that password",
                hint="it is the one that the account had when the file was written",
            ) from error
        self._key = SealingKey(Secret(opened))
        return self._key

    @in_a_file()
    def next(self) -> list[Block] | None:
        """The blocks of the next frame; None after the last one.

        Raises Damaged, Malformed, BadBlock.
        """
        found = read_section(self._source)
        if self.finished:
            if found is not None:
                raise Damaged("the file goes on after its end", hint=NOT_WHOLE)
            return None
        if found is None:
            raise Damaged("the file was cut short: its end is not there", hint=NOT_WHOLE)
        plain = self._open(found[1])
        self.number += 1
        return _blocks(plain)

    def _open(self, sealed: bytes) -> bytes:
        if self._key is None:
            raise Malformed("the file was not opened")
        for last in (False, True):
            try:
                plain = self._key.open(sealed, _frame(self._root, self.number, last))
            except CryptoError:
                continue
            self.finished = last
            return plain
        raise Damaged(f"piece {self.number} of the file is damaged", hint=NOT_WHOLE)


def _blocks(plain: bytes) -> list[Block]:
    source, found = BytesIO(plain), list[Block]()
    while (each := read_block(source)) is not None:
        found.append(each)
    return found


def _around(parameters: PasswordParameters, device: bool) -> Associated:
    return Associated(SealPurpose.ARCHIVE, encode(said(parameters, device)))


def _frame(root: Cid, number: int, last: bool) -> Associated:
    return Associated(SealPurpose.PIECE, root.digest, number, int(last))
