"""All spaces of mine, and who of mine may commit to them: signed anew when my keys were renewed.

Every space record is in force under the newest identity record only. A renewal puts those of
the first spaces in force together with it (``client.identity.rotation``); of who has more, the
rest follow one by one, here, also after whatever cut it off: their record says itself that it
is of an older identity.
"""

from collections.abc import Iterable

from client.answers import handed_over
from client.identity.bundle import Bundle
from client.session import Owner, Session
from client.sharing import guests
from client.sharing.apart import own_author, own_space
from client.social.store import look
from client.space.committer import OwnSpace
from client.space.view import SpaceView
from crypto.signing import SigningKey
from formats.identity import IdentityChain
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


def with_members(
    record: SpaceRecord, mine: Iterable[SigningKey], chain: IdentityChain, daily: SigningKey
) -> SpaceRecord:
    """The record that follows, in which these keys are mine and no others; guests stay."""
    theirs = [each for each in record.members if not each.rights & Rights.MEMBERS]
    keys = {each.verify_key.digest() for each in mine}
    members = [*theirs, *(Member(key, Rights.ALL) for key in keys)]
    return SpaceRecord.following(record, chain, members, daily)


async def let_in(session: Session, space: OwnSpace, after: Bundle) -> None:
    """Make the key that ``after`` has for this space a member of it, beside the present one."""
    now, then = (each.own_member(space.view.space) for each in (session.bundle, after))

    def make(record: SpaceRecord) -> SpaceRecord | None:
        if record.member(then.verify_key.digest()) is not None:
            return None
        return with_members(record, (now, then), session.chain, session.bundle.daily)

    await space.change_members(make)


async def sign_again(session: Session, space: OwnSpace) -> bool:
    """Put the space's record in force under my newest identity, if it is of an older one."""
    view, chain = space.view, session.chain
    mark = view.marks.get(view.owner, view.space)
    state = await view.resolve(None if mark is None else mark.seq)
    with handed_over("space record"):
        made_under = SpaceRecord.decode(state.record).identity_seq
    if made_under >= chain.seq:
        return False
    older = SpaceView(
        view.line,
        Owner(chain.until(made_under)),
        view.marks,
        view.cache,
        view.owner,
        view.space,
    )
    member, daily = session.bundle.own_member(view.space), session.bundle.daily
    await by_key(session, older, member).change_members(
        lambda record: with_members(record, (member,), chain, daily)
    )
    return True
