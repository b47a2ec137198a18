"""All claims there are, by the party they begin with."""

from typing import Final

from tests.privacy import home, machine, people, stranger
from tests.privacy.claims import Claim

CLAIMS: Final[tuple[Claim, ...]] = (
    *home.CLAIMS,
    *people.CLAIMS,
    *stranger.CLAIMS,
    *machine.CLAIMS,
)
