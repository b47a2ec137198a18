"""The blocks door: put sealed blocks in, get them out with proof.   /holdfast/blocks/1

Participants: members of a space, readers with a capability, a home.
Goals: verified reads in one round trip (the home is not believed, only its
hashes); a stranger learns nothing; uploads that resume; bounded memory.
Non-goals: finding homes, knowing what a block is, fetching by CID for readers.

    member                                 home
      OpenSession(space)    ------------>
                            <------------  Session(id, expires)
      Stage(id, blocks)     ------------>
                            <------------  Staged(reserved)          durable
      Missing(id, cids)     ------------>
                            <------------  Lacking(cids)
      Recall(id, cids)      ------------>
                            <------------  Recalled(blocks)

      AskLost(space)        ------------>
                            <------------  Lost(what the home lost)
      Mend(space, blocks)   ------------>
                            <------------  Mended(count)             durable

    reader or member
      Read(space, items, reader?) ------>
                            <------------  Found(pointer?, record?, here, blocks)

What is staged belongs to nothing until a commit (the pointers door) names it.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from formats.cid import Cid
from protocols.accounts import Prove
from protocols.shapes import AtMost, Below, Blocks, Body, Count, Id, Record, Token, Uint

PROTOCOL: Final = "/holdfast/blocks/1"
MAX_ITEMS: Final = 4096
MAX_READ_BYTES: Final = 16 * 1024 * 1024
"""A home stops adding segments to an answer here and lists what it left in ``rest``."""
MAX_STAGE_BYTES: Final = 16 * 1024 * 1024
MAX_RECALLED: Final = 64
MAX_LOST: Final = 4096
"""Lost blocks of a space that a home names."""
MAX_MEND_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Open a staging session for a space. Needs role "member"; expires in 7 days of silence."""

    owner: Id
    space: Id


@dataclass(frozen=True, slots=True)
class Session:
    """A session's secret name and when it expires (ms)."""

    session: Token
    expires: Uint


@dataclass(frozen=True, slots=True)
class Stage:
    """Put blocks into a session; at most ``MAX_STAGE_BYTES``. Durable when answered.

    Errors: ``Expired`` (no such session for this caller), ``QuotaExceeded``,
    ``BadBlock``, ``DiskFull``.
    """

    session: Token
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes of the session now reserved."""

    reserved: Uint


@dataclass(frozen=True, slots=True)
class Missing:
    """Which of these does the session lack? Never looks beyond session and space."""

    session: Token
    cids: Annotated[tuple[Cid, ...], Count(MAX_ITEMS)]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Those that must be staged."""

    cids: Annotated[tuple[Cid, ...], Count(MAX_ITEMS)]


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back blocks that this session holds. Errors: ``Expired``.

    For a file that is being changed at random places: what is staged is read and
    changed again before anything is committed. Never looks beyond the session.
    """

    session: Token
    cids: Annotated[tuple[Cid, ...], Count(MAX_RECALLED)]


@dataclass(frozen=True, slots=True)
class Recalled:
    """Those that the session holds, in the order of the request, up to ``MAX_READ_BYTES``."""

    blocks: Blocks


@dataclass(frozen=True, slots=True)
class CloseSession:
    """Forget a session and what only it held."""

    session: Token


@dataclass(frozen=True, slots=True)
class Closed:
    """It is forgotten."""


@dataclass(frozen=True, slots=True)
class AskLost:
    """What the home found that it lost of a space, and could not replace. Role "member"."""

    owner: Id
    space: Id


@dataclass(frozen=True, slots=True)
class LostBlock:
    """A block that is not whole, and a label that cannot be read for it, where one is known.

    ``bits`` below 256: all labels that begin with these bits of ``label``.
    """

    cid: Cid
    label: Id | None
    bits: Annotated[int, Below(256)]


@dataclass(frozen=True, slots=True)
class Lost:
    """As the last whole check at the home found it, but for what was handed in since."""

    blocks: Annotated[tuple[LostBlock, ...], Count(MAX_LOST)]


@dataclass(frozen=True, slots=True)
class Mend:
    """Hand in blocks that the home lost, at most ``MAX_MEND_BYTES``. Role "member".

    Those that it did not name, or has whole, are passed over. Errors: ``BadBlock``, ``DiskFull``.
    """

    owner: Id
    space: Id
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Mended:
    """Durable: so many of them are whole again."""

    count: Uint


@dataclass(frozen=True, slots=True)
class Item:
    """One leaf to read.

    ``proof`` (a ``formats.read_proof.ReadProof``) is for readers; members need
    none. ``segments``: which of the leaf's segments to send, by position;
    ``all_segments`` sends every one.
    """

    label: Id
    proof: Annotated[bytes, AtMost(256)] | None
    segments: Annotated[tuple[Uint, ...], Count(20)]
    all_segments: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Read leaves of a space by label, with the tree nodes that prove them.

    ``root``: read at this root block (current, or superseded less than ten
    minutes ago); absent: the current one. ``known``: hash of the pointer the
    caller has; the records are left out of the answer when it is still current.
    ``since``: number of the newest pointer the caller has seen, for ``between``.
    ``nodes``: tree nodes to add by CID; members only, within the space. ``reader``: a proof of
    role "reader" that this connection has not shown yet, and that counts from this request on.
    """

    owner: Id
    space: Id
    root: Cid | None
    known: Id | None
    since: Uint | None
    items: Annotated[tuple[Item, ...], Count(MAX_ITEMS)]
    nodes: Annotated[tuple[Cid, ...], Count(MAX_ITEMS)]
    reader: Prove | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. Nothing in it is to be believed before it is verified.

    ``pointer``/``record``: the current signed pointer and space record;
    ``between``: bodies that prove its descent from ``since``, as in ``Resolved``.
    ``here``: for each item, whether its leaf is among the blocks; for a member
    False with the tree nodes is proof of absence; for a reader it says nothing.
    ``blocks``: the root block, tree nodes (each once), leaves, segments.
    ``rest``: positions of items that did not fit, wholly (``here`` is False and proves
    nothing) or but for their leaf; ask again for those. One item always fits.
    When a reader proved nothing that is there: ``Denied``, always alike.
    """

    pointer: Record | None
    record: Record | None
    between: Annotated[tuple[Body, ...], Count(2048)]
    here: Annotated[tuple[bool, ...], Count(MAX_ITEMS)]
    rest: Annotated[tuple[Uint, ...], Count(MAX_ITEMS)]
    blocks: Blocks
