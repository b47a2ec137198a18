"""A PostgreSQL of our own: Debian's programs, a temporary cluster, a free port.

One for a run of tests (each process of it), with a database for each store that wants
one. PostgreSQL refuses to run as root, so then it runs as somebody else. It is stopped
and removed at the end, also of a run that was killed: a guard waits for that.

Where PostgreSQL is not installed its tests are left out, unless HOLDFAST_REQUIRE names it.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

from crypto.secret import Secret
from storage.postgres.address import Address

PASSWORD = "correct horse battery staple"
USER = "holdfast"

_GUARD = """
import shutil, subprocess, sys
sys.stdin.read()
subprocess.run(sys.argv[3:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
               user=sys.argv[1] or None, cwd="/")
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; None when it is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parent.name))
    on_path = shutil.which("initdb")
    found = [*([Path(on_path).parent] if on_path else []), *debian]
    whole = [at for at in found if (at / "initdb").exists() and (at / "pg_ctl").exists()]
    return whole[-1] if whole else None


def need_postgres() -> Path:
    """The folder of its programs; the test that asks is left out without them."""
    found = programs()
    if found is None:
        if "postgresql" in os.environ.get("HOLDFAST_REQUIRE", "").split():
            pytest.fail("PostgreSQL is required (HOLDFAST_REQUIRE) and is not installed")
        pytest.skip("PostgreSQL is not installed")
    return found


class Cluster:
    """One server. ``start`` and ``stop`` it as often as a test likes."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user = _somebody() if os.geteuid() == 0 else None
        self._names = count(1)
        self._used: Address | None = None
        self.port = _free_port()

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def make(self) -> None:
        """Initialise the cluster."""
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)  # the folder is private
        options = f"-A scram-sha-256 -U {USER} --pwfile={secret} -E UTF8 --locale=C --no-sync"
        self._run("initdb", "-D", str(self.data), *options.split())

    def start(self) -> None:
        """Start the server; it answers when this returns."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 100,
            "shared_buffers": "32MB",
            "autovacuum": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "wal_sync_method": "fdatasync",
        }
        line = " ".join(f"-c {name}={value or repr('')}" for name, value in options.items())
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", log, "-o", line, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: ``immediate`` is a crash, ``fast`` ends connections, then is clean."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def guard(self) -> subprocess.Popen[bytes]:
        """A process that stops the server and removes the folder when its input ends."""
        stop = [str(self._programs / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"]
        user = self._user or ""
        arguments = [sys.executable, "-c", _GUARD, user, str(self._folder), *stop]
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True)

    def database(self) -> Address:
        """The address of a new, empty database."""
        name = f"store{next(self._names)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def emptied(self) -> Address:
        """The address of a database that others used before, with nothing in its tables.

        Much cheaper than a new one. Nobody may have it open any more.
        """
        if self._used is None:
            self._used = self.database()
            return self._used
        with self.connect(self.name_of(self._used)) as connection:
            rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [str(name) for (name,) in rows if name != "migration"]
            connection.execute(";".join(f"DELETE FROM {name}" for name in tables).encode())
        return self._used

    def address(self, name: str, password: str = PASSWORD) -> Address:
        url = f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"
        return Address(url, Secret(password.encode()))

    def name_of(self, address: Address) -> str:
        """The database of an address."""
        return address.url.rpartition("/")[2]

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement beside the store that is tested."""
        with self.connect(name) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def configure(self, name: str, value: str) -> None:
        """Change a setting of the server; connections that are made from now on have it."""
        self.execute(f"ALTER SYSTEM SET {name} = {value}")
        self._run("pg_ctl", "-D", str(self.data), "reload")
        while self.execute(f"SHOW {name}") != [(value,)]:
            pass

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        made: psycopg.Connection[tuple[object, ...]] = psycopg.connect(
            self.address(name).url, password=PASSWORD, autocommit=True
        )
        return made

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self._programs / program), *arguments)
        done = subprocess.run(
            command,
            user=self._user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        if done.returncode:
            log = self._folder / "log"
            said = log.read_text() if log.exists() else ""
            raise AssertionError(f"{program}: {done.stderr.decode()}{said}")


@lru_cache(maxsize=1)
def shared_cluster() -> Cluster:
    """The cluster of this process, started when somebody first asks for it.

    The test that asks is left out where there is no PostgreSQL.
    """
    running = running_cluster()
    atexit.register(running.__exit__, None, None, None)
    return running.__enter__()


@contextmanager
def running_cluster(where: Path | None = None) -> Iterator[Cluster]:
    """A cluster that runs, until the block is left or this process ends.

    ``where``: below which folder, if not in memory.
    """
    programs, in_memory = need_postgres(), Path("/dev/shm")
    if where is None and os.access(in_memory, os.W_OK):
        where = in_memory
    folder = Path(tempfile.mkdtemp(prefix="holdfast-postgres-", dir=where))
    cluster = Cluster(programs, folder)
    guard = cluster.guard()
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        guard.communicate()


def _somebody() -> str:
    """Whom to run it as when we are root: the package's user, or nobody."""
    users = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port
