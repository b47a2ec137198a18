"""What people keep, by addresses that were given out: over real sockets, of a real daemon."""

import io
import random
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio

from tests.daemons.gateway import Answered, Caller, visitor_of
from tests.daemons.processes import Home

PASSWORD = "correct horse battery staple\n"
LARGE = random.Random("large").randbytes(11 * 2**20 + 12345)
SMALL = b"<script>alert(1)</script>\n"
NAME = 'caf\u00e9 \u202efdp.exe "x".html'
TREE = {"a.txt": b"a", "sub/b.bin": LARGE[: 2**20], "sub/deep/c.txt": b"", "back\\slash": b"s"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("content")
    home = Home(folder / "home")
    (folder / "large").write_bytes(LARGE)
    (folder / NAME).write_bytes(SMALL)
    (folder / "empty").write_bytes(b"")
    for name, content in TREE.items():
        file = folder / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / "tree" / "link").symlink_to("/etc/passwd")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        sources = [str(folder / each) for each in ("large", NAME, "empty", "tree")]
        home.run("put", *sources, "/alice").ok()
        yield home


@pytest.fixture
def caller(home: Home) -> Caller:
    return visitor_of(home)


def show(caller: Caller, path: str, **more: object) -> str:
    """The address of a file."""
    answer = trio.run(caller.call, "web/show", {"path": path, **more})
    assert answer.status == 200, answer.body
    return str(answer.lines[-1]["done"]["address"])


def get(
    caller: Caller, address: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Answered:
    """What a browser gets there: it has neither key nor cookie for that site."""
    at = urlsplit(address)
    bare = Caller(caller.port, caller.page, at.netloc, {})
    return trio.run(bare.ask, method, at.path, headers)


def test_an_address_says_nothing_of_what_is_there(caller: Caller) -> None:
    first, second = show(caller, NAME), show(caller, NAME)
    assert first != second
    assert urlsplit(first).netloc == f"127.0.0.1:{caller.port}"
    assert len(urlsplit(first).path) == 1 + 43


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (0, len(LARGE)),
        (2**18 - 1, 2**18 + 1),
        (5 * 2**20 - 7, 5 * 2**20 + 7),
        (len(LARGE) - 1, len(LARGE)),
    ],
)
def test_any_part_of_a_file_can_be_had(caller: Caller, start: int, end: int) -> None:
    answer = get(caller, show(caller, "large"), {"Range": f"bytes={start}-{end - 1}"})
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(LARGE)}"
    assert answer.body == LARGE[start:end]


def test_all_of_a_file_can_be_had(caller: Caller) -> None:
    for path, content in (("large", LARGE), (NAME, SMALL), ("empty", b"")):
        answer = get(caller, show(caller, path))
        assert (answer.status, answer.body) == (200, content)
        assert answer.headers["accept-ranges"] == "bytes"
        bare = get(caller, show(caller, path), method="HEAD")
        assert (bare.status, bare.body) == (200, b"")
        assert bare.headers["content-length"] == str(len(content))


def test_behind_the_end_is_nothing(caller: Caller) -> None:
    answer = get(caller, show(caller, NAME), {"Range": "bytes=99-"})
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(SMALL)}"


def test_a_part_of_another_state_is_not_given(caller: Caller, home: Home, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("first")
    home.run("put", str(tmp_path / "note.txt")).ok()
    before = show(caller, "note.txt")
    etag = get(caller, before).headers["etag"]
    (tmp_path / "note.txt").write_text("second")
    home.run("put", str(tmp_path / "note.txt")).ok()
    after = show(caller, "note.txt")
    assert get(caller, after).headers["etag"] != etag
    asked = {"Range": "bytes=0-0", "If-Range": etag}
    assert get(caller, before, asked).body == b"f"
    assert get(caller, after, asked).body == b"second"
    assert get(caller, before, {"If-None-Match": etag}).status == 304


def test_it_is_shown_without_any_power(caller: Caller) -> None:
    answer = get(caller, show(caller, NAME))
    rules = answer.headers["content-security-policy"].split("; ")
    assert "sandbox" in rules
    assert "default-src 'none'" in rules
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"] == (
        'inline; filename="caf_ _fdp.exe _x_.html"; '
        "filename*=UTF-8''caf%C3%A9%20_fdp.exe%20%22x%22.html"
    )


def test_it_is_nothing_to_run_and_nothing_for_others(caller: Caller) -> None:
    address = show(caller, NAME)
    for dest in ("script", "style", "worker", "serviceworker", "object", "embed", "font"):
        assert get(caller, address, {"Sec-Fetch-Dest": dest}).status == 403
    assert get(caller, address, {"Origin": "http://evil.example"}).status == 403
    assert get(caller, address, {"Origin": "null"}).status == 403
    assert get(caller, address, {"Sec-Fetch-Dest": "iframe"}).status == 200
    assert get(caller, address, method="POST").status == 400


def test_the_two_sites_do_not_answer_for_each_other(caller: Caller) -> None:
    at = urlsplit(show(caller, NAME))
    assert trio.run(caller.ask, "GET", at.path).status == 404
    assert get(caller, f"http://{at.netloc}/").status == 404
    assert get(caller, f"http://{at.netloc}/v1/status").status == 404
    assert get(caller, f"http://{at.netloc}/{'x' * 43}").status == 404


def test_addresses_end_with_the_visit(caller: Caller, home: Home) -> None:
    address = show(caller, NAME)
    other = visitor_of(home)
    assert trio.run(caller.call, "web/leave").status == 200
    assert get(caller, address).status == 404
    assert get(caller, show(other, NAME)).status == 200


def test_addresses_end_with_the_keys(caller: Caller, home: Home) -> None:
    address = show(caller, NAME)
    home.run("lock").ok()
    assert get(caller, address).status == 404
    home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
    assert get(caller, address).status == 404


def packed(caller: Caller, *paths: str) -> zipfile.ZipFile:
    """A zip, as it came."""
    answer = trio.run(caller.call, "web/zip", {"paths": paths, "name": "\u202e.zip"})
    got = get(caller, str(answer.lines[-1]["done"]["address"]))
    assert got.headers["content-disposition"].startswith('attachment; filename="_.zip"')
    return zipfile.ZipFile(io.BytesIO(got.body))


def test_a_folder_comes_as_a_zip(caller: Caller) -> None:
    with packed(caller, "tree", "empty") as archive:
        assert archive.testzip() is None
        found = {each: archive.read(each) for each in archive.namelist() if each[-1] != "/"}
        left_out = found.pop("NOT IN THIS ZIP.txt").decode()
    assert found.pop("empty") == b""
    assert found == {f"tree/{name.replace(chr(92), '_')}": body for name, body in TREE.items()}
    assert "link is a symbolic link" in left_out


def test_two_things_of_one_name_are_both_in_a_zip(caller: Caller) -> None:
    with packed(caller, "tree/a.txt", "tree/a.txt", "tree") as archive:
        assert {"a.txt", "a (2).txt", "tree/a.txt"} <= set(archive.namelist())


def exported(caller: Caller, **asked: object) -> Answered:
    """The answer to what gives out the address of an account."""
    answer = trio.run(caller.call, "export", {"path": "", "password": PASSWORD.strip(), **asked})
    ready = answer.lines[-1]["done"]["ready"]
    return trio.run(caller.call, "web/export", {"ready": ready})


def test_an_account_comes_once_as_one_file(caller: Caller, home: Home, tmp_path: Path) -> None:
    address = str(exported(caller).lines[-1]["done"]["address"])
    assert get(caller, address, method="HEAD").status == 200
    got = get(caller, address)
    said = "attachment; filename=\"alice.car\"; filename*=UTF-8''alice.car"
    assert got.headers["content-disposition"] == said
    assert got.headers["content-type"] == "application/octet-stream"
    (tmp_path / "alice.car").write_bytes(got.body)
    checked = ("import", "--check", str(tmp_path / "alice.car"), "--password-stdin")
    assert "is whole: alice~" in home.run(*checked, stdin=PASSWORD).ok().out
    again = get(caller, address, {"Range": "bytes=5-"})
    assert (again.status, again.kind) == (403, "Expired")


async def followed(caller: Caller, address: str, upto: int | None) -> Answered:
    """What is told of a fetch that is stopped after so many bytes; None: never."""
    answers = list[Answered]()

    async def follow() -> None:
        answers.append(await caller.call("web/export/follow", {"address": address}))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow)
        async with await caller.connect() as stream:
            host = address.removeprefix("http://").partition("/")[0]
            path = address.removeprefix(f"http://{host}")
            asked = caller.request("GET", path, {"Host": host, "Cookie": "", "Holdfast-Key": ""})
            await stream.send_all(asked)
            got = 0
            while upto is None or got < upto:
                data = await stream.receive_some(64 * 1024)
                if not data:
                    break
                got += len(data)
    return answers[0]


def test_how_far_an_account_is_can_be_followed(caller: Caller, home: Home) -> None:
    address = str(exported(caller).lines[-1]["done"]["address"])
    told = trio.run(followed, caller, address, None).lines
    assert told[-1] == {"done": {}}
    assert told[-2]["progress"]["bytes"] > 0
    other = trio.run(caller.call, "web/export/follow", {"address": show(caller, NAME)})
    assert other.kind == "Usage"


def test_an_account_that_the_browser_let_go_of_is_no_whole_file(caller: Caller) -> None:
    address = str(exported(caller).lines[-1]["done"]["address"])
    assert trio.run(followed, caller, address, 64 * 1024).kind == "Interrupted"


def test_an_account_that_is_refused_says_why(caller: Caller) -> None:
    before = str(exported(caller).lines[-1]["done"]["address"])
    exported(caller)  # one waits
    assert trio.run(followed, caller, before, None).kind == "Expired"


def test_an_account_that_waits_ends_with_the_keys(caller: Caller, home: Home) -> None:
    before = str(exported(caller).lines[-1]["done"]["address"])
    other = str(exported(caller).lines[-1]["done"]["address"])
    assert get(caller, before).kind == "Expired"  # one waits
    home.run("lock").ok()
    assert get(caller, other).status == 404
    home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
    assert trio.run(caller.call, "web/export", {"ready": "guess"}).kind == "Expired"


def test_what_is_not_there_has_no_address(caller: Caller) -> None:
    for call, asked in (("web/show", {"path": "no"}), ("web/zip", {"paths": ["tree", "no"]})):
        assert trio.run(caller.call, call, asked).kind == "NotFound"
    assert trio.run(caller.call, "web/show", {"path": "tree"}).kind == "IsAFolder"
    assert trio.run(caller.call, "web/zip", {"paths": []}).kind == "Usage"
