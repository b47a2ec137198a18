"""Two homes; alice at one, bob and carol at the other, who both follow her."""

import pytest

from client.session import Session
from client.social.card import contact_card
from client.social.follow import accept, follow
from client.social.inbox import collect
from tests.client.people import Town


@pytest.fixture
async def alice(world: Town) -> Session:
    return await world.sign_up("alice", "one")


async def friend(world: Town, alice: Session, name: str) -> Session:
    """Somebody at the other home whose request alice accepted."""
    person = await world.sign_up(name, "two")
    await follow(person, await contact_card(alice))
    await collect(alice)
    await accept(alice, name, back=True)
    await collect(person)
    return person


@pytest.fixture
async def bob(world: Town, alice: Session) -> Session:
    return await friend(world, alice, "bob")


@pytest.fixture
async def carol(world: Town, alice: Session) -> Session:
    return await friend(world, alice, "carol")
