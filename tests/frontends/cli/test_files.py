"""Files from the command line: a real daemon, real folders, real interruptions."""

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home, Ran, finish, read_line

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in."""
    home = Home(tmp_path_factory.mktemp("files") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        yield home


@pytest.fixture
def folder(home: Home, request: pytest.FixtureRequest) -> str:
    """A folder of one's own in the drive."""
    name = f"t-{request.node.name.partition('[')[0][5:60]}"
    home.run("mkdir", "-p", name).ok()
    return name


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small local tree with one of everything."""
    root = tmp_path / "tree"
    (root / "empty folder").mkdir(parents=True)
    (root / "Grüße").mkdir()
    (root / "Grüße" / "日本.txt").write_text("konnichiwa\n")
    (root / "empty").touch()
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "big").write_bytes(os.urandom(3 * MIB))
    (root / "link").symlink_to("Grüße/日本.txt")
    os.utime(root / "empty", ns=(0, 1_700_000_000_123_456_789))
    return root


def same(one: Path, other: Path) -> bool:
    """Whether two trees hold the same names, bytes, links and executable bits."""
    return picture(one) == picture(other)


def picture(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            executable = os.access(path, os.X_OK)
            found[name] = (path.read_bytes(), path.stat().st_mtime_ns, executable)
        else:
            found[name] = None
    return found


def error_of(ran: Ran) -> dict[str, object]:
    error = ran.events[-1]["error"]
    assert isinstance(error, dict)
    return error


def test_a_tree_comes_back_as_it_was(home: Home, folder: str, tree: Path, tmp_path: Path) -> None:
    said = home.run("put", str(tree), folder).ok()
    assert said.out == "stored 4 files, 3 folders and 1 link, 3.0 MiB\n"
    assert said.err == ""
    home.run("get", f"{folder}/tree", str(tmp_path / "back")).ok()
    assert same(tree, tmp_path / "back")


def test_local_paths_are_those_of_the_caller(home: Home, folder: str, tree: Path) -> None:
    home.run("put", "empty", "./Grüße", folder, cwd=tree).ok()
    elsewhere = tree / "empty folder"
    home.run("get", f"{folder}/Grüße", cwd=elsewhere).ok()
    assert (elsewhere / "Grüße" / "日本.txt").read_text() == "konnichiwa\n"


def test_one_source_alone_goes_home(home: Home, tmp_path: Path) -> None:
    (tmp_path / "alone.txt").write_text("x")
    home.run("put", str(tmp_path / "alone.txt")).ok()
    assert home.run("cat", "/alice/alone.txt").ok().out == "x"


def test_what_is_there_gets_a_new_version(home: Home, folder: str, tmp_path: Path) -> None:
    file = tmp_path / "a"
    for text in ("one", "two"):
        file.write_text(text)
        home.run("put", str(file), folder).ok()
        assert home.run("cat", f"{folder}/a").ok().out == text


def test_ls_shows_names_and_long_lines(home: Home, folder: str, tree: Path) -> None:
    home.run("put", str(tree), f"{folder}/tree").ok()
    names = home.run("ls", f"{folder}/tree").ok().out.splitlines()
    assert set(names) == {"Grüße/", "big", "empty", "empty folder/", "link", "run.sh"}
    lines = home.run("ls", "-l", f"{folder}/tree").ok().out.splitlines()
    assert next(line for line in lines if line.endswith("run.sh")).startswith("-x       10 B  ")
    assert next(line for line in lines if "link" in line).endswith("link -> Grüße/日本.txt")
    assert next(line for line in lines if line.endswith("  empty")).split()[3:5] == [
        "2023-11-14",
        "22:13",
    ]
    deep = home.run("ls", "-R", folder).ok().out
    assert f"\n/alice/{folder}/tree/Grüße:\n日本.txt\n" in deep


def test_ls_of_several_goes_on_and_says_so_at_the_end(home: Home, folder: str) -> None:
    ran = home.run("ls", "nowhere", folder)
    assert ran.code == 33
    assert ran.out == f"/alice/{folder}:\n"
    assert "nowhere" in ran.err


def test_json_lines_say_what_each_is(home: Home, folder: str, tree: Path) -> None:
    put = home.run("--json", "put", "-v", str(tree / "run.sh"), folder).ok().events
    assert [next(iter(event)) for event in put] == ["started", "file", "summary", "done"]
    (entry, done) = home.run("--json", "ls", folder).ok().events
    assert done == {"done": {}}
    shown = entry["entry"]
    assert isinstance(shown, dict)
    assert (shown["name"], shown["size"], shown["executable"]) == ("run.sh", 10, True)


def test_stat_du_and_find(home: Home, folder: str, tree: Path) -> None:
    home.run("put", str(tree), folder).ok()
    assert "3.0 MiB (3,145,728 bytes)" in home.run("stat", f"{folder}/tree/big").ok().out
    assert "holds     6 names" in home.run("stat", f"{folder}/tree").ok().out
    assert home.run("du", "--bytes", folder).ok().out.split()[:3] == ["3145749", "4", "files"]
    found = home.run("find", folder, "--name", "*.SH").ok().out
    assert found == f"/alice/{folder}/tree/run.sh\n"
    large = home.run("find", folder, "--min-size", "1MiB", "--kind", "file").ok().out
    assert large == f"/alice/{folder}/tree/big\n"
    assert home.run("find", folder, "--until", "2023-12-31").ok().out.endswith("/empty\n")
    assert home.run("find", folder, "--until", "yesterday").code == 2


def test_moving_copying_removing(home: Home, folder: str, tree: Path) -> None:
    home.run("put", str(tree), folder).ok()
    at = f"{folder}/tree"
    home.run("mv", f"{at}/run.sh", f"{at}/empty", f"{at}/Grüße").ok()
    home.run("cp", f"{at}/big", f"{at}/big2").ok()
    assert home.run("cp", at, f"{folder}/copy").code == 12
    home.run("cp", "-r", at, f"{folder}/copy").ok()
    assert home.run("mv", at, f"{at}/Grüße").code == 37
    assert home.run("mv", f"{at}/big", f"{at}/big2").code == 10
    assert home.run("rm", at).code == 12
    home.run("rm", "-r", at).ok()
    assert home.run("ls", at).code == 9
    names = home.run("ls", f"{folder}/copy/Grüße").ok().out.split()
    assert sorted(names) == ["empty", "run.sh", "日本.txt"]
    for words in (["mv", "a"], ["cp", "a"]):
        assert home.run(*words).code == 2


def test_no_local_file_is_overwritten_without_force(
    home: Home, folder: str, tmp_path: Path
) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    home.run("put", str(file), folder).ok()
    file.write_text("mine")
    ran = home.run("get", f"{folder}/a", str(file))
    assert (ran.code, ran.out, file.read_text()) == (10, "", "mine")
    assert ran.err.count("holdfast:") == 1
    home.run("get", "--force", f"{folder}/a", str(file)).ok()
    assert file.read_text() == "one"


def test_what_cannot_be_put_is_said_and_the_rest_goes_on(
    home: Home, folder: str, tree: Path
) -> None:
    bad = os.fsencode(tree) + b"/caf\xe9"
    with open(bad, "wb"):
        pass
    os.mkfifo(tree / "pipe")
    ran = home.run("put", str(tree), folder)
    assert ran.code == 33
    assert ran.out.endswith("left out 2\n")
    assert "caf\\xe9" in ran.err or "caf\\udce9" in ran.err
    assert "pipe" in ran.err
    assert "run.sh" in home.run("ls", f"{folder}/tree").ok().out
    alone = home.run("--json", "put", bad, folder)
    assert error_of(alone)["kind"] == "BadName"


def test_paths_that_are_no_text_are_bad_names(home: Home) -> None:
    for words in ([b"ls", b"caf\xe9"], [b"mkdir", b"\xff"], [b"cat", b"\xc3"]):
        ran = home.run(*words)
        assert ran.code == 13
        assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("path", "code"),
    [("/zoe/file", 9), ("a/../b", 13), ("x" * 300, 13), ("/" + "x/" * 3000, 29), ("a\nb", 13)],
)
def test_impossible_paths(home: Home, path: str, code: int) -> None:
    assert home.run("cat", path).code == code


def test_a_missing_local_file_is_named(home: Home, folder: str) -> None:
    ran = home.run("put", "/nowhere/at/all", folder)
    assert ran.code == 9
    assert "/nowhere/at/all" in ran.err


def test_cat_into_a_reader_that_leaves_is_quiet(home: Home, folder: str, tree: Path) -> None:
    home.run("put", str(tree / "big"), folder).ok()
    process = home.start("cat", f"{folder}/big")
    assert process.stdout is not None
    assert len(process.stdout.read(1000)) == 1000
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (141, b"")


def test_cat_is_exactly_the_bytes(home: Home, folder: str, tree: Path, tmp_path: Path) -> None:
    home.run("put", str(tree / "big"), str(tree / "empty"), folder).ok()
    with open(tmp_path / "out", "wb") as out:
        process = home.start("cat", f"{folder}/big", f"{folder}/empty", stdout=out.fileno())
        assert finish(process).code == 0
    assert (tmp_path / "out").read_bytes() == (tree / "big").read_bytes()


def test_two_command_lines_at_once(home: Home, folder: str, tmp_path: Path) -> None:
    names = [f"f{i}" for i in range(6)]
    for name in names:
        (tmp_path / name).write_text(name)
    processes = [home.start("put", str(tmp_path / name), folder) for name in names]
    assert [finish(process).code for process in processes] == [0] * len(names)
    assert sorted(home.run("ls", folder).ok().out.split()) == names


def many_files(root: Path, count: int) -> Path:
    """A tree that takes a while."""
    root.mkdir()
    for number in range(count):
        (root / f"{number:05}").write_bytes(os.urandom(100_000))
    return root


def test_ctrl_c_stops_says_so_and_can_be_resumed(home: Home, folder: str, tmp_path: Path) -> None:
    root = many_files(tmp_path / "many", 400)
    process = home.start("put", "-v", str(root), folder)
    assert [read_line(process) for _ in range(20)]
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    assert ran.code == 130
    assert "were sent" in ran.err
    stored = re.search(r"stopped; ([\d,]+) files are stored", ran.err)
    assert stored is not None
    assert int(stored[1].replace(",", "")) >= 19, "what was said before counts"
    assert "run the same command again with --update" in ran.err
    assert "holdfast transfers" in ran.err
    assert "unchanged" in home.run("put", "--update", str(root), folder).ok().out
    home.run("get", f"{folder}/many", str(tmp_path / "back")).ok()
    assert same(root, tmp_path / "back")


def test_a_daemon_killed_in_the_middle_is_said_and_nothing_acknowledged_is_lost(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    root = many_files(tmp_path / "many", 400)
    stored = []
    with home.daemon() as daemon:
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        process = home.start("put", "-v", str(root))
        stored = [read_line(process).strip() for _ in range(20)]
        daemon.kill()
        ran = finish(process)
    assert ran.code == 17
    assert "acknowledged is safe" in ran.err
    stored += ran.out.split()
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        there = set(home.run("find").ok().out.split())
        assert set(stored) <= there
        files = [path for path in stored if path != "/alice/many"]
        assert len(files) > 10
        name = files[-1].rsplit("/", 1)[-1]
        home.run("get", files[-1], str(tmp_path / "one")).ok()
        assert (tmp_path / "one").read_bytes() == (root / name).read_bytes()


def on_terminal(home: Home, words: list[str]) -> tuple[int, bytes, bytes]:
    """Exit code, what a terminal showed of standard output, and of standard error."""
    ends = [pty.openpty(), pty.openpty()]
    process = subprocess.Popen(
        home.words(*words),
        env=home.environment(),
        stdin=subprocess.DEVNULL,
        stdout=ends[0][1],
        stderr=ends[1][1],
    )
    for _, terminal in ends:
        os.close(terminal)
    shown = [drain(controller) for controller, _ in ends]
    return process.wait(), shown[0], shown[1]


def drain(controller: int) -> bytes:
    data = b""
    while True:
        try:
            more = os.read(controller, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not more:
            break
        data += more
    os.close(controller)
    return data


def test_a_terminal_shows_progress_and_takes_it_away(
    home: Home, folder: str, tmp_path: Path
) -> None:
    root = many_files(tmp_path / "many", 200)
    code, out, err = on_terminal(home, ["put", str(root), folder])
    assert (code, out) == (0, b"stored 200 files and 1 folder, 19.1 MiB\r\n")
    assert b"stored" in err
    assert err.endswith(b"\r\x1b[K")


def test_a_terminal_shows_columns_and_no_tricks(home: Home, folder: str, tmp_path: Path) -> None:
    for name in ("a", "b", "fdp.\u202eexe"):
        (tmp_path / name).touch()
    home.run("put", *(str(tmp_path / name) for name in ("a", "b", "fdp.\u202eexe")), folder).ok()
    _, out, _ = on_terminal(home, ["ls", folder])
    assert sorted(out.decode().split()) == ["a", "b", "fdp.\\u202eexe"]
    assert out.count(b"\r\n") == 1
    assert "fdp.\u202eexe\n" in home.run("ls", folder).ok().out
