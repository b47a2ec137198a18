"""Making a recovery kit, and renewing what it opens.

    1  a commit adds the new kit's leaf, and notes it as the kit in force
    2  the whereabouts say where it is, for who has its words
    3  a commit takes away the leaf of the kit before

The words are handed out after all of it. Cut off before 2, the kit before is whole; after
2, no kit is: whoever asked has seen no words and makes another one.
"""

from dataclasses import replace
from typing import Final

import trio

from client.identity.attempt import Attempt
from client.identity.bundle import Bundle, open_next
from client.identity.whereabouts import publish_kit
from client.recovery.checking import proof_of, three_places
from client.recovery.content import KitContent
from client.recovery.given import renew_given
from client.recovery.record import KitRecord, keep_kit, kit_of
from client.recovery.vouching import given_up, vouched
from client.recovery.words import RecoveryKit
from client.session import Session
from client.social.store import RECOVERY, System, change
from client.space.reading import Changing
from crypto.secret import Secret
from formats.kit import KitText
from formats.leaf import Leaf
from formats.whereabouts import Home

MAX_HOMES: Final = 4
MAX_ADDRESSES: Final = 4
"""As many nodes stand on the paper, and addresses of each: more make the QR code too fine."""


async def new_kit(session: Session, attempt: Attempt) -> RecoveryKit:
    """A kit in place of the one before. ``attempt``: the password was shown, and all that is asked.

    Raises Unreachable and the like; then asking again makes another one.
    """
    record = attempt.record
    bundle = Bundle.open(record.bundle, session.name, session.id, attempt.keys)
    seed = open_next(bundle.inner, session.name, session.id, attempt.keys)
    return await make_kit(session, seed)


async def make_kit(session: Session, next: Secret) -> RecoveryKit:
    """As ``new_kit``, for who has the seed of the key of succession."""
    kit = await trio.to_thread.run_sync(RecoveryKit.generate)
    record = (await _noted(session, kit)).vouched_by(next, session.id)
    sealed = KitContent.of(session.bundle, session.name, next).seal(record.public)

    async def add(changing: Changing) -> None:
        system = System(session, changing)
        changing.put(record.label, Leaf(record.lock, header=sealed))
        await keep_kit(system, record.after(await kit_of(system)))
        await system.flush()

    await change(session, add)
    await publish_kit(session, record.place)
    await change(session, lambda changing: _tidied(System(session, changing)))
    return kit


async def renew(system: System, content: KitContent, before: Secret) -> bool:
    """Within an operation: what the kit in force opens from now on, and the one that friends keep.

    For who renews keys: in the very commit that is put in force together with the new record.
    ``before``: the seed of the key of succession until then. What it does not vouch for is given
    up, whoever noted it, and False is returned: nothing is sealed to it.
    """
    friends = await renew_given(system, content, before)
    record = await vouched(kit_of(system), before, content.id, RECOVERY)
    if record is None:
        return not await given_up(system, RECOVERY) and friends
    system.changing.put(record.label, Leaf(record.lock, header=content.seal(record.public)))
    now = replace(record, seq=content.bundle.head_seq)
    await keep_kit(system, now.vouched_by(content.next, content.id))
    return friends


def kit_text(session: Session, kit: RecoveryKit | None) -> KitText:
    """Whose kit it is and where to look, as it stands on the paper; with the code, or without."""
    homes = nodes_of(session)
    code = None if kit is None else kit.code.reveal()
    return KitText(session.id, session.chain.records[0].hash, session.name, homes, code)


def nodes_of(session: Session) -> tuple[Home, ...]:
    """The nodes that have the data, as many as there is room for where they are noted."""
    return tuple(
        replace(home, addresses=home.addresses[:MAX_ADDRESSES])
        for home in session.whereabouts.homes[:MAX_HOMES]
    )


async def _noted(session: Session, kit: RecoveryKit) -> KitRecord:
    """What is kept of a new kit; stretching three of its words takes half a second."""
    asked, parameters = three_places(), session.around.hardness.parameters()
    words, keys = kit.words.split(), kit.keys
    proof = await proof_of(session.around, parameters, [words[at] for at in asked])
    return KitRecord(
        made=session.around.now(),
        seq=session.chain.seq,
        label=keys.label,
        lock=keys.lock(keys.label).public,
        public=kit.pair.public,
        place=kit.seal_place(session.id, session.bundle.space),
        asked=asked,
        parameters=parameters,
        proof=proof,
    )


async def _tidied(system: System) -> None:
    """Within an operation: kits before the one in force open nothing any more, here."""
    record = await kit_of(system)
    if record is None or not record.old:
        return
    system.changing.retire(record.old)
    for label in record.old:
        system.changing.delete(label)
    await keep_kit(system, replace(record, old=()))
    await system.flush()
