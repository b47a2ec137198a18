"""Both machines: what they allow, what breaks them, and that pieces make no difference."""

from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import dag_cbor
from formats.cid import Block
from formats.errors import (
    KINDS,
    MAX_MESSAGE,
    AlreadyRunning,
    BadBlock,
    BadConfig,
    BadKit,
    Damaged,
    Denied,
    Forged,
    Forked,
    HoldfastError,
    Internal,
    Interrupted,
    Malformed,
    NoDaemon,
    NotKept,
    NotSignedIn,
    Partial,
    ProtocolViolation,
    SchemaTooNew,
    Stale,
    TooLarge,
    TooMany,
    UnknownVersion,
    Withheld,
)
from protocols import blocks as b
from protocols import pointers as p
from protocols.accounts import Usage
from protocols.exchange import (
    MAX_HEAD_ITEMS,
    MAX_IN_FLIGHT,
    Answerer,
    Asker,
    Refused,
    Reply,
    Request,
    State,
)
from protocols.frames import LENGTH, framed
from protocols.operations import OPERATIONS, READ_BYTES
from tests.protocols.making import ROWS, messages, plain
from tests.protocols.streams import BAD_REPLIES, BAD_REQUESTS, READ_REPLY, asking, said
from tests.protocols.test_frames import cut

BLOCKS: Final = OPERATIONS["blocks"]
POINTERS: Final = OPERATIONS["pointers"]
SESSION: Final = bytes(16)
MANY: Final = tuple(Block.raw(bytes([n]) * 100) for n in range(5))
STAGE: Final = b.Stage(SESSION, MANY)
CLOSE: Final = b.CloseSession(SESSION)


def requests_in(answerer: Answerer, data: bytes) -> list[Request | Refused]:
    answerer.feed(data)
    return list(iter(answerer.next_request, None))


def replies_in(asker: Asker, data: bytes) -> list[Reply]:
    asker.feed(data)
    return list(iter(asker.next_reply, None))


# --- what reading may cost


def test_a_head_has_a_bounded_number_of_values() -> None:
    """A million empty lists fit into a frame, and took seconds of everybody's."""
    for count, broken in ((MAX_HEAD_ITEMS - 7, False), (MAX_HEAD_ITEMS - 6, True)):
        answerer = Answerer(BLOCKS)
        head: dag_cbor.Value = {"i": 1, "o": "no such", "q": [[] for _ in range(count)]}
        answerer.feed(b"".join(framed([dag_cbor.encode(head)])))
        if broken:
            with pytest.raises(ProtocolViolation, match="values"):
                answerer.next_request()
        else:
            assert isinstance(answerer.next_request(), Refused)


def test_the_largest_read_is_within_it() -> None:
    item = b.Item(bytes(32), bytes(256), tuple(range(20)), True)
    cids = tuple(block.cid for block in MANY) * (b.MAX_ITEMS // len(MANY))
    most = b.Read(bytes(32), bytes(32), cids[0], bytes(32), 1, (item,) * 2600, cids)
    asker, answerer = Asker(BLOCKS), Answerer(BLOCKS)
    _, writes = asker.ask(BLOCKS["read"], most)
    (request,) = requests_in(answerer, b"".join(writes))
    assert isinstance(request, Request)


# --- the ordinary way


@pytest.mark.parametrize("row", ROWS, ids=str)
@settings(max_examples=15)
@given(data=st.data())
def test_every_operation_there_and_back(row: Any, data: st.DataObject) -> None:
    asker, answerer = Asker(OPERATIONS[row.door]), Answerer(OPERATIONS[row.door])
    request = data.draw(messages(row.request))
    answer = data.draw(messages(data.draw(st.sampled_from(row.replies))))
    id, writes = asker.ask(row, request)
    [event] = requests_in(answerer, b"".join(writes))
    assert isinstance(event, Request)
    assert (event.id, event.operation, event.message()) == (id, row, request)
    [reply] = replies_in(asker, b"".join(answerer.answer(id, answer)))
    assert (reply.id, reply.message()) == (id, answer)
    assert (asker.in_flight, answerer.in_flight) == (0, 0)
    assert asker.between
    assert answerer.between


def test_a_request_looks_as_specified() -> None:
    _, written = asking(("close_session", CLOSE), ("stage", b.Stage(SESSION, MANY[:1])))
    cid = MANY[0].cid
    assert written == said({"i": 1, "o": "close_session", "q": {"session": SESSION}}) + said(
        {"i": 2, "o": "stage", "q": {"session": SESSION, "blocks": [cid]}, "n": [100]},
        MANY[0].data,
    )


def test_a_reply_looks_as_specified() -> None:
    answerer = Answerer(POINTERS)
    requests_in(answerer, said({"i": 5, "o": "move", "q": {"commit": b"", "blocks": []}}))
    written = b"".join(answerer.answer(5, p.Committed(Usage(1, 2, 3))))
    usage = {"used": 1, "reserved": 2, "limit": 3}
    assert written == said({"i": 5, "k": "Committed", "r": {"usage": usage}})
    requests_in(answerer, said({"i": 6, "o": "move", "q": {"commit": b"", "blocks": []}}))
    assert b"".join(answerer.fail(6, Denied("no"))) == said({"i": 6, "e": 13, "m": "no"})


def test_replies_come_in_any_order() -> None:
    asker, written = asking(*[("close_session", CLOSE)] * 3)
    answerer = Answerer(BLOCKS)
    assert [request.id for request in requests_in(answerer, written)] == [1, 2, 3]
    back = b"".join(w for id in (2, 3, 1) for w in answerer.answer(id, b.Closed()))
    assert [reply.id for reply in replies_in(asker, back)] == [2, 3, 1]


def answered(error: HoldfastError) -> HoldfastError:
    """The error as it is raised at the other end."""
    asker, written = asking(("close_session", CLOSE))
    answerer = Answerer(BLOCKS)
    requests_in(answerer, written)
    [reply] = replies_in(asker, b"".join(answerer.fail(1, error)))
    with pytest.raises(HoldfastError) as raised:
        reply.message()
    return raised.value


FINDINGS = (BadBlock, Forged, Damaged, Stale, Forked, ProtocolViolation, Withheld, Internal)
OWN = (
    NotSignedIn,
    NoDaemon,
    AlreadyRunning,
    BadConfig,
    SchemaTooNew,
    Partial,
    BadKit,
    NotKept,
    Interrupted,
)


@pytest.mark.parametrize("kind", [each for each in KINDS.values() if each not in OWN])
def test_every_error_crosses_with_its_message(kind: type[HoldfastError]) -> None:
    """What is a finding of the node's is told as its word, not as one of ours."""
    error = answered(kind("what happened"))
    assert type(error) is kind
    finding = kind in FINDINGS
    assert error.message == ("the node answered: what happened" if finding else "what happened")
    assert error.advice.startswith("so says the node") is finding


@pytest.mark.parametrize("kind", OWN)
def test_what_only_ones_own_machine_can_say_is_believed_of_no_node(
    kind: type[HoldfastError],
) -> None:
    assert type(answered(kind("what happened"))) is ProtocolViolation


def test_an_error_that_says_nothing_is_told_as_that() -> None:
    assert answered(Denied("")).message == "no reason"


@pytest.mark.parametrize("message", ["x" * 5000, "\ud800", "\x1b[2J", "a\nb"])
def test_what_an_error_says_is_cut_and_cleaned(message: str) -> None:
    asker, written = asking(("close_session", CLOSE))
    answerer = Answerer(BLOCKS)
    requests_in(answerer, written)
    [reply] = replies_in(asker, b"".join(answerer.fail(1, Denied(message))))
    with pytest.raises(Denied) as raised:
        reply.message()
    assert len(raised.value.message) <= MAX_MESSAGE
    assert raised.value.message.isprintable()


def test_a_wrong_block_spoils_its_own_message_only() -> None:
    answerer = Answerer(BLOCKS)
    head = {"i": 1, "o": "stage", "q": {"session": SESSION, "blocks": [MANY[0].cid]}, "n": [3]}
    bad, good = requests_in(
        answerer,
        said(head, b"bad") + said({"i": 2, "o": "close_session", "q": {"session": SESSION}}),
    )
    assert isinstance(bad, Request)
    assert isinstance(good, Request)
    with pytest.raises(BadBlock):
        bad.message()
    assert good.message() == CLOSE


# --- limits


def test_sixty_four_in_flight_and_no_more() -> None:
    asker, written = asking(*[("close_session", CLOSE)] * MAX_IN_FLIGHT)
    with pytest.raises(TooMany):
        asker.ask(BLOCKS["close_session"], CLOSE)
    answerer = Answerer(BLOCKS)
    assert len(requests_in(answerer, written)) == MAX_IN_FLIGHT
    replies_in(asker, b"".join(answerer.answer(1, b.Closed())))
    _, writes = asker.ask(BLOCKS["close_session"], CLOSE)
    assert len(requests_in(answerer, b"".join(writes))) == 1
    with pytest.raises(ProtocolViolation, match="more than 64"):
        requests_in(answerer, said({"i": 99, "o": "close_session", "q": {"session": SESSION}}))


def test_a_request_over_its_limits_never_leaves() -> None:
    asker = Asker(BLOCKS)
    block = Block.raw(bytes(1024 * 1024))
    with pytest.raises(TooLarge, match="blocks in one message"):
        asker.ask(BLOCKS["stage"], b.Stage(SESSION, (block,) * 17))
    item = b.Item(bytes(32), bytes(256), tuple(range(20)), False)
    with pytest.raises(TooLarge, match="without its blocks"):
        asker.ask(BLOCKS["read"], plain(b.Read, items=(item,) * 4096))
    with pytest.raises(Malformed, match="takes no Stage"):
        asker.ask(BLOCKS["read"], STAGE)
    assert asker.in_flight == 0
    assert asker.ask(BLOCKS["stage"], b.Stage(SESSION, (block,) * 16))[0] == 1


def test_a_reply_over_its_limits_can_still_be_failed() -> None:
    asker, written = asking(("close_session", CLOSE), ("read", read_request()))
    answerer = Answerer(BLOCKS)
    requests_in(answerer, written)
    with pytest.raises(Malformed, match="not answered with Staged"):
        answerer.answer(1, b.Staged(1))
    with pytest.raises(Malformed, match="range"):
        answerer.answer(2, plain(b.Found, rest=(-1,)))
    block = Block.raw(bytes(1024 * 1024))
    with pytest.raises(TooLarge):
        answerer.answer(2, plain(b.Found, blocks=(block,) * (READ_BYTES // len(block.data) + 1)))
    assert answerer.in_flight == 2
    back = b"".join([*answerer.fail(1, TooLarge("x")), *answerer.fail(2, TooLarge("x"))])
    assert len(replies_in(asker, back)) == 2


def read_request() -> b.Read:
    return plain(b.Read)


# --- what a request may be wrong in without breaking the stream


@pytest.mark.parametrize(
    ("head", "bodies", "kind"),
    [
        ({"i": 1, "o": "close_session", "q": {}}, [], Malformed),
        ({"i": 1, "o": "close_session"}, [], Malformed),
        ({"i": 1, "o": "close_session", "q": {"session": SESSION, "more": 1}}, [], Malformed),
        (
            {"i": 1, "o": "stage", "q": {"session": SESSION, "blocks": []}, "n": [3]},
            [b"abc"],
            Malformed,
        ),
        (
            {"i": 1, "o": "stage", "q": {"session": 1, "blocks": []}, "n": [2, 1]},
            [b"ab", b"c"],
            Malformed,
        ),
        ({"i": 1, "o": "resolve", "q": {}}, [], UnknownVersion),
        ({"i": 1, "o": "new one", "q": {}, "n": [3]}, [b"abc"], UnknownVersion),
    ],
)
def test_no_message_is_refused_and_the_next_one_served(
    head: Any, bodies: list[bytes], kind: type[HoldfastError]
) -> None:
    answerer = Answerer(BLOCKS)
    close = said({"i": 2, "o": "close_session", "q": {"session": SESSION}})
    refused, good = requests_in(answerer, said(head, *bodies) + close)
    assert isinstance(refused, Refused)
    assert (refused.id, type(refused.error)) == (1, kind)
    assert isinstance(good, Request)
    assert len(b"".join(answerer.fail(1, refused.error))) > 0
    assert answerer.state is State.OPEN


# --- what breaks a machine


@pytest.mark.parametrize("what", BAD_REQUESTS)
def test_a_bad_request_breaks_the_answerer(what: str) -> None:
    answerer = Answerer(BLOCKS)
    with pytest.raises(ProtocolViolation):
        requests_in(answerer, BAD_REQUESTS[what])
    assert answerer.state is State.BROKEN
    with pytest.raises(ProtocolViolation):
        answerer.feed(b"")
    with pytest.raises(ProtocolViolation):
        answerer.next_request()


@pytest.mark.parametrize("what", BAD_REPLIES)
def test_a_bad_reply_breaks_the_asker(what: str) -> None:
    asker, _ = asking(("read", read_request()), ("close_session", CLOSE))
    with pytest.raises(ProtocolViolation):
        replies_in(asker, BAD_REPLIES[what])
    assert asker.state is State.BROKEN
    with pytest.raises(ProtocolViolation):
        asker.feed(b"")
    with pytest.raises(ProtocolViolation):
        asker.ask(BLOCKS["close_session"], CLOSE)


@pytest.mark.parametrize("kind", ["Committed", "Conflict", "Resolved", 1, None])
def test_a_reply_of_several_kinds_names_its_kind(kind: object) -> None:
    asker = Asker(POINTERS)
    asker.ask(POINTERS["move"], p.Move(b"", ()))
    head: dict[str, Any] = {"i": 1, "r": {"current": []}}
    if kind is not None:
        head["k"] = kind
    if kind == "Conflict":
        assert replies_in(asker, said(head))[0].message() == p.Conflict(())
        return
    with pytest.raises(ProtocolViolation):
        replies_in(asker, said(head))


def test_an_unknown_error_number_is_the_peers_fault_and_breaks_nothing() -> None:
    asker, _ = asking(("close_session", CLOSE))
    [reply] = replies_in(asker, said({"i": 1, "e": 4000, "m": "hm"}))
    with pytest.raises(ProtocolViolation, match="4000"):
        reply.message()
    assert asker.state is State.OPEN


# --- abandoned requests


def test_an_abandoned_reply_is_passed_over_and_frees_its_place() -> None:
    asker, _ = asking(("read", read_request()), ("close_session", CLOSE))
    asker.abandon(1)
    asker.abandon(1)
    asker.abandon(77)
    assert asker.in_flight == 2
    head = {"i": 1, "r": READ_REPLY | {"blocks": [MANY[0].cid]}, "n": [100]}
    [reply] = replies_in(asker, said(head, MANY[0].data) + said({"i": 2, "r": {}}))
    assert reply.id == 2
    assert asker.in_flight == 0


def test_an_abandoned_reply_must_still_be_one() -> None:
    asker, _ = asking(("close_session", CLOSE))
    asker.abandon(1)
    with pytest.raises(ProtocolViolation):
        replies_in(asker, said({"i": 1, "r": {"x": 1}}))


def test_what_is_announced_is_known_before_it_arrives() -> None:
    answerer = Answerer(BLOCKS)
    cids = [block.cid for block in MANY]
    head = {"i": 1, "o": "stage", "q": {"session": SESSION, "blocks": cids}, "n": [100] * 5}
    assert requests_in(answerer, said(head)) == []
    weight = len(said(head)) - LENGTH + 500
    assert (answerer.announced, answerer.between) == (weight, False)
    [request] = requests_in(answerer, b"".join(framed(block.data for block in MANY)))
    assert (answerer.announced, answerer.between) == (0, True)
    assert isinstance(request, Request)
    assert (request.size, request.weight) == (500, weight)


# --- pieces, and hostile bytes


@dataclass(frozen=True)
class Ended:
    """The machine broke here."""


def events(machine: Asker | Answerer, pieces: list[bytes]) -> list[object]:
    """All events of a machine that is fed these pieces, up to where it breaks."""
    found: list[object] = []
    step = machine.next_reply if isinstance(machine, Asker) else machine.next_request
    try:
        for piece in pieces:
            machine.feed(piece)
            while (event := step()) is not None:
                found.append(_comparable(event))
    except ProtocolViolation as error:
        found.append((Ended(), error.message))
    return found


def _comparable(event: Any) -> object:
    error = event.error if isinstance(event, Refused) else getattr(event, "result", None)
    if isinstance(error, HoldfastError):
        return (type(event), event.id, type(error), error.message)
    return event


sendings = st.lists(
    st.sampled_from(
        [
            said({"i": 1, "o": "close_session", "q": {"session": SESSION}}),
            said({"i": 2, "o": "close_session", "q": {"session": b""}}),
            said({"i": 3, "o": "unheard of", "q": None, "n": [1, 0]}, b"x", b""),
            asking(("stage", STAGE))[1],
            BAD_REQUESTS["no map"],
            said({"i": 1, "r": {"reserved": 5}}),
            said({"i": 2, "r": {}}),
            said({"i": 3, "e": 13, "m": "no"}),
        ]
    ),
    max_size=5,
).map(b"".join)
places = st.lists(st.integers(0, 100_000), max_size=30)


@given(sendings, places)
def test_however_a_stream_is_cut_the_answerer_sees_the_same(data: bytes, at: list[int]) -> None:
    whole = events(Answerer(BLOCKS), [data])
    assert events(Answerer(BLOCKS), cut(data, at)) == whole
    assert events(Answerer(BLOCKS), [bytes([byte]) for byte in data]) == whole


@given(sendings, places)
def test_however_a_stream_is_cut_the_asker_sees_the_same(data: bytes, at: list[int]) -> None:
    def asker() -> Asker:
        return asking(("stage", STAGE), ("close_session", CLOSE), ("close_session", CLOSE))[0]

    whole = events(asker(), [data])
    assert events(asker(), cut(data, at)) == whole
    assert events(asker(), [bytes([byte]) for byte in data]) == whole


@given(st.data())
def test_hostile_bytes_break_a_machine_and_nothing_else(data: st.DataObject) -> None:
    good = data.draw(sendings)
    bad = bytearray(good + data.draw(st.binary(max_size=60)))
    for place in data.draw(places)[:5]:
        if bad:
            bad[place % len(bad)] ^= data.draw(st.integers(1, 255))
    answerer = Answerer(BLOCKS)
    events(answerer, [bytes(bad)])
    assert len(answerer._frames) <= len(bad)
    events(asking(("stage", STAGE), ("close_session", CLOSE))[0], [bytes(bad)])


def test_a_machine_holds_no_more_than_one_frame_and_what_was_fed_last() -> None:
    answerer = Answerer(BLOCKS)
    piece = bytes(64 * 1024)
    cids = [Block.raw(bytes(2**20)).cid] * 16
    head = {"i": 1, "o": "stage", "q": {"session": SESSION, "blocks": cids}, "n": [2**20] * 16}
    requests_in(answerer, said(head))
    stream = b"".join(framed([bytes(2**20)] * 16))
    most, found = 0, 0
    for at in range(0, len(stream), len(piece)):
        found += len(requests_in(answerer, stream[at : at + len(piece)]))
        most = max(most, len(answerer._frames))
    assert found == 1
    assert most <= 2**20 + LENGTH + len(piece)
