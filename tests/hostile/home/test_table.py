"""Nothing is forgotten: every operation has a story, the lies are many, and each can be told."""

from collections import Counter

from protocols.operations import OPERATIONS
from tests.hostile.home.lies import LIES
from tests.hostile.home.stories import FOLLOWED, STORIES


def test_every_operation_has_a_story() -> None:
    """Whoever adds an operation says here what an honest client does with its answer."""
    asked = [*STORIES, *FOLLOWED]
    assert sorted(asked) == sorted(
        str(row) for door in OPERATIONS.values() for row in door.values()
    )


def test_there_are_enough_lies_and_no_two_are_called_alike() -> None:
    assert len(LIES) >= 40
    assert [name for name, times in Counter(map(str, LIES)).items() if times > 1] == []
