"""A few moments of ``make giving``."""

from random import Random

from tests.together.giving import campaign

SAMPLE = 3


async def test_killed_while_giving_and_taking_back(rng: Random) -> None:
    seed = rng.getrandbits(32)
    print(f"python -m tests.together.giving --moments {SAMPLE} --seed {seed}")
    assert (await campaign(SAMPLE, seed)).total() == SAMPLE
