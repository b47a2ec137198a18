"""One's whereabouts: signed, and published again when they are half used up or have changed.

They say where the home is, which nodes keep replicas, and to which key messages are
sealed. A daemon calls ``publish_if_due`` again when its node's addresses change.
"""

from dataclasses import replace
from typing import Final

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.marks import Mark, Marks
from client.session import Session
from crypto.hpke import SealKeyPair
from crypto.signing import SigningKey
from formats.errors import LivesElsewhere
from formats.identity import IdentityChain
from formats.whereabouts import Home, HomeRole, Living, Whereabouts
from protocols.directory import Look, Publish

WHEREABOUTS_LIFE: Final = 90 * 24 * 3600 * 1000
"""How long published whereabouts hold, in milliseconds; a home renews nothing by itself."""

ALSO_EXPIRED: Final = 0
"""As the time to verify one's own whereabouts at: who was away for long publishes new ones."""


def sign_whereabouts(
    chain: IdentityChain,
    seq: int,
    living: Living,
    sealing: SealKeyPair,
    now: int,
    daily: SigningKey,
) -> Whereabouts:
    """Whereabouts with a home and its replicas, good for ``WHEREABOUTS_LIFE`` from ``now``."""
    expires = now + WHEREABOUTS_LIFE
    return Whereabouts.make(chain, seq, living, sealing.public, expires, daily)


def check_newest(marks: Marks, fresh: Whereabouts) -> None:
    """Return if this machine never saw newer ones, and remember them; raises Stale, Forked.

    They are one's own, verified. A home that brought back older ones could have new
    ones signed under a number that friends saw already, and look like a fork to them.
    """
    mark = marks.get(fresh.id, _MINE)
    if mark is not None:
        fresh.extends(mark.seq, mark.hash)
    marks.put(fresh.id, _MINE, Mark(fresh.seq, fresh.hash, 0, fresh.identity_seq))


_MINE: Final = bytes(32)
"""What stands for one's whereabouts among the marks of one's spaces, whose ids are random."""


async def publish_if_due(session: Session, home: Home) -> bool:
    """Publish new whereabouts if half their life is over or the home's addresses changed.

    ``home`` is the home as it was just reached; without addresses it says
    nothing of them. Returns whether something was published. Raises LivesElsewhere where
    another device has moved the account away from here.
    """
    await take_newest(session)
    known, now = session.whereabouts, session.around.now()
    if known.home.peer != session.line.homes[0].peer:
        raise LivesElsewhere("you have moved to another home")
    addresses = home.addresses or known.home.addresses
    half = now >= known.expires - WHEREABOUTS_LIFE // 2
    if not half and addresses == known.home.addresses:
        return False
    there = replace(known.home, addresses=addresses)
    await _publish_next(session, replace(known.living, homes=(there, *replicas_of(known))))
    return True


async def publish_again(session: Session) -> None:
    """Publish the same whereabouts under a number above all that were ever seen."""
    await take_newest(session)  # an earlier attempt may have come through, though nobody said so
    await _publish_next(session, session.whereabouts.living)


async def publish_kit(session: Session, kit: bytes | None) -> None:
    """Publish where the recovery kit finds its leaf (None: there is no kit), unless it is known."""
    await take_newest(session)
    known = session.whereabouts
    if known.kit != kit:
        await _publish_next(session, replace(known.living, kit=kit))


async def publish_replicas(session: Session, replicas: tuple[Home, ...]) -> None:
    """Publish that these nodes, and no others, keep replicas; nothing if that is known."""
    known = session.whereabouts
    if replicas_of(known) != replicas:
        await _publish_next(session, replace(known.living, homes=(known.home, *replicas)))


def replicas_of(known: Whereabouts) -> tuple[Home, ...]:
    """The replicas among the homes."""
    return tuple(home for home in known.homes if home.role is HomeRole.REPLICA)


async def take_newest(session: Session) -> None:
    """Take one's own whereabouts as the home has them, if another device published newer ones."""

    async def ask(connected: Connected) -> bytes:
        look = Look(session.id, session.chain.head_hash, None)
        return (await connected.doors.directory.look(look)).whereabouts

    answer = await session.line.call(ask)
    with handed_over("whereabouts"):
        found = Whereabouts.decode(answer)
    if found.seq > session.whereabouts.seq:
        found.verify(session.chain, ALSO_EXPIRED)
        check_newest(session.marks, found)
        session.whereabouts = found


def next_number(session: Session) -> int:
    """The number of one's next whereabouts: above all that were ever seen."""
    mark = session.marks.get(session.id, _MINE)
    known = session.whereabouts.seq, session.bundle.whereabouts_seq
    return max(*known, 0 if mark is None else mark.seq) + 1


async def _publish_next(session: Session, living: Living) -> None:
    bundle, now, seq = session.bundle, session.around.now(), next_number(session)
    sealing = bundle.sealing[0].pair
    living = replace(living, name=session.name)
    fresh = sign_whereabouts(session.chain, seq, living, sealing, now, bundle.daily)
    await _publish(session, fresh)
    check_newest(session.marks, fresh)
    session.whereabouts = fresh
    session.bundle = replace(bundle, whereabouts_seq=seq)


async def _publish(session: Session, fresh: Whereabouts) -> None:
    await publish_at(session.line, fresh)


async def publish_at(line: HomeLine, fresh: Whereabouts, records: tuple[bytes, ...] = ()) -> None:
    """Have a home of one's own take whereabouts; the daily key is shown on the line.

    Or ``records``, which go on from those that it has.
    """
    request = Publish(fresh.id, records, fresh.encoded)

    async def ask(connected: Connected) -> None:
        await connected.doors.directory.publish(request)

    await line.call(ask)
