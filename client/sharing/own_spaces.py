"""All spaces of mine, and who of mine may commit to them: signed anew when my keys were renewed.

Every space record is in force under the newest identity record only. A renewal puts those of
the first spaces in force together with it (``client.identity.rotation``); of who has more, the
rest follow one by one, here, also after whatever cut it off: their record says itself that it
is of an older identity.
"""

from client.answers import handed_over
from client.identity.admitting import following, own_members
from client.identity.bundle import Bundle
from client.session import Owner, Session
from client.sharing import guests
from client.sharing.apart import own_author, own_space
from client.social.store import look
from client.space.committer import OwnSpace
from client.space.entrance import is_inside
from client.space.view import SpaceView
from crypto.signing import SigningKey
from formats.space import Member, Rights, SpaceRecord


async def own_spaces(session: Session) -> list[OwnSpace]:
    """Every space of mine, the root space first."""
    apart = await guests.everything(await look(session))
    return [session.space, *[await own_space(session, each.space) for each in apart]]


def by_key(session: Session, view: SpaceView, member: SigningKey) -> OwnSpace:
    """A space of mine, written to with this member key."""
    root = view.space == session.bundle.space
    author = session.author if root else own_author(session, view.space)
    return OwnSpace(view, member, session.around.now, session.around.random, author)


async def let_in(session: Session, space: OwnSpace, after: Bundle) -> None:
    """Make the entry key that ``after`` has for this space a member of it, beside the present one.

    By a machine that is a member, or becomes one. Of no effect if nothing follows.
    """
    id = space.view.space
    entry = Member(after.entry_key(id).verify_key.digest(), Rights.MEMBERS)

    def make(record: SpaceRecord) -> SpaceRecord | None:
        if record.member(entry.key) is not None:
            return None
        members = [*record.members, entry]
        return SpaceRecord.following(record, session.chain, members, session.bundle.daily)

    await space.change_members(make)


async def sign_again(session: Session, space: OwnSpace) -> bool:
    """Put the space's record in force under my newest identity, if it is of an older one.

    Of machines only this one is a member then: the others come in again when they sign in.
    """
    view, chain, bundle = space.view, session.chain, session.bundle
    mark = view.marks.get(view.owner, view.space)
    state = await view.resolve(None if mark is None else mark.seq)
    with handed_over("space record"):
        present = SpaceRecord.decode(state.record)
    if present.identity_seq >= chain.seq:
        return False
    older = SpaceView(
        view.line,
        Owner(chain.until(present.identity_seq)),
        view.marks,
        view.cache,
        view.owner,
        view.space,
    )
    mine = own_members(bundle, view.space)
    await by_key(session, older, own_key_in(bundle, view.space, present)).change_members(
        lambda record: following(record, mine, chain, bundle)
    )
    return True


def own_key_in(bundle: Bundle, space: bytes, record: SpaceRecord) -> SigningKey:
    """The key of mine that may say who is a member from now on: the machine's, or the entry key."""
    machine = bundle.own_member(space)
    return machine if is_inside(record, machine) else bundle.entry_key(space)
