"""The committed vectors of the DHT's messages, read from the file alone."""

import json
from typing import Any

import pytest

from formats.errors import ProtocolViolation
from node.dht.answering import Kind, Request
from node.dht.contact import Contact
from node.dht.messages import read_answer, read_message, read_request
from tests.node.dht.message_vectors import messages
from tests.records.vectors import FOLDER

FOUND: Any = json.loads((FOLDER / "dht" / "messages.json").read_text())


class Bytes:
    """A stream of these, one at a time; then it is ended."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    async def receive_some(self) -> bytes:
        some, self._left = self._left[:1], self._left[1:]
        return some

    async def send_all(self, data: bytes) -> None:
        raise AssertionError

    async def aclose(self) -> None:
        return


async def whole(framed: str) -> bytes:
    """The one message of a frame, of which nothing is left over."""
    stream, ahead = Bytes(bytes.fromhex(framed)), bytearray()
    data = await read_message(stream, ahead)
    assert data is not None
    assert await read_message(stream, ahead) is None
    return data


def test_they_are_made_again_the_same() -> None:
    assert messages() == FOUND


async def test_requests() -> None:
    for case in FOUND["requests"]:
        request = read_request(await whole(case["hex"]), bytes.fromhex(FOUND["asker"]))
        value = None if case["value"] is None else bytes.fromhex(case["value"])
        kind, key = Kind[case["kind"]], bytes.fromhex(case["key"])
        assert request == Request(kind, key, value, tuple(case["addresses"])), case["name"]


async def test_addresses_are_read_of_who_asks_and_of_nobody_else() -> None:
    case = next(each for each in FOUND["requests"] if each["name"] == "find")
    assert read_request(await whole(case["hex"]), b"another").addresses == ()


async def test_answers() -> None:
    for case in FOUND["answers"]:
        request = Request(Kind[case["kind"]], bytes.fromhex(case["key"]))
        answer = read_answer(await whole(case["hex"]), request)
        value = None if case["value"] is None else bytes.fromhex(case["value"])
        assert (answer.value, answer.kept) == (value, case["kept"]), case["name"]
        named = [
            Contact.of(bytes.fromhex(each["peer"]), tuple(each["addresses"]))
            for each in case["named"]
        ]
        assert list(answer.named) == named, case["name"]
        assert [each.addresses for each in answer.named] == [each.addresses for each in named]


def test_broken_requests() -> None:
    assert FOUND["broken_requests"]
    for case in FOUND["broken_requests"]:
        with pytest.raises(ProtocolViolation):
            read_request(bytes.fromhex(case["hex"]), b"asker")


async def test_broken_frames() -> None:
    assert FOUND["broken_frames"]
    for case in FOUND["broken_frames"]:
        with pytest.raises(ProtocolViolation):
            await read_message(Bytes(bytes.fromhex(case["hex"])), bytearray())
