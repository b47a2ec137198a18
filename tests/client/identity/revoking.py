"""What revoking a machine is made of, a line each."""

from dataclasses import replace

from client.identity.account import prove
from client.identity.devices import devices, find_other
from client.identity.rotation import renew_keys
from client.sharing.jobs import finish
from client.social import outbox
from client.social.follow import tell_if_moved
from tests.world.person import Person


def call_it(person: Person, name: str) -> None:
    """What the machine calls itself from now on."""
    person.session.around = replace(person.session.around, device=name)


async def revoke(person: Person, which: str = "phone", new: str | None = None) -> None:
    """As ``holdfast devices revoke``; what is to follow is not done yet."""
    before = person.session
    meant = find_other(await devices(before), which)
    attempt = await prove(before, person.password)
    try:
        after = await renew_keys(before, attempt, new or person.password, (meant.key,))
    finally:
        await attempt.aclose()
    person.goes_on(after)
    person.password = new or person.password
    await before.aclose()


async def follow_up(person: Person, *friends: Person) -> None:
    """What a session does by itself afterwards, and the friends' sessions."""
    await tell_if_moved(person.session)
    await finish(person.session)
    for problem in await outbox.flush(person.session):
        raise problem
    for each in friends:
        await each.collect()
