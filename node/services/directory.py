"""The directory door: identity chains and whereabouts, for who has a reason to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formats.drop import token_hash
from formats.errors import Stale, TimedOut, Unfit, Unreachable
from formats.identity import IdentityChain, IdentityRecord
from formats.profile import PublicProfile
from formats.whereabouts import Home, Whereabouts
from node.authorise import as_owner, as_person, denied
from node.core import Changed
from node.finding import choose, is_published
from node.logs import Log
from node.profiles import profile_of, replace_profile
from node.records import chain
from node.services.door import Door, answers
from protocols.directory import (
    Announce,
    Announced,
    AskProfile,
    Find,
    Hint,
    Look,
    Person,
    Profile,
    ProfileShown,
    Publish,
    Published,
    ShowProfile,
    Sighted,
)
from storage.contracts import IdentityRow, Transaction, View

_log: Final = Log("node.door")


class Directory(Door):
    """``protocols.services.Directory`` for one connection."""

    @answers
    async def look(self, request: Look) -> Person:
        """The person, to who names a record of the chain or shows a card's token."""
        now = self.now()

        def find(view: View) -> Person:
            row = view.identity(request.id)
            if row is None or not (_names(row, request) or _has_card(view, request, now)):
                raise denied()
            gone = view.departure(request.id)
            return Person(row.chain, row.whereabouts, None if gone is None else gone.farewell)

        return await self.core.store.read(find)

    @answers
    async def publish(self, request: Publish) -> Published:
        """Take new records and whereabouts of a person who lives here."""
        now, own = self.now(), self.core.peer
        change = await self.core.store.read(
            lambda view: _examine(self._known(view, request), view, request, now, own)
        )
        if change.after != change.before:
            await self.core.store.write(lambda tx: _put(tx, change, own))
            self.core.signals.fire(Changed(request.id))
            self.core.finder.changed(request.id)
        return Published()

    def _known(self, view: View, request: Publish) -> IdentityChain:
        """The identity as it is known here: to its owner, or to who brings what goes on from it."""
        brought = [IdentityRecord.decode(each) for each in request.records]  # whoever lives here
        row = view.identity(request.id)
        left = view.departure(request.id) is not None
        if row is not None and (left or view.account_of(request.id) is not None):
            known = chain(row.chain)
            if _goes_on(known, brought):
                return known
        who = as_person if left else as_owner
        return who(view, self.caller, request.id)

    @answers
    async def show(self, request: ShowProfile) -> ProfileShown:
        """Take what a person who lives here says to everybody."""
        now = self.now()
        fresh = PublicProfile.decode(request.profile)

        def examine(view: View) -> None:
            fresh.verify(as_owner(view, self.caller, request.id), now)

        def work(tx: Transaction) -> None:
            as_owner(tx, self.caller, request.id)
            replace_profile(tx, request.id, fresh)

        await self.core.store.read(examine)
        await self.core.store.write(work)
        return ProfileShown()

    @answers
    async def profile(self, request: AskProfile) -> Profile:
        """What somebody says to everybody; its owner is told also that it is nothing."""

        def find(view: View) -> bytes:
            found = profile_of(view, request.id)
            if found is None:
                raise denied()
            if found.fields.is_empty:
                as_owner(view, self.caller, request.id)
            return found.encoded

        return Profile(await self.core.store.read(find))

    @answers
    async def find(self, request: Find) -> Sighted:
        """Who is published under a key: for the person whose node this is."""
        if not self.caller.in_process:
            raise denied()
        hints = _homes(request.hints)
        found = await self.core.finder.find(request.key, request.newest, hints)
        return Sighted(found.values, found.time, found.asked)

    @answers
    async def announce(self, request: Announce) -> Announced:
        """Publish a person who lives here from now on, or no more; or say how it stands."""
        id, public = request.id, request.public
        if public is None:
            await self.core.store.read(lambda view: as_owner(view, self.caller, id))
        else:
            await self._choose(request, public)
        chosen = await self.core.store.read(lambda view: is_published(view, id))
        last = self.core.finder.publication(id) if chosen else None
        if last is None:
            return Announced(chosen, 0, 0, None)
        return Announced(chosen, last.stored, last.asked, last.time)

    async def _choose(self, request: Announce, public: bool) -> None:
        """Note it, and try at once: to say how it went. That it failed undoes no choice."""

        def work(tx: Transaction) -> None:
            as_owner(tx, self.caller, request.id)
            choose(tx, request.id, public)

        await self.core.store.write(work)
        self.core.finder.changed(request.id)
        if not public:
            return
        hints = _homes(request.hints) if self.caller.in_process else []
        try:
            await self.core.finder.publish(request.id, hints)
        except (Unreachable, TimedOut) as error:
            _log.info("not published", why=type(error).__name__)


def _homes(hints: tuple[Hint, ...]) -> list[Home]:
    return [Home(hint.peer, hint.addresses) for hint in hints]


@dataclass(frozen=True, slots=True)
class _Change:
    """An identity before and after; what was verified holds only while ``before`` is stored."""

    before: IdentityRow
    after: IdentityRow


def _names(row: IdentityRow, request: Look) -> bool:
    return request.head is not None and chain(row.chain).has(request.head)


def _has_card(view: View, request: Look, now: int) -> bool:
    """A card's token is good for looking until it expires, also when its uses are spent."""
    if request.token is None:
        return False
    token = view.token(request.id, token_hash(request.token))
    return token is not None and now < token.expires


def _goes_on(known: IdentityChain, brought: Sequence[IdentityRecord]) -> bool:
    """Whether records are brought that follow the known ones, each signed by who may.

    That is more than the daily key proves, which is of no force any more by this very record.
    Raises Forged.
    """
    fresh = [each for each in brought if not known.has(each.hash)]
    if not fresh or fresh[0].prev != known.head_hash:
        return False
    for record in fresh:
        known = known.followed_by(record)
    return True


def _examine(known: IdentityChain, view: View, request: Publish, now: int, own: bytes) -> _Change:
    before = view.identity(request.id)
    if before is None:
        raise denied()
    for envelope in request.records:
        record = IdentityRecord.decode(envelope)
        if not known.has(record.hash):
            known = known.followed_by(record)
    fresh = Whereabouts.decode(request.whereabouts)
    fresh.verify(known, now)
    stored = Whereabouts.decode(before.whereabouts)
    fresh.extends(stored.seq, stored.hash)
    _check_left(view, fresh, own)
    return _Change(before, IdentityRow(request.id, known.encoded, request.whereabouts))


def _check_left(view: View, fresh: Whereabouts, own: bytes) -> None:
    """Return unless they say that somebody lives here who left; raises Unfit."""
    if view.departure(fresh.id) is not None and fresh.home.peer == own:
        raise Unfit("the account was deleted here", hint="whoever comes back settles in")


def _put(tx: Transaction, change: _Change, own: bytes) -> None:
    if tx.identity(change.before.id) != change.before:
        raise Stale("the identity was changed at the same time", hint="look and publish again")
    _check_left(tx, Whereabouts.decode(change.after.whereabouts), own)  # who may have left since
    tx.put_identity(change.after)
