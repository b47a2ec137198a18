"""Attacks on the gateway from the same machine: a page in the owner's browser, another user.

Each is tried over real sockets. What a browser would send is sent byte by byte.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from formats.errors import Expired
from frontends.api import asking
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.routes import call, pipe
from frontends.api.shapes import LocalPath
from frontends.api.state import State
from frontends.web import doorstep
from frontends.web.doorstep import AT_WORK
from frontends.web.visits import IDLE_TIME, LINK_TIME, MAX_LINKS, MAX_VISITS, Visits
from tests.daemons.gateway import Caller, Served, gateway
from tests.daemons.served import read_all


@dataclass(frozen=True, slots=True)
class Say:
    """A request of these tests."""

    text: str = "hello"
    file: LocalPath = ""


class Done(list[str]):
    """What was really done at the daemon, in order."""


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
async def served(tmp_path: Path, done: Done):  # type: ignore[no-untyped-def]
    async def say(_state: State, asked: Say, _reply: Reply) -> Json:
        done.append(asked.text)
        return {}

    async def take(_state: State, _asked: Say, _reply: Reply, incoming: Incoming) -> Json:
        size = 0
        while data := await incoming.piped():
            size += len(data)
        done.append(f"{size} bytes")
        return {}

    async with gateway(tmp_path / "h", call("say", Say, say), pipe("take", Say, take)) as it:
        yield it


async def refused(caller: Caller, headers: dict[str, str], status: int = 403) -> None:
    """The call is not answered, whatever these headers add to it."""
    answer = await caller.ask("POST", "/v1/say", headers)
    assert answer.status == status, answer.raw


# --- what the owner can do, so that a refusal below means something ---


async def test_the_page_itself_can_call(served: Served, done: Done) -> None:
    caller = await served.visitor()
    browser = {"Origin": served.sites.page, "Sec-Fetch-Site": "same-origin"}
    assert (await caller.ask("POST", "/v1/say", browser)).status == 200
    assert done == ["hello"]


# --- another page in the owner's browser ---


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost:{port}", "{name}"]
)
async def test_a_name_made_to_point_here_gets_nothing(
    served: Served, done: Done, host: str
) -> None:
    """DNS rebinding: the browser takes evil.example for us, and says so in Host."""
    caller = await served.visitor()
    caller.host = host.format(port=served.sites.port, name="holdfast.localhost")
    await refused(caller, {"Sec-Fetch-Site": "same-origin"})
    assert (await caller.ask("GET", "/")).status == 403
    assert done == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": "http://holdfast.localhost"},
        {"Origin": "http://holdfast.localhost:1"},
        {"Origin": "http://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_call_from_another_page_is_refused_even_with_cookie_and_key(
    served: Served, done: Done, headers: dict[str, str]
) -> None:
    caller = await served.visitor()
    await refused(caller, {k: v.format(port=served.sites.port) for k, v in headers.items()})
    assert done == []


async def test_a_forged_form_has_the_cookie_and_no_key(served: Served, done: Done) -> None:
    """Cross-site request forgery, from a browser that sends neither Origin nor Sec-Fetch-Site."""
    caller = await served.visitor()
    await refused(caller, {"Holdfast-Key": "", "Content-Type": "text/plain"})
    assert done == []


async def test_a_preflight_promises_nothing(served: Served) -> None:
    caller = await served.visitor()
    asked = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "holdfast-key",
    }
    answer = await caller.ask("OPTIONS", "/v1/say", asked)
    assert answer.status == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("dest", ["iframe", "script", "image", "empty", "object"])
async def test_no_part_of_the_page_is_used_in_another(served: Served, dest: str) -> None:
    caller = served.caller({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": dest})
    mode = "navigate" if dest in ("iframe", "object") else "no-cors"
    assert (await caller.ask("GET", "/", {"Sec-Fetch-Mode": mode})).status == 403


async def test_the_page_can_be_opened_from_anywhere(served: Served) -> None:
    caller = served.caller({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"})
    assert (await caller.ask("GET", "/", {"Sec-Fetch-Mode": "navigate"})).status == 200


async def test_no_call_is_a_document(served: Served) -> None:
    answer = await (await served.visitor()).call("say")
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


# --- another user of the same machine ---


async def test_who_has_not_entered_can_call_nothing(served: Served, done: Done) -> None:
    for path in ("/v1/say", "/v1/take", "/v1/web/leave", "/v1/status", "/v1/none"):
        answer = await served.caller().ask("POST", path)
        assert (answer.status, answer.kind) == (403, "Expired"), path
    assert done == []


@pytest.mark.parametrize("lost", ["Cookie", "Holdfast-Key"])
async def test_cookie_or_key_alone_are_worth_nothing(served: Served, done: Done, lost: str) -> None:
    """A browser sends the cookie to every port of its host, so another user may get to see it."""
    caller = await served.visitor()
    other = await served.visitor()
    await refused(caller, {lost: ""})
    await refused(caller, {lost: other.headers[lost]})
    await refused(caller, {lost: caller.headers[lost][:-1]})
    assert done == []


async def test_a_link_is_good_once(served: Served) -> None:
    token = served.visits.link()
    assert (await served.caller().enter(token)).status == 200
    assert (await served.caller().enter(token)).kind == "Expired"


async def test_looking_at_a_link_does_not_use_it(served: Served) -> None:
    """HEAD, prefetch, a chat's preview: none of them sends what is behind the ``#``."""
    token, caller = served.visits.link(), served.caller()
    for method, path in (("HEAD", "/"), ("GET", "/"), ("GET", f"/?enter={token}")):
        assert (await caller.ask(method, path, {"Purpose": "prefetch"})).status == 200
    assert (await caller.ask("GET", "/v1/web/enter")).status == 400
    assert (await caller.enter(token)).status == 200


async def test_a_link_handed_in_by_another_page_is_refused_and_stays_good(served: Served) -> None:
    """Login forgery: another page must not choose which visit this browser is in."""
    token = served.visits.link()
    body = json.dumps({"token": token}).encode()
    foreign = {"Origin": "http://evil.example"}
    assert (await served.caller().ask("POST", "/v1/web/enter", foreign, body)).status == 403
    assert (await served.caller().enter(token)).status == 200


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "\0" * 43])
async def test_a_made_up_link_is_refused(served: Served, token: str) -> None:
    served.visits.link()
    assert (await served.caller().enter(token)).kind == "Expired"


async def test_the_cookie_is_the_strictest_there_is(served: Served) -> None:
    answer = await served.caller().enter(served.visits.link())
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"holdfast-{served.sites.port}=")
    assert set(flags) == {"Path=/v1", "HttpOnly", "SameSite=Strict"}
    assert name.partition("=")[2] not in answer.body.decode()


async def test_who_left_is_out(served: Served, done: Done) -> None:
    caller = await served.visitor()
    assert (await caller.call("web/leave")).status == 200
    await refused(caller, {})
    assert done == []


async def test_a_page_names_no_file_of_this_machine(served: Served, done: Done) -> None:
    """Whoever takes over the page must not read the rest of the disk through it."""
    caller = await served.visitor()
    answer = await caller.call("say", {"file": "/etc/passwd"})
    assert (answer.status, answer.kind, done) == (409, "Unfit", [])


async def test_a_page_makes_no_links(served: Served) -> None:
    caller = await served.visitor()
    assert (await caller.call("web/link")).kind == "Unfit"


def test_links_and_visits_end_and_are_few() -> None:
    time = [0.0]
    visits = Visits(lambda: time[0])
    old = visits.link()
    time[0] = LINK_TIME + 1
    with pytest.raises(Expired):
        visits.enter(old)
    first = visits.link()
    for _ in range(MAX_LINKS):
        visits.link()
    with pytest.raises(Expired):
        visits.enter(first)
    entered = [visits.enter(visits.link())]
    visits.find(entered[0].cookie, entered[0].key)
    for _ in range(MAX_VISITS):
        time[0] += 1
        entered.append(visits.enter(visits.link()))
    with pytest.raises(Expired):
        visits.find(entered[0].cookie, entered[0].key)
    visits.find(entered[1].cookie, entered[1].key)
    time[0] += IDLE_TIME + 1
    with pytest.raises(Expired):
        visits.find(entered[1].cookie, entered[1].key)


# --- what is sent: two requests in one, too large, too slow, too many, no sense ---


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "0", "Transfer-Encoding": "chunked"},
        {"Transfer-Encoding": "gzip, chunked"},
        {"Content-Length": "+5"},
        {"Content-Length": "5, 6"},
    ],
)
async def test_a_body_of_two_lengths_is_no_request(
    served: Served, done: Done, headers: dict[str, str]
) -> None:
    """Request smuggling begins with two readings of one length."""
    caller = await served.visitor()
    answer = await caller.ask("POST", "/v1/say", headers, b"0\r\n\r\n")
    assert (answer.kind, done) == ("Malformed", [])


async def test_what_follows_a_request_is_no_second_one(served: Served, done: Done) -> None:
    caller = await served.visitor()
    one = caller.request("POST", "/v1/say")
    answer = await caller.send(one + one)
    assert answer.raw.count(b"HTTP/1.1") == 1
    assert done == ["hello"]


@pytest.mark.parametrize("name", ["Cookie", "Holdfast-Key", "Origin", "Range", "Sec-Fetch-Site"])
async def test_a_header_that_counts_is_there_once(served: Served, done: Done, name: str) -> None:
    caller = await served.visitor()
    first, rest = caller.request("POST", "/v1/say").split(b"\r\n", 1)
    own = {"Origin": served.sites.page, "Sec-Fetch-Site": "same-origin", **caller.headers}
    twice = f"{name}: {own.get(name, 'x')}\r\n{name.lower()}: x\r\n".encode()
    answer = await caller.send(first + b"\r\n" + twice + rest)
    assert (answer.kind, done) == ("Malformed", [])


@pytest.mark.parametrize(
    "sent",
    [b"\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" * 9 + b"\r\n\r\n"],
)
async def test_what_is_no_http_is_told_so(served: Served, sent: bytes) -> None:
    assert (await served.caller().send(sent)).kind == "Malformed"


async def test_a_giant_head_is_cut_off(served: Served) -> None:
    answer = await served.caller().ask("GET", "/", {"X": "x" * asking.MAX_HEAD})
    assert answer.status in (0, 413, 422)  # 0: what it still sent broke the connection


async def test_a_giant_body_is_refused_by_its_length(served: Served, done: Done) -> None:
    caller = await served.visitor()
    answer = await caller.ask("POST", "/v1/say", {"Content-Length": str(asking.MAX_BODY + 1)})
    assert (answer.kind, done) == ("TooLarge", [])


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"text": 1e999}', b"{}{}"]
)
async def test_malformed_json_is_told_so(served: Served, done: Done, body: bytes) -> None:
    caller = await served.visitor()
    answer = await caller.ask("POST", "/v1/say", None, body)
    assert answer.status in (400, 422)
    assert done == []


async def test_a_slow_head_is_ended(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "REQUEST_TIME", 0.05)
    async with await served.caller().connect() as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: ")
        assert b"TimedOut" in await read_all(stream)


async def test_however_many_wait_the_owner_gets_in(served: Served, done: Done) -> None:
    """Slow loris: connections that never say what they want, or never hand in the token."""
    caller = await served.visitor()
    slow = served.caller().request("POST", "/v1/web/enter", {"Content-Length": "99"})
    async with trio.open_nursery() as nursery:
        idle = [await caller.connect() for _ in range(AT_WORK + 8)]
        for number, each in enumerate(idle):
            await each.send_all(b"GET / HT" if number % 2 else slow)
        assert (await caller.call("say")).status == 200
        nursery.cancel_scope.cancel()
    for each in idle:
        await each.aclose()
    assert done == ["hello"]


async def test_requests_at_work_have_a_limit(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert AT_WORK >= 64
    monkeypatch.setattr(doorstep, "AT_WORK", 1)
    caller = await served.visitor()
    async with await caller.connect() as busy:
        head = {"Transfer-Encoding": "chunked", "Content-Length": "", "Expect": "100-continue"}
        await busy.send_all(caller.request("POST", "/v1/take", head))
        assert b" 100 " in await busy.receive_some(4096)
        assert (await caller.call("say")).kind == "TooMany"
