"""The laboratory itself: each NAT does what its name says, lines are cut, slow and lossy."""

import os
import random
import socket
import subprocess
import sys
import time

import pytest
import trio

from tests.nat.internet import Internet
from tests.nat.lacking import needed
from tests.nat.probes import Probes
from tests.nat.routers import Kind

KEEPS = {
    Kind.FULL_CONE: True,
    Kind.RESTRICTED: True,
    Kind.PORT_RESTRICTED: True,
    Kind.SYMMETRIC: False,
}


@pytest.mark.parametrize("kind", Kind)
def test_a_nat_maps_as_its_name_says(net: Internet, probes: Probes, kind: Kind) -> None:
    one, other, machine = net.public("one"), net.public("other"), net.behind(kind, "home")
    speaker, first, second = probes.udp(machine), probes.udp(one), probes.udp(other)
    seen = speaker.seen(first, one.four)
    assert seen[0] == machine.nat.line.four if machine.nat else False
    assert (speaker.seen(second, other.four) == seen) is KEEPS[kind]


@pytest.mark.parametrize(
    ("kind", "stranger", "other_port", "met"),
    [
        (Kind.FULL_CONE, True, True, True),
        (Kind.RESTRICTED, False, True, True),
        (Kind.PORT_RESTRICTED, False, False, True),
        (Kind.SYMMETRIC, False, False, True),
    ],
)
def test_a_nat_lets_in_whom_its_name_says(
    net: Internet, probes: Probes, kind: Kind, stranger: bool, other_port: bool, met: bool
) -> None:
    one, other, machine = net.public("one"), net.public("other"), net.behind(kind, "home")
    speaker, first = probes.udp(machine), probes.udp(one)
    at = speaker.seen(first, one.four)
    assert speaker.lets_in(first, at) is met
    assert speaker.lets_in(probes.udp(one), at) is other_port
    assert speaker.lets_in(probes.udp(other), at) is stranger


@pytest.mark.parametrize(
    ("kind", "stranger", "met"),
    [
        (Kind.FULL_CONE, True, True),
        (Kind.RESTRICTED, False, True),
        (Kind.PORT_RESTRICTED, False, False),
        (Kind.SYMMETRIC, False, False),
    ],
)
def test_a_nat_lets_in_by_tcp_alike(
    net: Internet, probes: Probes, kind: Kind, stranger: bool, met: bool
) -> None:
    one, other, machine = net.public("one"), net.public("other"), net.behind(kind, "home")
    waiting, server = probes.listener(machine), probes.listener(one)
    port = waiting.getsockname()[1]
    assert probes.dials(machine, (one.four, server.getsockname()[1]), port)
    at = probes.accepts(server)
    assert (at[1] == port) is KEEPS[kind]
    assert probes.dials(one, at) is met
    assert probes.dials(other, at) is stranger


def test_behind_two_nats_there_are_two_doors(net: Internet, probes: Probes) -> None:
    provider = net.nat(Kind.RESTRICTED)
    machine = net.behind(net.nat(Kind.FULL_CONE, behind=provider), "home")
    one, other = net.public("one"), net.public("other")
    speaker, first = probes.udp(machine), probes.udp(one)
    at = speaker.seen(first, one.four)
    assert at[0] == provider.line.four
    assert speaker.lets_in(probes.udp(one), at)
    assert not speaker.lets_in(probes.udp(other), at)


def test_a_machine_may_lack_a_family(net: Internet, probes: Probes) -> None:
    both, six = net.public("both"), net.public("six", four=False)
    four = net.public("four", six=False)
    assert (six.four, four.six) == ("", "")
    server = probes.listener(both)
    port = server.getsockname()[1]
    assert probes.dials(four, (both.four, port))
    assert not probes.dials(six, (both.four, port))
    seen = six.space.run("ip", "-6", "route", "get", both.six)
    assert "dev net" in seen


def test_what_is_cut_is_silent_and_comes_back(net: Internet, probes: Probes) -> None:
    one, machine = net.public("one"), net.behind(Kind.FULL_CONE, "home")
    speaker, first = probes.udp(machine), probes.udp(one)
    at = speaker.seen(first, one.four)
    assert machine.nat is not None
    machine.nat.cut()
    assert not speaker.lets_in(first, at)
    machine.nat.mend()
    assert speaker.lets_in(first, at)


def test_a_machine_moves(net: Internet, probes: Probes) -> None:
    one, machine = net.public("one"), net.behind(Kind.PORT_RESTRICTED, "home")
    assert machine.nat is not None
    before = probes.udp(machine).seen(probes.udp(one), one.four)[0]
    machine.nat.move()
    after = probes.udp(machine).seen(probes.udp(one), one.four)[0]
    assert before != after == machine.nat.line.four


def test_a_slow_line_is_slow(net: Internet, probes: Probes) -> None:
    one, other = net.public("one"), net.public("other")
    net.rough(other, delay=0.2, loss=0, seed=1)
    first, speaker = probes.udp(one), probes.udp(other)
    first.socket.settimeout(5)
    began = time.monotonic()
    speaker.seen(first, one.four)
    assert time.monotonic() - began >= 0.2


def test_a_lossy_line_loses_about_what_it_should(
    net: Internet, probes: Probes, rng: random.Random
) -> None:
    one, other = net.public("one"), net.public("other")
    first, speaker = probes.udp(one), probes.udp(other)
    speaker.seen(first, one.four)
    net.rough(other, delay=0, loss=0.3, seed=rng.getrandbits(32))
    for _ in range(400):
        speaker.says(b"x", (one.four, first.port))
    arrived = 0
    while first.hears() is not None:
        arrived += 1
    assert 220 <= arrived <= 340


async def test_tasks_are_where_they_were_put(placed: Internet) -> None:
    one, home = placed.public("one"), placed.behind(Kind.SYMMETRIC, "home")
    with one.inside():
        listeners = await trio.open_tcp_listeners(0, host=one.four)
    port = listeners[0].socket.getsockname()[1]
    with home.inside():
        stream = await trio.open_tcp_stream(one.four, port)
    accepted = await listeners[0].accept()
    assert accepted.socket.getpeername()[0] == home.nat.line.four if home.nat else False
    for each in (stream, accepted, *listeners):
        await each.aclose()


_DIES: str = """
import os, sys
from tests.nat.internet import internet
from tests.nat.routers import Kind
with internet() as net:
    machine = net.behind(Kind.FULL_CONE, "home")
    print(os.stat(machine.space.path).st_ino, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_nothing_is_left_behind_by_who_is_killed() -> None:
    needed()
    before = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    done = subprocess.run([sys.executable, "-c", _DIES], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    inode = int(done.stdout)
    held = subprocess.run(["lsns", "-t", "net", "-n", "-o", "NS"], capture_output=True, text=True)
    assert str(inode) not in held.stdout.split()
    after = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    assert after.count("\n") == before.count("\n")
    assert not os.listdir("/run/netns") if os.path.isdir("/run/netns") else True


def test_sockets_are_ordinary_again_outside() -> None:
    with socket.socket() as made:
        assert type(made).__module__ == "socket"
