"""Identities out of nowhere, each of which asks to follow somebody."""

from client.capability import Capability
from client.session import Session
from client.social.messages import Introduction, Message, Type
from crypto.secret import Secret, random_bytes
from crypto.signing import SigningKey
from formats.identity import IdentityChain, IdentityRecord
from tests.client.social.test_inbox import leave


async def ask_all(to: Session, count: int) -> None:
    """So many strangers ask to follow ``to``; each is another identity."""
    following = SigningKey.generate()
    for _ in range(count):
        key = SigningKey.generate()
        first = IdentityRecord.first(key, key.verify_key, following.verify_key.digest(), 1)
        chain = IdentityChain((first,))
        log = Capability(chain.id, bytes(32), Secret(b"x" * 32))
        content = Introduction.of(to.whereabouts, log, True)
        number = (random_bytes(16), 0, to.around.now())
        made = Message.make(Type.FOLLOW, chain, to.id, number, content, key)
        await leave(to, to, made.seal(to.whereabouts.sealing))
