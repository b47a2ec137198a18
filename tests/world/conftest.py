"""A clock that runs and can be moved."""

import pytest
from trio.testing import MockClock


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)
