"""Agreeing on a protocol by name, with the right peer, a wrong one and a hostile one."""

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import HoldfastError, ProtocolViolation, UnknownVersion, Unreachable
from node.transport.multistream import HEADER, MAX_LINE, MAX_TRIES, agree, choose, line


class Told:
    """A channel whose other end has said everything already, in small pieces."""

    def __init__(self, data: bytes, piece: int = 3) -> None:
        self.left = data
        self.written = b""
        self._piece = piece

    async def read(self, n: int = -1) -> bytes:
        await trio.lowlevel.checkpoint()
        size = min(n, self._piece)
        found, self.left = self.left[:size], self.left[size:]
        return found

    async def write(self, data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self.written += data


async def test_asking_takes_one_write() -> None:
    channel = Told(line(HEADER) + line("/noise"))
    await choose(channel, "/noise")
    assert channel.written == b"\x13/multistream/1.0.0\n\x07/noise\n"


async def test_the_first_protocol_we_speak_is_agreed() -> None:
    channel = Told(line(HEADER) + line("/tls") + line("/noise") + b"rest")
    assert await agree(channel, {"/noise", "/x"}) == "/noise"
    assert channel.written == line(HEADER) + line("na") + line("/noise")
    assert channel.left == b"rest"


async def test_a_long_name_has_a_long_length() -> None:
    name = "/" + "x" * (MAX_LINE - 2)
    assert line(name)[:2] == b"\x80\x02"
    assert await agree(Told(line(HEADER) + line(name)), {name}) == name


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", Unreachable),
        (line(HEADER), Unreachable),
        (line(HEADER)[:-3], Unreachable),
        (line(HEADER) + line("na"), ProtocolViolation),
        (line(HEADER) + line("/other"), ProtocolViolation),
        (line("/multistream/2.0.0") + line("/noise"), ProtocolViolation),
        (b"\x00", ProtocolViolation),
        (b"\xff\xff\xff\xff\xff", ProtocolViolation),
        (b"\x82\x02" + b"x" * 300, ProtocolViolation),
        (b"\x03abc", ProtocolViolation),
        (b"\x03\xff\xff\n", ProtocolViolation),
        (b"GET / HTTP/1.1\r\n\r\n" + b" " * 100, ProtocolViolation),
    ],
)
async def test_who_does_not_answer_so_is_left(said: bytes, kind: type[HoldfastError]) -> None:
    with pytest.raises(kind):
        await choose(Told(said), "/noise")


async def test_a_node_of_another_version_is_said_to_be_one() -> None:
    with pytest.raises(UnknownVersion, match="/holdfast/blocks/1"):
        await choose(Told(line(HEADER) + line("na")), "/holdfast/blocks/1")


async def test_who_asks_for_too_much_is_left() -> None:
    channel = Told(line(HEADER) + line("/nope") * (MAX_TRIES + 1))
    with pytest.raises(ProtocolViolation):
        await agree(channel, {"/noise"})
    assert channel.left == line("/nope")


@given(st.binary(max_size=80), st.booleans())
def test_hostile_bytes_end_in_an_error_of_ours(data: bytes, header: bool) -> None:
    said = line(HEADER) + data if header else data
    with pytest.raises(HoldfastError):
        trio.run(agree, Told(said), {"/noise"})
    with pytest.raises(HoldfastError):
        trio.run(choose, Told(said), "/noise")
