"""Real S3 servers, started for a run of tests: SeaweedFS, which checks signatures, and moto.

One of each for a run (each process of it), with a prefix for each store that wants one. They
are stopped at the end, also of a run that was killed: a guard waits for that. ``make servers``
puts both into .venv. Without them their tests are left out, unless HOLDFAST_REQUIRE names s3.
"""

import atexit
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from crypto.secret import Secret
from formats.errors import StorageFailed
from storage.s3.bucket import Bucket, Taken
from storage.s3.client import Client
from storage.s3.line import Patience
from storage.s3.settings import Credentials, S3Settings

KEYS: Final = Credentials("HOLDFASTTESTKEY", Secret(b"the+secret/of=tests"))
ENVIRON: Final = {
    "AWS_ACCESS_KEY_ID": KEYS.key_id,
    "AWS_SECRET_ACCESS_KEY": KEYS.secret.reveal().decode(),
}
BUCKET: Final = "holdfast-tests"
PATIENT: Final = Patience(trying=60, connecting=10, silence=30)
"""For servers that share two busy cores with everything else."""

_STARTS_WITHIN: Final = 90.0
_GUARD: Final = """
import os, subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: os._exit(child.wait() or 1), daemon=True).start()
sys.stdin.read()
child.kill()
"""
WEED: Final = Path(sys.prefix) / "bin" / "weed"


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs. ``checks``: whether it refuses wrong signatures."""

    name: str
    port: int
    checks: bool

    def settings(self, prefix: str = "", bucket: str = BUCKET) -> S3Settings:
        """Settings for a bucket of it."""
        return S3Settings(f"http://127.0.0.1:{self.port}", bucket, prefix)

    def client(self, prefix: str = "", patience: Patience = PATIENT) -> Client:
        """A client for the bucket of tests, below a prefix."""
        return Client(self.settings(prefix), KEYS, patience)

    def bucket(self, prefix: str = "", patience: Patience = PATIENT) -> Bucket:
        """The bucket of tests, below a prefix."""
        return Bucket(self.client(prefix, patience))


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses just now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


@contextmanager
def seaweed() -> Iterator[Server]:
    """SeaweedFS: master, volume, filer and S3 in one process."""
    with tempfile.TemporaryDirectory(prefix="holdfast-weed-") as folder:
        config = Path(folder) / "s3.json"
        secret = KEYS.secret.reveal().decode()
        keys = [{"accessKey": KEYS.key_id, "secretKey": secret}]
        said = {"name": "tests", "credentials": keys, "actions": ["Admin", "Read", "Write", "List"]}
        config.write_text(json.dumps({"identities": [said]}))
        names = "master.port master.port.grpc volume.port volume.port.grpc filer.port"
        names += " filer.port.grpc s3.port s3.port.grpc"
        ports = dict(zip(names.split(), free_ports(8), strict=True))
        command = [str(WEED), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += [f"-{name}={port}" for name, port in ports.items()]
        command += ["-s3", f"-s3.config={config}", "-s3.iam=false", "-s3.autoCreateBucket=false"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
        command += ["-volume.max=50", "-master.volumeSizeLimitMB=64"]
        with _running(command, Path(folder) / "log") as process:
            server = Server("seaweedfs", ports["s3.port"], checks=True)
            _make_bucket(server, process)
            yield server


@contextmanager
def moto() -> Iterator[Server]:
    """Moto, in a process of its own."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="holdfast-moto-") as folder:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with _running(command, Path(folder) / "log") as process:
            server = Server("moto", port, checks=False)
            _make_bucket(server, process)
            yield server


def need_s3() -> None:
    """The test that asks is left out without the servers, or fails where they are required."""
    if WEED.exists() and importlib.util.find_spec("moto") is not None:
        return
    if "s3" in os.environ.get("HOLDFAST_REQUIRE", "").split():
        pytest.fail("S3 servers are required (HOLDFAST_REQUIRE) and are not installed")
    pytest.skip("S3 servers are not installed (`make servers`)")


@lru_cache
def shared(name: str = "seaweedfs") -> Server:
    """The server of that name for this process, started by the first who asks."""
    need_s3()
    stack = ExitStack()
    server = stack.enter_context(seaweed() if name == "seaweedfs" else moto())
    atexit.register(stack.close)
    return server


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    guarded = [sys.executable, "-c", _GUARD, *command]
    with log.open("wb") as out:
        process = subprocess.Popen(
            guarded, stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=log.parent
        )
    try:
        yield process
    finally:
        process.communicate()  # the end of its input ends it, and what it guards


def _make_bucket(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers, and make the bucket of tests; both may take some asking."""
    until, last = time.monotonic() + _STARTS_WITHIN, "it ended"
    impatient = Patience(trying=0.2, connecting=1, silence=5)
    while time.monotonic() < until and process.poll() is None:
        client = server.client(patience=impatient)
        try:
            client.ask("PUT", "", fine=(200, 409))
            Bucket(client).put("ready", [b"x"])
            return
        except (StorageFailed, Taken) as error:  # it is not up yet
            last = repr(error)
        finally:
            client.close()
        time.sleep(0.1)
    raise AssertionError(f"{server.name} did not start: {last}")
