"""My contact card: what I give to somebody so that they can follow me.

It carries a token that my home was told of, so that who has the card may knock
without work. Any number of cards may be out; each has a token of its own.
"""

from typing import Final

from client.home import Connected
from client.session import Session
from crypto.secret import random_bytes
from formats.card import CARD_LIFE, Card
from formats.drop import token_hash
from formats.limits import TOKEN
from protocols.inbox import Allow

CARD_USES: Final = 20
"""First messages that one card lets in."""


async def contact_card(session: Session) -> Card:
    """A fresh card, good for 30 days and 20 uses; ``.text`` is its one line."""
    token, expires = random_bytes(TOKEN), session.around.now() + CARD_LIFE
    allow = Allow(session.id, token_hash(token), CARD_USES, expires)

    async def ask(connected: Connected) -> None:
        await connected.doors.inbox.allow(allow)

    await session.line.call(ask)
    chain, where = session.chain, session.whereabouts
    return Card(chain.id, chain.head_hash, session.name, where.homes, token, expires, CARD_USES)
