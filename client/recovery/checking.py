"""Whether somebody has the words of their kit: three of them are asked for, or all.

All of them are tried as after a loss: looked up as a stranger would, at the home or a
replica, and opened.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from client.identity.password import stretched
from client.recovery.opening import open_kit
from client.recovery.record import ASKED, KitRecord, keep_kit, kit_of
from client.recovery.words import WORDS, RecoveryKit
from client.session import Session, Surroundings
from client.social.store import System, change, look
from client.space.reading import Changing
from client.words.listed import places, typed
from crypto.passwords import PasswordParameters
from crypto.secret import random_below, same
from formats.errors import BadKit, NotFound
from formats.kit import KitText

NO_KIT: Final = "'holdfast recovery kit' makes one"


def three_places() -> tuple[int, ...]:
    """The places (from 0) of three words, by chance, in order."""
    left = list(range(WORDS))
    return tuple(sorted(left.pop(random_below(len(left))) for _ in range(ASKED)))


async def proof_of(
    around: Surroundings, parameters: PasswordParameters, words: Sequence[str]
) -> bytes:
    """What three words are compared by: stretched, so that they cannot be found from it."""
    secret = await stretched(" ".join(words), parameters, around.hardness.floor)
    return secret.reveal()


async def record_of(session: Session) -> KitRecord:
    """The kit in force; raises NotFound."""
    record = await kit_of(await look(session))
    if record is None:
        raise NotFound("there is no recovery kit", hint=NO_KIT)
    return record


async def check_three(session: Session, text: str) -> KitRecord:
    """Return if these are the words that are asked for; raises BadKit, NotFound."""
    record, words = await record_of(session), typed(text)
    unknown = [word for word in words if word not in places()]
    if unknown:
        raise BadKit(f"not a word of the list: {unknown[0][:20]}")
    if len(words) != ASKED:
        raise BadKit(f"those are {len(words)} words; {ASKED} are asked for, or all {WORDS}")
    proof = await proof_of(session.around, record.parameters, words)
    if not same(proof, record.proof):
        raise BadKit("those are not the words of your kit")
    return await _checked(session, record)


async def check_all(session: Session, text: str) -> KitRecord:
    """Return if the words restore this account: they are tried. Raises BadKit, Stale, NotFound."""
    record, kit = await record_of(session), RecoveryKit.read(text)
    where, chain = session.whereabouts, session.chain
    at = KitText(session.id, chain.records[0].hash, session.name, where.homes)
    found = await open_kit(session.around, kit, at)
    if found.content.bundle.root != session.bundle.root:
        raise BadKit("what the words open is not what this account has")
    return await _checked(session, record)


async def _checked(session: Session, record: KitRecord) -> KitRecord:
    now = session.around.now()

    async def note(changing: Changing) -> None:
        system = System(session, changing)
        current = await kit_of(system)
        if current is not None and current.label == record.label:
            await keep_kit(system, replace(current, checked=now))
            await system.flush()

    await change(session, note)
    return replace(record, checked=now)
