"""Renewing one's identity keys: the next record of the chain, and all that stands by it.

    1  the key of succession comes out of the bundle, which the password just opened
    2  what is to be put in force is drawn, and kept here, sealed
    3  in each of one's spaces this machine is a member; in those that 4 has no room for, the
       coming entry key is let in beside the present one
    4  one request: record, whereabouts, bundle, the records of the spaces, and what the
       recovery kit opens; the home has all of it or nothing. Of one's machines only this one
       is a member then. Where a machine was lost, the root space has a new secret too, and
       whatever was readable by the old one is refused (``client.sharing.anew``)
    5  the home is asked with the new keys alone; then a new session goes on
    6  where a machine was lost: new secrets for those spaces that 4 had no room for, each with
       a commit of its own, before this returns; those that it did not come to follow later

Cut off before 4, the old keys are in force and nobody saw others; after it, the new ones. If
the answer of 4 is lost, 5 says which. Done again, the same record is made: two of one number
would be an alarm to everybody, whoever made them. After 5, what a session does anyway tells
friends, signs the rest of the spaces, the replicas' grants and the public profile.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.home import Connected, HomeLine
from client.identity.admitting import alone, following, own_members
from client.identity.attempt import Attempt
from client.identity.bundle import Bundle, open_next
from client.identity.device_notes import mark_revoked
from client.identity.password import PasswordKeys, password_keys
from client.identity.succession import NextKeys, Person, Succession, succeed
from client.identity.whereabouts import check_newest, next_number, take_newest
from client.marks import MemoryMarks
from client.provers import HybridProver
from client.recovery.content import KitContent
from client.recovery.making import renew
from client.session import Session
from client.sharing import moving
from client.sharing.anew import renew_root
from client.sharing.own_spaces import let_in, own_spaces
from client.sharing.rekeying import rekey_at_once
from client.social.store import System, look
from client.space.committer import OwnSpace
from client.space.draft import Draft
from client.space.overlay import Overlay
from crypto.secret import Secret, random_secret
from crypto.signing import SigningKey
from formats.cid import Block
from formats.commit import MAX_MOVES, Commit
from formats.errors import (
    Conflict,
    Denied,
    Forged,
    HoldfastError,
    QuotaExceeded,
    Stale,
    TimedOut,
    Unfit,
    Unreachable,
    WrongPassword,
)
from formats.sign_in import SignInRecord
from formats.statement import Role
from protocols import pointers as p
from protocols.accounts import SignIn, SignInAnswer, Succeed, Succeeded
from protocols.directory import Look
from protocols.directory import Person as Shown

ATTEMPTS: Final = 8
"""How often it is tried again when others change one of the spaces at the same time."""
AT_ONCE: Final = 2 * 1024 * 1024
"""Bytes of blocks that go in the request; it takes less than an ordinary commit."""


async def renew_keys(
    session: Session,
    attempt: Attempt,
    password: str,
    revoked: Sequence[bytes] = (),
    lost: bool = False,
) -> Session:
    """Have other identity keys, sealed under this password from now on (the same, or a new one).

    ``attempt`` showed all that the home asks for. ``revoked``: machines that are mine no more, by
    the digest of their root-space key. ``lost``: somebody may have what was readable until now,
    as when there are any of those; the record of identity says so to friends. Returns the session
    that goes on, tied to nothing of the given one, which is of no more use. Raises Conflict when
    others kept changing the same spaces, Stale when the home said that it took the keys and does
    not go by them, Unreachable when it is not known whether it did; then, and after any failure,
    it may be done again; Unfit where one that does not say ``lost`` was begun and not finished.
    Every other machine has to sign in again.
    """
    lost = lost or bool(revoked)
    await take_newest(session)
    if lost:
        with suppress(QuotaExceeded, Unfit):  # a folder on its way to a space of its own gets there
            await moving.finish(session, await look(session))
    renewal = await _Renewal.begin(session, attempt, password, revoked, lost)
    spaces = await own_spaces(session)
    together = spaces[:MAX_MOVES]
    renewal.beyond = [each.view.space for each in spaces[MAX_MOVES:]]
    for space in together:
        await space.enter()
    for space in spaces[MAX_MOVES:]:
        await let_in(session, space, renewal.made.bundle)
    await _prove(session, attempt, together, renewal.made.bundle)
    async with AsyncExitStack() as stack:
        for space in together:
            await stack.enter_async_context(space.turn)
        await _put_in_force(session, attempt, renewal, together)
    after = await _checked(session, renewal)
    session.around.remembered.keep_succession(session.name, attempt.home.peer, None)
    if lost:
        await rekey_at_once(after, renewal.beyond)
    return after


@dataclass(slots=True)
class _Renewal:
    """What is to be put in force; ``record``: for signing in with ``keys``; ``kit``: what a
    recovery kit opens from then on, if ``before``, the seed of the key of succession until then,
    vouches for it; ``unvouched``: a kit was noted that it does not vouch for; ``beyond``: spaces
    that are not in the request.
    """

    made: Succession
    record: SignInRecord
    keys: PasswordKeys
    kit: KitContent
    revoked: tuple[bytes, ...]
    lost: bool
    before: Secret
    unvouched: bool = False
    beyond: Sequence[bytes] = ()

    @classmethod
    async def begin(
        cls,
        session: Session,
        attempt: Attempt,
        password: str,
        revoked: Sequence[bytes],
        lost: bool,
    ) -> "_Renewal":
        name, record, hardness = session.name, attempt.record, session.around.hardness
        handed = Bundle.open(record.bundle, name, record.id, attempt.keys)
        known = replace(handed, device=session.bundle.device).revoking(*revoked)
        session.chain.extends(known.id, known.head_seq, known.head)
        seed = open_next(known.inner, name, record.id, attempt.keys)
        signer = SigningKey.from_seed(seed)
        fresh = await trio.to_thread.run_sync(_drawn, session, attempt, lost)
        parameters = hardness.parameters()
        keys = await password_keys(password, parameters, hardness.floor, attempt.device)
        person = Person(session.chain, known, replace(session.whereabouts.living, name=name))
        seq, now = next_number(session), session.around.now()
        made = await trio.to_thread.run_sync(succeed, person, fresh, signer, keys, seq, now)
        if lost:
            made = replace(made, bundle=made.bundle.rooted(random_secret()))
        sealed, verify = made.bundle.seal(name, keys), keys.sign_in.verify_key
        following = SignInRecord(name, record.id, verify, parameters, sealed, record.seq + 1)
        kit = KitContent.of(made.bundle, name, fresh.next.seed)
        return cls(made, following, keys, kit, tuple(revoked), lost, seed)


def _drawn(session: Session, attempt: Attempt, lost: bool) -> NextKeys:
    """The keys to come: those that were kept when this was cut off, or new ones, kept now.

    Their record was perhaps seen by the home, so it is the same now: of one number there is one.
    """
    name, peer, inner = session.name, attempt.home.peer, attempt.keys.inner
    remembered = session.around.remembered
    kept = remembered.find(name, peer).succession
    found = None if kept is None else NextKeys.open(kept, inner, name, session.id)
    if found is not None and found.prev == session.chain.head_hash:
        if lost and not found.lost:
            raise Unfit("a renewal of your keys was cut off, and has to be finished first", _FINISH)
        return found
    fresh = NextKeys.draw(session.chain, session.around.now(), lost)
    remembered.keep_succession(name, peer, fresh.seal(inner, name, session.id))
    return fresh


async def _prove(
    session: Session, attempt: Attempt, spaces: Sequence[OwnSpace], after: Bundle
) -> None:
    """Show on the attempt's connection what the home asks of who puts other keys in force."""
    await attempt.line.add(HybridProver(Role.OWNER, session.id, session.bundle.daily))
    for space in spaces:
        subject, key = session.id + space.view.space, after.own_member(space.view.space)
        await attempt.line.add(HybridProver(Role.MEMBER, subject, key))


async def _put_in_force(
    session: Session, attempt: Attempt, renewal: _Renewal, spaces: Sequence[OwnSpace]
) -> None:
    """Ask the home until no space moves in between; marks are moved on with it."""
    for _ in range(ATTEMPTS):
        drafts = [await _signed(session, renewal, space) for space in spaces]
        if await _ask(session, attempt, renewal, drafts):
            for space, draft in zip(spaces, drafts, strict=True):
                session.marks.put(session.id, space.view.space, draft.after.mark)
            return
    raise Conflict("others kept changing your folders; your keys are as they were")


async def _signed(session: Session, renewal: _Renewal, space: OwnSpace) -> Draft:
    """The space's newest state once more, under the coming keys; what is revoked, noted in it."""
    made, id = renewal.made, space.view.space
    reading = await space.view.newest()
    overlay = Overlay(reading)
    if id == session.bundle.space:
        system = System(session, overlay)
        renewal.unvouched = not await renew(system, renewal.kit, renewal.before)
        await mark_revoked(system, renewal.revoked)
        await system.flush()
        if renewal.lost:
            root = made.bundle.root
            await renew_root(session, space, overlay, reading.tip, root, renewal.beyond)
    elif renewal.lost:
        overlay.retire(await space.labels(reading.tip))
    mine, in_force = own_members(made.bundle, id), alone if renewal.lost else following
    overlay.put_in_force(in_force(reading.tip.record, mine, made.chain, made.bundle))
    return await space.draft(reading.tip, overlay)


async def _ask(
    session: Session, attempt: Attempt, renewal: _Renewal, drafts: Sequence[Draft]
) -> bool:
    """Whether the home has it; False when a space moved meanwhile. Much goes ahead of it."""
    made = [block for draft in drafts for block in draft.made]
    staging, blocks = await session.space.ahead(None, made, AT_ONCE)
    try:
        moves = tuple(draft.move for draft in drafts)
        return await _sent(session, attempt, renewal, Commit(moves, staging), blocks)
    finally:
        if staging is not None:
            await session.space.close_staging(staging)


async def _sent(
    session: Session, attempt: Attempt, renewal: _Renewal, commit: Commit, blocks: Sequence[Block]
) -> bool:
    made = renewal.made
    request = Succeed(
        session.name,
        made.chain.head.encoded,
        made.whereabouts.encoded,
        renewal.record.encoded,
        commit.encoded,
        tuple(blocks),
    )

    async def ask(connected: Connected) -> Succeeded | p.Conflict:
        return await connected.doors.accounts.succeed(request)

    try:
        return isinstance(await attempt.line.call(ask, repeat=False), Succeeded)
    except (Unreachable, TimedOut) as error:
        await _find_out(session, renewal, error)
        return True


async def _find_out(session: Session, renewal: _Renewal, lost: HoldfastError) -> None:
    """Return if the home has it after all; raises Unreachable if it does not, or may not."""
    try:
        await _check(session, renewal)
    except Stale:
        raise Unreachable(lost.message, hint=_AS_THEY_WERE) from lost
    except (Unreachable, TimedOut):
        raise Unreachable(lost.message, hint=_PERHAPS) from lost


async def _checked(session: Session, renewal: _Renewal) -> Session:
    """The session under the new keys, once the home goes by them; raises Stale if it does not."""
    await _check(session, renewal)
    around, made = session.around, renewal.made
    marks = session.marks if isinstance(session.marks, MemoryMarks) else around.marks(made.bundle)
    check_newest(marks, made.whereabouts)
    home, where = session.whereabouts.home, made.whereabouts
    after = Session.at(around, home, session.name, made.chain, where, made.bundle, marks)
    after.record, after.unvouched = renewal.record, renewal.unvouched
    return after


async def _check(session: Session, renewal: _Renewal) -> None:
    """Return if the home lets in who shows the new keys, and tells of them; raises Stale."""
    home, made, id = session.whereabouts.home, renewal.made, session.id
    line = HomeLine(
        session.around.network,
        [home],
        HybridProver(Role.SIGN_IN, session.name.encode(), renewal.keys.sign_in),
        HybridProver(Role.OWNER, id, made.bundle.daily),
    )

    async def ask(connected: Connected) -> tuple[SignInAnswer, Shown]:
        shown = await connected.doors.directory.look(Look(id, made.chain.head_hash, None))
        return await connected.doors.accounts.sign_in(SignIn(session.name)), shown

    try:
        answer, shown = await line.call(ask)
    except (Denied, Forged, WrongPassword) as error:
        raise Stale(_SWALLOWED, _OLD_HOLD) from error
    finally:
        await line.aclose()
    as_asked = answer.asked is not None or answer.record == renewal.record.encoded
    told = shown.chain == made.chain.encoded and shown.whereabouts == made.whereabouts.encoded
    if not (as_asked and told):
        raise Stale(_SWALLOWED, _OLD_HOLD)


_FINISH: Final = "'holdfast identity rotate' does; then do this again"
_SWALLOWED: Final = "your home does not go by your new keys"
_OLD_HOLD: Final = (
    "sign in with the password that was and do it again, which makes no third set of keys; "
    "if it stays so, your home is at fault: ask whoever runs it, or move away"
)
_AS_THEY_WERE: Final = "your keys and your password are as they were: try again"
_PERHAPS: Final = (
    "your keys are the old ones or the new ones, never neither: sign in with the new password, "
    "and if that fails with the old one, and do it again"
)
