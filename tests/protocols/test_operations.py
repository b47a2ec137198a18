"""The table of operations says exactly what ``services`` says."""

import inspect
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from formats import limits
from protocols import services
from protocols.exchange import MAX_IN_FLIGHT
from protocols.frames import MAX_FRAME
from protocols.operations import OPERATIONS, PROTOCOLS, Operation
from tests.architecture.tree import ROOT
from tests.protocols.making import ROWS

DOORS = {
    "accounts": services.Accounts,
    "blocks": services.Blocks,
    "pointers": services.Pointers,
    "inbox": services.Inbox,
    "directory": services.Directory,
    "replicas": services.Replicas,
    "courier": services.Courier,
}


def _methods(door: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(door).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_every_door_of_a_connection_is_in_the_table() -> None:
    properties = {
        name for name, value in vars(services.Doors).items() if isinstance(value, property)
    }
    assert properties - {"peer"} == OPERATIONS.keys() == PROTOCOLS.keys() == DOORS.keys()


@pytest.mark.parametrize("door", DOORS)
def test_every_method_has_one_row_and_every_row_a_method(door: str) -> None:
    assert _methods(DOORS[door]).keys() == OPERATIONS[door].keys()
    assert sum(row.door == door for row in ROWS) == len(OPERATIONS[door])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_has_the_types_of_its_method(row: Operation) -> None:
    hints = get_type_hints(_methods(DOORS[row.door])[row.name])
    answer = hints["return"]
    replies = get_args(answer) if get_origin(answer) in (Union, UnionType) else (answer,)
    assert hints["request"] is row.request
    assert replies == row.replies


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_bodies_are_allowed_where_there_are_blocks_and_only_there(row: Operation) -> None:
    assert (row.asks.blocks is not None) == (row.most_in > 0)
    assert any(shape.blocks is not None for shape in row.answers.values()) == (row.most_out > 0)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_operation_has_a_time_limit(row: Operation) -> None:
    assert 1 <= row.seconds <= 120


def test_protocol_ids_are_the_doors() -> None:
    assert all(PROTOCOLS[door] == f"/holdfast/{door}/1" for door in PROTOCOLS)


def test_the_ceilings_are_the_shared_ones() -> None:
    assert (MAX_FRAME, MAX_IN_FLIGHT) == (limits.FRAME, limits.REQUESTS_IN_FLIGHT)


def test_the_page_has_the_table() -> None:
    page = (ROOT / "docs" / "spec" / "exchange.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    assert lines == [_line(row) for row in ROWS]


def _line(row: Operation) -> str:
    replies = ", ".join(f"`{reply.__name__}`" for reply in row.replies)
    cells = (f"`{row}`", f"`{row.request.__name__}`", replies, _size(row.most_in))
    rest = (_size(row.most_out), f"{row.seconds:g}", "yes" if row.again else "no")
    return "| " + " | ".join((*cells, *rest)) + " |"


def _size(size: int) -> str:
    return f"{size // 2**20} MiB" if size else "–"
