"""A sample of the failing calls of ``make faults``."""

import pytest

from tests.crash.faults import OPERATIONS, campaign
from tests.crash.sqlite import available


@pytest.mark.skipif(not available, reason="this Python's SQLite cannot be reached")
def test_any_call_of_an_operation_may_fail() -> None:
    cases = campaign(every=7)
    assert len(cases) == len(OPERATIONS) + 2
    assert all(count >= 4 for count in cases.values())
    assert sum(cases.values()) > 150
