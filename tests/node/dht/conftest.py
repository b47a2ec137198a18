"""A clock that agrees with the records of tests/records."""

import pytest

from tests.node.people import Clock
from tests.records.people import NOW


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)
