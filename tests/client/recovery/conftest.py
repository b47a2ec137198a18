"""A kit of somebody's, made as the command does it."""

from client.identity.account import prove
from client.recovery.making import new_kit
from client.recovery.words import RecoveryKit
from client.session import Session
from tests.client.people import PASSWORD


async def kit_of(alice: Session) -> RecoveryKit:
    """The password is proven, and its keys open the key of succession."""
    attempt = await prove(alice, PASSWORD)
    try:
        return await new_kit(alice, attempt)
    finally:
        await attempt.aclose()
