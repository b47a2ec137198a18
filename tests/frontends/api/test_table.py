"""Which calls there are, and what a daemon loads for them."""

import subprocess
import sys

import pytest

from formats.errors import Unfit, Usage
from frontends.api.table import OPERATOR, find_route, personal_routes
from tests.daemons.processes import ROOT, environment


def test_no_two_calls_have_one_name() -> None:
    names = [(route.method, route.path) for route in OPERATOR + personal_routes()]
    assert len(set(names)) == len(names)


def test_each_call_says_what_it_does() -> None:
    assert [route.path for route in OPERATOR + personal_routes() if not route.what] == []


async def test_every_call_is_found_by_its_name() -> None:
    for route in OPERATOR + personal_routes():
        assert await find_route(route.method, route.path, headless=False) is route


async def test_a_headless_node_has_the_operators_calls_only() -> None:
    for route in OPERATOR:
        assert await find_route(route.method, route.path, headless=True) is route
    for route in personal_routes():
        with pytest.raises(Unfit):
            await find_route(route.method, route.path, headless=True)


async def test_other_names_are_no_calls() -> None:
    for method, path in (("GET", "/v1/ls"), ("POST", "/v1/status"), ("GET", "/"), ("", "")):
        with pytest.raises(Usage):
            await find_route(method, path, headless=False)


def test_a_daemon_answers_before_it_has_loaded_keys_or_libraries() -> None:
    code = "import sys, frontends.daemon.up; print(*sorted(m.split('.')[0] for m in sys.modules))"
    words = [sys.executable, "-c", code]
    loaded = subprocess.run(
        words, env=environment(), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"client", "node", "crypto", "storage", "libp2p", "cryptography", "nacl", "sqlite3"}
    assert set(loaded) & heavy == set()
