"""The rows of a store, and how spaces are named: plain values without rules.

Times are in milliseconds since 1970, sizes in bytes, ids and hashes have 32 bytes.
"""

from dataclasses import dataclass

from formats.cid import Cid


@dataclass(frozen=True, slots=True)
class SpaceKey:
    """A space is named by its owner's id and its own id, 32 bytes each."""

    owner: bytes
    space: bytes


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account. ``quota`` is bytes; ``signed_up`` the client's sign-up nonce.

    ``keep``: seconds for which its owner wants superseded states kept; None: as the node says.
    ``factors``: ``formats.factors.Factors``, encoded; no bytes for none.
    """

    name: str
    id: bytes
    sign_in: bytes
    quota: int
    created: int
    signed_up: bytes
    keep: int | None = None
    factors: bytes = b""


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """What a home knows of an identity: its chain and its whereabouts, as envelopes."""

    id: bytes
    chain: tuple[bytes, ...]
    whereabouts: bytes


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """The state of one space: its records in force and its size.

    ``used`` is the exact sum of the sizes of all blocks the space refers to.
    """

    key: SpaceKey
    record: bytes
    pointer: bytes
    seq: int
    root: Cid
    used: int


@dataclass(frozen=True, slots=True)
class RetainedRoot:
    """A superseded root that is still held. ``superseded`` is in milliseconds."""

    key: SpaceKey
    seq: int
    root: Cid
    pointer: bytes
    superseded: int


@dataclass(frozen=True, slots=True)
class PastRow:
    """A superseded root that is still held, without its pointer: what letting go needs to know."""

    key: SpaceKey
    seq: int
    root: Cid
    superseded: int


@dataclass(frozen=True, slots=True)
class PinRow:
    """A state of a space that stays until its owner says otherwise: the current one, or a past one.

    ``note`` is sealed by the owner; ``made`` in milliseconds.
    """

    key: SpaceKey
    seq: int
    made: int
    note: bytes


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open staging session. ``reserved``: bytes of the blocks staged in it, exact."""

    session: bytes
    key: SpaceKey
    member: bytes
    expires: int
    reserved: int


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One sealed message. ``seq`` rises by arrival for each target, with no reuse."""

    target: bytes
    seq: int
    arrived: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An inbox token that its owner registered, by hash."""

    target: bytes
    hash: bytes
    expires: int
    uses: int


@dataclass(frozen=True, slots=True)
class InviteRow:
    """An invite, by the hash of its code. ``used_by`` is an account name or empty.

    ``replica``: it is good for keeping a replica of so many bytes, and for no account.
    """

    hash: bytes
    expires: int
    quota: int
    created: int
    used_by: str
    replica: bool = False


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    """That the node ``peer`` keeps a replica of an owner's account: there, and at the home.

    ``grant``: the newest that the owner signed. ``noted``: how it stands, as the node
    that keeps this row says it; canonical, to be read by ``node/following`` alone.
    """

    owner: bytes
    peer: bytes
    grant: bytes
    noted: bytes


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """That an account was deleted here, as its owner asked.

    ``farewell`` is what they signed, ``receipt`` what the node signed; kept until ``until``.
    """

    id: bytes
    farewell: bytes
    receipt: bytes
    until: int


@dataclass(frozen=True, slots=True)
class Release:
    """A link that a space holds and is about to give back. Greater numbers came later."""

    number: int
    key: SpaceKey
    cid: Cid
    kind: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A block that a space refers to: how many counted links, as what kind, and its size."""

    cid: Cid
    count: int
    kind: int
    size: int


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block as the index has it. ``number``: its place in the order of ``Audited.blocks``."""

    number: int
    cid: Cid
    size: int


@dataclass(frozen=True, slots=True)
class Copied:
    """What copying a store came to: bytes copied, bytes shared with an older copy.

    ``lacking``: blocks that are not whole in the store either, so not in the copy.
    """

    bytes: int
    shared: int
    lacking: int
