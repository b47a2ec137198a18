"""Replicas as whoever runs a node sees them: whose are kept here, and where those of here are."""

from dataclasses import dataclass, replace
from functools import partial

from formats.errors import NotFound
from formats.handle import fingerprint, handle
from formats.replica import ReplicaGrant
from formats.whereabouts import Whereabouts
from node.core import Changed, Core
from node.following.following import is_followed
from node.following.standing import Noted, followed, is_over, note
from storage.contracts import ReplicaRow, Transaction, View


@dataclass(frozen=True, slots=True)
class KeptReplica:
    """One replica. ``who``: the owner's handle; ``peer``: the node that keeps it, ``home`` theirs.

    ``here``: it is kept on this node, up to ``allowed`` bytes; else elsewhere, for an account
    here. ``ceiling``: what its owner granted, until ``until``. Times in ms, 0: never.
    """

    who: str
    owner: bytes
    home: bytes
    peer: bytes
    here: bool
    follows: bool
    used: int
    ceiling: int
    allowed: int
    until: int
    seen: int
    current: int
    proven: int
    told: str


async def kept(core: Core) -> list[KeptReplica]:
    """All that are kept here and all of accounts here, by handle."""
    now = core.clock.now_ms()
    found = await core.store.read(partial(_kept, own=core.peer, now=now))
    return sorted(found, key=lambda each: (not each.here, each.who, each.peer))


async def end(core: Core, which: str) -> KeptReplica:
    """Keep a replica no longer: by the owner's handle or fingerprint; raises NotFound."""
    now = core.clock.now_ms()
    ended = await core.store.write(partial(_end, core=core, which=which, now=now))
    core.signals.fire(Changed(b""))
    return ended


def _kept(view: View, own: bytes, now: int) -> list[KeptReplica]:
    return [_told(view, row, own, now) for row in view.replicas() if not _is_over(row, own)]


def _is_over(row: ReplicaRow, own: bytes) -> bool:
    """Whether only the grant is left of it, which stands against older ones."""
    return is_over(row) if row.peer == own else ReplicaGrant.decode(row.grant).is_over


def _told(view: View, row: ReplicaRow, own: bytes, now: int) -> KeptReplica:
    grant, noted, here = ReplicaGrant.decode(row.grant), Noted.decode(row.noted), row.peer == own
    return KeptReplica(
        who=_name(view, row.owner),
        owner=row.owner,
        home=grant.home,
        peer=row.peer,
        here=here,
        follows=is_followed(row, now) if here else grant.holds(now),
        used=sum(view.usage(row.owner)) if here else noted.used,
        ceiling=grant.ceiling,
        allowed=noted.allowed,
        until=grant.until,
        seen=noted.seen,
        current=noted.current,
        proven=noted.proven,
        told=noted.told,
    )


def _name(view: View, owner: bytes) -> str:
    person = view.identity(owner)
    if person is None:
        return f"~{fingerprint(owner)}"
    return handle(Whereabouts.decode(person.whereabouts).name, owner)


def _end(tx: Transaction, core: Core, which: str, now: int) -> KeptReplica:
    rows = [row for row in followed(tx, core.peer) if not is_over(row)]
    found = [row for row in rows if _is_called(tx, row.owner, which)]
    if len(found) != 1:
        raise NotFound(
            f"no replica of '{which}' is kept here", hint="'holdfast node replicas list' has all"
        )
    told = _told(tx, found[0], core.peer, now)
    note(tx, found[0], replace(Noted.decode(found[0].noted), allowed=0))
    return told


def _is_called(view: View, owner: bytes, which: str) -> bool:
    name, _, letters = which.strip().rpartition("~")
    plain = letters.replace("-", "").lower()
    fits = fingerprint(owner).replace("-", "") == plain
    return fits and (not name or _name(view, owner).startswith(f"{name}~"))
