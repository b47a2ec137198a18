"""Every decoder against its schema: both sides of each limit, shapes, versions, unknown keys."""

import pytest

from formats import errors
from formats.errors import HoldfastError
from tests.records.schemas import SCHEMAS, Case, Schema

CASES = [
    pytest.param(schema, case, id=f"{name}: {case.name}")
    for name, schema in SCHEMAS.items()
    for case in schema.cases()
]


@pytest.mark.parametrize(("schema", "case"), CASES)
def test_case(schema: Schema, case: Case) -> None:
    if case.expect is None:
        schema.decode(case.data)
        return
    with pytest.raises(HoldfastError) as caught:
        schema.decode(case.data)
    assert type(caught.value) is getattr(errors, case.expect)
