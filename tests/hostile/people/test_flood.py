"""A sample of the flood of one inbox; ``python -m tests.hostile.people.flood`` sends 10,000."""

import pytest

from node.services import inbox as rules
from tests.hostile.people.flood import flooded


async def test_a_friend_is_heard_in_the_middle_of_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_ANONYMOUS", 100)
    told = await flooded(300, connections=30)
    assert told.holds, told
    assert told.answers == {"taken": 300}  # whatever became of them
    assert told.waiting == 101
