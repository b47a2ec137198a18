"""Nothing is forgotten: every operation has a story, the lies are many, and each can be told."""

import re
from collections import Counter

from protocols.operations import OPERATIONS
from tests.architecture.tree import ROOT
from tests.hostile.home.lies import LIES
from tests.hostile.home.stories import FOLLOWED, STORIES, UNASKED


def test_every_operation_has_a_story() -> None:
    """Whoever adds an operation says here what an honest client does with its answer."""
    asked = [*STORIES, *FOLLOWED, *UNASKED]
    assert sorted(asked) == sorted(
        str(row) for door in OPERATIONS.values() for row in door.values()
    )


def test_what_is_said_to_be_unasked_is_asked_by_nobody() -> None:
    asking = re.compile(r"\.(\w+)\.(\w+)\(")
    for folder in ("client", "frontends", "node"):
        for file in (ROOT / folder).rglob("*.py"):
            asked = {".".join(each) for each in asking.findall(file.read_text())}
            assert not asked & set(UNASKED), file


def test_there_are_enough_lies_and_no_two_are_called_alike() -> None:
    assert len(LIES) >= 40
    assert [name for name, times in Counter(map(str, LIES)).items() if times > 1] == []
