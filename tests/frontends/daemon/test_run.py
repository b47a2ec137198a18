"""Daemons in processes of their own: starting, answering early, refusing a second, stopping."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemons.processes import ROOT, Home, environment, finish, read_line, soon, wait_for

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_up_says_in_five_lines_what_to_do_next(home: Home) -> None:
    with home.daemon() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode() for _ in range(4)]
    assert "http://holdfast.localhost:" in lines[0]
    assert "holdfast web" in lines[1]
    assert "holdfast signup NAME" in lines[2]
    assert "Ctrl-C" in lines[3]


def test_a_page_that_is_turned_off_is_not_there(home: Home) -> None:
    home.more["HOLDFAST_WEB"] = "false"
    with home.daemon() as process:
        assert process.stdout is not None
        assert "holdfast signup NAME" in process.stdout.readline().decode()
        refused = home.run("web")
    assert refused.code == 37
    assert "web = true" in refused.err


def test_each_link_to_the_page_is_another_one(home: Home) -> None:
    with home.daemon():
        links = {home.run("web").ok().out.strip() for _ in range(2)}
    assert len(links) == 2
    assert all("/#enter=" in link for link in links)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(home: Home, number: signal.Signals) -> None:
    # How soon (5 seconds) is for benchmarks: here ``finish`` has its own, long deadline.
    with home.daemon() as process:
        process.send_signal(number)
        ran = finish(process)
    assert ran.code == 0
    assert "Traceback" not in ran.err
    assert not (home.path / "socket").exists()


def test_a_headless_node_reads_its_limits_again(home: Home) -> None:
    home.path.mkdir(mode=0o700)
    file = home.path / "config.toml"
    file.write_text('[limits]\nmin_free = "0"\n')

    def min_free() -> object:
        done = home.run("node", "usage", "--json").ok().events[-1]["done"]
        assert isinstance(done, dict)
        return done["min_free"]

    with home.daemon("serve") as process:
        assert min_free() == 0
        file.write_text("[limits]\nmin_fre = 1\n")
        process.send_signal(signal.SIGHUP)
        assert soon(lambda: "line 2: limits.min_fre" in home.run("status").out)
        assert min_free() == 0
        file.write_text('[limits]\nmin_free = "7 GiB"\n')
        process.send_signal(signal.SIGHUP)
        assert soon(lambda: min_free() == 7 * 2**30)


def test_a_second_daemon_is_refused_and_the_first_goes_on(home: Home) -> None:
    with home.daemon() as process:
        for word in ("up", "serve"):
            second = home.run(word)
            assert second.code == 18
            assert str(process.pid) in second.err
        home.run("status").ok()


def test_after_a_kill_the_next_one_starts(home: Home) -> None:
    with home.daemon() as process:
        process.kill()
        process.wait()
        assert (home.path / "socket").exists()
        assert home.run("status").code == 17
    with home.daemon():
        assert home.run("status").code == 0


def test_a_hundred_letters_deep_data_folder_works(tmp_path: Path) -> None:
    home = Home(tmp_path / ("x" * 120) / "home")
    with home.daemon():
        assert home.run("status").code == 0


def test_serve_prints_an_invite_once_and_has_no_people(home: Home) -> None:
    with home.daemon("serve") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode() for _ in range(3)]
        home.run("status").ok()
    assert lines[2].startswith("holdfast-invite1:")


def test_a_bad_configuration_is_told_and_nothing_runs(home: Home) -> None:
    home.path.mkdir(mode=0o700)
    (home.path / "config.toml").write_text("prot = 4061\n")
    ran = home.run("up")
    assert ran.code == 28
    assert "prot" in ran.err
    assert not (home.path / "socket").exists()


SLOW_IMPORT = """
import os, sys, time

class SlowNode:
    def find_spec(self, name, path=None, target=None):
        if name == "node.build":
            while not os.path.exists(sys.argv[2] + "/go"):
                time.sleep(0.005)

sys.meta_path.insert(0, SlowNode())
sys.argv[1:] = ["--home", sys.argv[1], "up"]
from frontends.cli.main import main
main()
"""


def test_status_is_answered_before_the_node_is_imported(home: Home, tmp_path: Path) -> None:
    code = SLOW_IMPORT.replace("sys.argv[2]", repr(str(tmp_path)))
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home.path)],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(home.path / "socket", process)
        done = home.run("status", "--json").ok().events[-1]["done"]
        assert isinstance(done, dict)
        assert done["daemon"]["phase"] == "opening"
        (tmp_path / "go").touch()
        assert process.stdout is not None
        assert "up" in process.stdout.readline().decode()
    finally:
        process.terminate()
        finish(process)


def test_junk_on_the_socket_does_not_stop_it(home: Home) -> None:
    with home.daemon():
        for junk in (b"\0" * 1000, b"GET / HTTP/9.9\r\n\r\n", os.urandom(500)):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(home.path / "socket"))
                client.sendall(junk)
        assert home.run("status").code == 0


def test_it_stops_cleanly_with_uploads_under_way(home: Home, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(32 * 2**20))
    with home.daemon() as process:
        home.run("signup", "alice", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        puts = [home.start("put", "--json", str(large), f"copy-{n}") for n in range(3)]
        assert all('"started"' in read_line(put) for put in puts)
        process.terminate()
        ran, ended = finish(process), [finish(put) for put in puts]
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    assert not (home.path / "socket").exists()
    assert {put.code for put in ended} <= {0, 17, 130}
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        home.run("put", "--update", str(large), "copy-0").ok()
