"""The published vectors are what this program writes, and it reads them so."""

import json
from typing import Any

import pytest

from formats import dag_cbor
from protocols.operations import OPERATIONS
from protocols.wire import from_wire, to_wire
from tests.protocols.vectors import FOLDER, files

MESSAGES: list[dict[str, Any]] = json.loads((FOLDER / "messages.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["messages.json", "streams.json"])
def test_the_files_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == files()[name]


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda vector: vector["name"])
def test_a_message_is_read_as_it_was_written(vector: dict[str, Any]) -> None:
    row = OPERATIONS[vector["door"]][vector["operation"]]
    name = vector["name"].split()[0]
    cls = next(each for each in (row.request, *row.replies) if each.__name__ == name)
    head = dag_cbor.decode(bytes.fromhex(vector["head"]))
    bodies = tuple(map(bytes.fromhex, vector["bodies"]))
    message: object = from_wire(cls, head, bodies)
    assert to_wire(message) == (head, bodies)
