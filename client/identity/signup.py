"""Make an account: identity, keys, first space and first commit, in one request.

All or nothing, and idempotent: if the answer is lost, asking again with the
same nonce gives the same answer, so a name is never lost half way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.capability import Capability
from client.drive.folder import create_folder, insert
from client.home import Connected, HomeLine
from client.identity.admitting import own_members
from client.identity.bundle import Bundle, SealingSeed, seal_next
from client.identity.device_secret import DeviceSecret
from client.identity.password import PasswordKeys, password_keys
from client.identity.strength import check_new_password
from client.identity.whereabouts import check_newest, sign_whereabouts
from client.keys import Ref
from client.session import HOME, SYSTEM, Session, Surroundings
from client.space.opened import Opened
from client.space.overlay import Overlay
from client.space.state import Tip, spine_of
from crypto.secret import Secret, random_bytes, random_secret
from crypto.signing import SigningKey
from formats.cid import Block
from formats.errors import Unreachable, Withheld
from formats.identity import IdentityChain, IdentityRecord
from formats.leaf import Leaf
from formats.names import check_account_name
from formats.pointer import Pointer
from formats.root import Root
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.tree.node import EMPTY
from formats.tree.update import build
from formats.whereabouts import Home, Living, Whereabouts
from protocols.accounts import SignedUp, SignUp

_PERHAPS: Final = (
    "the account may or may not have been made: try 'holdfast login' when the node is back, "
    "and if that fails, 'holdfast signup' again"
)


async def sign_up(
    around: Surroundings,
    home: Home,
    name: str,
    password: str,
    invite: bytes | None = None,
    weak: bool = False,
    device: DeviceSecret | None = None,
) -> Session:
    """Make an account of this name at ``home``; returns the session, already signed in.

    ``weak``: a weak password is wanted. ``device``: a secret that this machine has besides
    the password, remembered here first. Raises BadName, Usage (weak password),
    Exists (name taken there), BadInvite, Unreachable.
    """
    check_account_name(name)
    await trio.to_thread.run_sync(check_new_password, password, (name,), weak)
    parameters = around.hardness.parameters()
    keys = await password_keys(password, parameters, around.hardness.floor, device)
    person = await trio.to_thread.run_sync(_Newborn.make, around, home, name, keys)
    blocks, root = await _first_content(person)
    space, pointer = await trio.to_thread.run_sync(person.first_records, root, around.now())
    record = SignInRecord(
        name,
        person.bundle.id,
        keys.sign_in.verify_key,
        parameters,
        person.bundle.seal(name, keys),
        0,
    )
    request = SignUp(
        name=name,
        nonce=random_bytes(16),
        identity=person.chain.records[0].encoded,
        whereabouts=person.whereabouts.encoded,
        sign_in=record.encoded,
        space=space.encoded,
        pointer=pointer.encoded,
        invite=invite,
        blocks=tuple(blocks),
    )
    if device is not None:
        around.remembered.keep_secret(name, home.peer, device)
    line = HomeLine(around.network, [home])
    try:
        await _ask(line, request)
        session = _session(around, name, person, Tip(pointer, space, spine_of(pointer)), blocks)
        session.line.go_on_from(line)
    finally:
        await line.aclose()
    session.record = record
    return session


@dataclass(frozen=True, slots=True)
class _Newborn:
    """A person with keys and records, before any home knows of them."""

    chain: IdentityChain
    whereabouts: Whereabouts
    bundle: Bundle

    @classmethod
    def make(cls, around: Surroundings, home: Home, name: str, keys: PasswordKeys) -> "_Newborn":
        now = around.now()
        daily, next_key = SigningKey.generate(), SigningKey.generate()
        first = IdentityRecord.first(
            SigningKey.generate(), daily.verify_key, next_key.verify_key.digest(), now
        )
        chain = IdentityChain((first,))
        seed = SealingSeed(random_secret(), now)
        whereabouts = sign_whereabouts(chain, 0, Living((home,), name), seed.pair, now, daily)
        bundle = Bundle(
            id=chain.id,
            head=chain.head_hash,
            head_seq=0,
            whereabouts_seq=0,
            daily=daily,
            sealing=(seed,),
            member=SigningKey.generate(),
            space=random_bytes(32),
            root=random_secret(),
            account=random_secret(),
            inner=seal_next(next_key.seed, name, chain.id, keys),
        )
        return cls(chain, whereabouts, around.on_this_machine(bundle))

    def first_records(self, root: Block, now: int) -> tuple[SpaceRecord, Pointer]:
        """The root space with this machine as its one member that writes, and its first pointer."""
        bundle = self.bundle
        members = own_members(bundle, bundle.space)
        space = SpaceRecord.first(bundle.space, self.chain, members, bundle.daily)
        return space, Pointer.first(space, root.cid, now, bundle.own_member(bundle.space))


class Nothing:
    """A ``Reading`` of a space that does not exist yet: nothing is there."""

    def __init__(self, owner: bytes, space: bytes) -> None:
        self.owner: Final = owner
        self.space: Final = space
        self.opened: Final = Opened()
        self.moved_on: Final = False

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """None."""
        await trio.lowlevel.checkpoint()
        return {}

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """There are none."""
        raise Withheld("a space that does not exist yet has no segments")


async def _first_content(person: _Newborn) -> tuple[list[Block], Block]:
    """The blocks of the first commit, and its root block: a top folder with two in it."""
    bundle = person.bundle
    overlay = Overlay(Nothing(bundle.id, bundle.space))
    top = Capability(bundle.id, bundle.space, bundle.root)
    created = person.chain.head.created * 1_000_000
    await create_folder(overlay, bundle.root, created)
    for name in (HOME, SYSTEM):
        secret: Secret = random_secret()
        entry = await create_folder(overlay, secret, created)
        await insert(overlay, top, replace(entry, name=name))
    leaves = {label: leaf.block for label, leaf in overlay.leaves_put.items() if leaf is not None}
    tree = build({label: block.cid for label, block in leaves.items()})
    root = Root(tree.root, EMPTY.cid).block
    return [root, EMPTY, *tree.blocks, *leaves.values()], root


async def _ask(line: HomeLine, request: SignUp) -> None:
    async def ask(connected: Connected) -> SignedUp:
        return await connected.doors.accounts.sign_up(request)

    try:
        await line.call(ask)
    except Unreachable as error:
        raise Unreachable(error.message, hint=_PERHAPS) from error


def _session(
    around: Surroundings, name: str, person: _Newborn, tip: Tip, blocks: Sequence[Block]
) -> Session:
    where = person.whereabouts
    session = Session.at(around, where.home, name, person.chain, where, person.bundle)
    for block in blocks:
        session.cache.put(block)
    session.space.view.adopt(tip)
    check_newest(session.marks, where)
    return session
