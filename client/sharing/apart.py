"""Spaces besides the root space that a person writes to: their own, and those they are guests of.

Below the secret of its top folder a space has what the root space has: ``home``, which
is the shared folder itself, and ``system`` with its trash and journals.
"""

from collections.abc import Callable
from typing import Final

import trio

from client.drive.edit import TreeEdit
from client.home import HomeLine
from client.keys import NodeKeys
from client.provers import HybridProver
from client.session import Owner, Session, own_provers
from client.social.contacts import Contact
from client.social.owners import ContactOwners
from client.social.store import System
from client.space.author import Author
from client.space.committer import OwnSpace
from client.space.reading import Changing
from client.space.view import SpaceView
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.statement import Role
from formats.whereabouts import primary

_OWN: Final = b""


def own_key(session: Session, space: bytes) -> SigningKey:
    """My member key of a space of mine: another one on each of my devices, and in each space."""
    return session.bundle.own_member(space)


def own_author(session: Session, space: bytes) -> Author:
    """Says to my devices which of them made a state of a space that others write to, too."""
    top = derive(session.bundle.account, KdfPurpose.AUTHOR, space)
    return Author(top, space, lambda: session.around.device)


async def own_space(session: Session, space: bytes) -> OwnSpace:
    """A space of mine, one for the whole session; its member key is shown on my line."""
    key = (session.id, space, _OWN)
    made = session.apart.get(key)
    if made is None:
        first, second = await trio.to_thread.run_sync(own_provers, session.bundle, space)
        session.line.show(first)
        await session.line.add(second)
        cache = session.blocks(session.whereabouts.homes, session.id, space, session.name)
        owner = Owner(session.chain)
        view = SpaceView(session.line, owner, session.marks, cache, session.id, space)
        session.watch(view, session.name)
        around, author = session.around, own_author(session, space)
        member, entrance = own_key(session, space), session.entrance(space)
        made = OwnSpace(view, member, around.now, around.random, author, entrance)
        made = session.apart.setdefault(key, made)
    return made


async def guest_space(session: Session, known: Contact, space: bytes, seed: Secret) -> OwnSpace:
    """A contact's space that I may write to, with the member key I was given for it."""
    member = await trio.to_thread.run_sync(SigningKey.from_seed, seed)
    key = (known.id, space, member.verify_key.digest())
    made = session.apart.get(key)
    if made is not None and made.view.line.homes[0].peer != primary(known.reach.homes).peer:
        await session.apart.pop(key).view.line.aclose()  # they moved
        made = None
    if made is None:
        prover = HybridProver(Role.MEMBER, known.id + space, member)
        line = HomeLine(session.around.network, [primary(known.reach.homes)], prover)
        cache = session.blocks(known.reach.homes, known.id, space, known.name)
        owners = ContactOwners(session)
        view = SpaceView(line, owners, session.marks, cache, known.id, space)
        session.watch(view, known.name)
        made = OwnSpace(view, member, session.around.now, session.around.random)
        made = session.apart.setdefault(key, made)
    return made


def system_of(session: Session, top: NodeKeys) -> Callable[[Changing], System]:
    """The system folder of a space with this top folder, within an operation."""
    return lambda changing: System(session, changing, TreeEdit(changing, top))
