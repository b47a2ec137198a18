"""Each claim holds in a small sample; ``make privacy`` plays many more worlds, and all claims."""

import pytest

from tests.privacy.all_claims import CLAIMS
from tests.privacy.claims import Claim

SAMPLE = 40
"""Worlds, half of them judged: a coin passes for one that tells in one run of 17."""


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.always], ids=lambda claim: claim.what
)
def test_who_cannot_tell_cannot_and_who_can_does(claim: Claim) -> None:
    verdicts = claim.verdicts(SAMPLE)
    assert not claim.failures(verdicts), {who: str(verdict) for who, verdict in verdicts.items()}


def test_every_claim_has_words_of_its_own() -> None:
    words = [claim.what for claim in CLAIMS]
    assert len(set(words)) == len(words)
