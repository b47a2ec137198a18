"""Second factors and the device secret at the command line, with a real daemon."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crypto.totp import STEP, totp
from frontends.cli.call import ask, read_event
from frontends.place import Place
from frontends.security_keys import add, show
from tests.daemons.processes import Home
from tests.keys import VirtualKey

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
STDIN = "--password-stdin"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("factors") / "home")
    with home.daemon():
        home.run("signup", "alice", STDIN, stdin=PASSWORD).ok()
        yield home


def step() -> int:
    """The present one."""
    return int(time.time()) // STEP


class App:
    """An authenticator app: three codes are good at any time, and each is taken once.

    The first is the oldest of them, which another step may make worthless at any moment; each
    of those after it is good for half a minute at least.
    """

    def __init__(self, secret: str) -> None:
        self._secret = base64.b32decode(secret)
        self._last: int | None = None

    def code(self) -> str:
        """The next of them."""
        self._last = step() - 1 if self._last is None else max(self._last + 1, step())
        return totp(self._secret, self._last) + "\n"


@dataclass
class Written:
    """Backup codes, each good for one line of input."""

    codes: list[str]

    def code(self) -> str:
        """The next of them."""
        return self.codes.pop() + "\n"


@pytest.fixture(scope="module")
def app(home: Home) -> App:
    """Alice's app. Refused only if a step ended meanwhile, which two in a row cannot see."""
    before = step()
    made = adding(home)
    if made is None:
        assert step() > before
        made = adding(home)
    assert made is not None
    return made


def adding(home: Home) -> App | None:
    """Added as a person would: the secret is shown, the code is typed. None: it was refused."""
    words = home.words("--json", "factors", "add", "app", "my phone", STDIN)
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=home.environment()
    ) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        command.stdin.write(PASSWORD.encode())
        command.stdin.flush()
        said = json.loads(command.stdout.readline())["secret"]
        assert (
            said["uri"]
            == f"otpauth://totp/Holdfast%3Aalice?secret={said['secret']}&issuer=Holdfast"
        )
        made = App(said["secret"])
        command.stdin.write(made.code().encode())
        command.stdin.close()
        done = json.loads(command.stdout.readline())
    if "done" not in done:
        return None
    assert [each["name"] for each in done["done"]["factors"]] == ["my phone"]
    return made


def test_they_are_listed(home: Home, app: App) -> None:
    said = home.run("factors", "list").ok().out
    assert "authenticator app  my phone" in said
    assert "0 backup codes left" in said


def test_a_login_takes_a_code_after_the_password(home: Home, app: App, tmp_path: Path) -> None:
    home.run("logout").ok()
    assert home.run("login", "alice", STDIN, stdin=PASSWORD).code == 2
    wrong = home.run("login", "alice", STDIN, stdin=PASSWORD + "000000\n")
    assert wrong.code == 15
    assert "not accepted" in wrong.err
    assert home.run("whoami").code == 16
    said = home.run("login", "alice", STDIN, stdin=PASSWORD + app.code()).ok()
    assert said.out.startswith("You are alice~")


@pytest.fixture(scope="module")
def written(home: Home, app: App) -> Written:
    said = home.run("--json", "factors", "backups", STDIN, stdin=PASSWORD + app.code()).ok()
    return Written(said.events[-1]["done"]["codes"])  # type: ignore[index]


def test_backup_codes_let_in_once(home: Home, written: Written) -> None:
    codes = [written.code().strip() for _ in range(2)]
    for code in (0, 15):
        home.run("logout")
        done = home.run("login", "alice", STDIN, stdin=f"{PASSWORD}{codes[0]}\n")
        assert done.code == code, done.err
    home.run("login", "alice", STDIN, stdin=f"{PASSWORD}{codes[1]}\n").ok()


def test_a_security_key_through_the_local_api(home: Home, written: Written) -> None:
    """The part that a page in a browser plays: a key in software, over CTAP."""
    key = VirtualKey()
    asked = call(home, "factors/key/begin", {"name": "blue", "password": PASSWORD.strip()})["asked"]
    begun = call(
        home, "factor/backup", {"attempt": asked["attempt"], "code": written.code().strip()}
    )
    made = add(key, unlettered(begun["challenge"]), begun["account"], [], nothing, nothing)
    answer = {"client_data": lettered(made.client_data), "said": lettered(made.said)}
    done = call(home, "factors/key", {"attempt": begun["attempt"], **answer})
    assert [each["kind"] for each in done["factors"]] == ["app", "key"]
    home.run("logout").ok()
    asked = call(home, "login", {"name": "alice", "password": PASSWORD.strip()})["asked"]
    have = [unlettered(each) for each in asked["keys"]]
    said = show(key, unlettered(asked["challenge"]), have, nothing, nothing)
    shown = {
        "attempt": asked["attempt"],
        "credential": lettered(said.credential),
        "client_data": lettered(said.client_data),
        "said": lettered(said.said),
        "signature": lettered(said.signature),
    }
    assert call(home, "factor/key", shown)["name"] == "alice"


def test_passwd_and_remove_take_one_too(home: Home, written: Written) -> None:
    changed = PASSWORD + "battery staple\n"
    assert home.run("passwd", STDIN, stdin=changed).code == 2
    home.run("passwd", STDIN, stdin=changed + written.code()).ok()
    home.run("passwd", STDIN, stdin="battery staple\n" + PASSWORD + written.code()).ok()
    home.run("factors", "remove", "1", STDIN, stdin=PASSWORD + written.code()).ok()
    assert "security key  blue" in home.run("factors", "list").ok().out


def test_without_a_key_plugged_in_it_says_so(home: Home) -> None:
    done = home.run("factors", "add", "key", "red", STDIN, stdin=PASSWORD)
    assert done.code == 9
    assert "plug it in" in done.err


def test_the_device_secret(home: Home, tmp_path: Path) -> None:
    """Another daemon is another machine: it needs the words once."""
    bob = Home(tmp_path / "bob")
    with bob.daemon():
        invite = home.run("invite").ok().out.splitlines()[-1].strip()
        said = bob.run("--json", "signup", "bob", "--at", invite, STDIN, stdin=PASSWORD).ok()
        words = str(said.events[-1]["done"]["device_secret"])  # type: ignore[index]
        assert bob.run("device-secret", "show").ok().out.splitlines()[1].strip() == words
        bob.run("logout").ok()
        bob.run("login", "bob", STDIN, stdin=PASSWORD).ok()
        other = Home(tmp_path / "other")
        with other.daemon():
            at = ("login", "bob", "--at", invite, STDIN)
            refused = other.run(*at, stdin=PASSWORD)
            assert refused.code == 15
            assert "--device-secret" in refused.err
            other.run(*at, "--device-secret", stdin=f"{PASSWORD}{words}\n").ok()
        bob.run("device-secret", "off", STDIN, stdin=PASSWORD).ok()
        assert bob.run("device-secret", "show").code == 9
        bob.run("device-secret", "on", STDIN, stdin=PASSWORD).ok()
        assert words not in bob.run("device-secret", "show").ok().out
    for secret in (words, PASSWORD.strip()):
        for folder in (home.path, tmp_path):
            for file in folder.rglob("*"):
                if file.is_file() and file.name != "signing-in.json":
                    assert secret.encode() not in file.read_bytes(), file


def test_who_lost_them_is_let_in_by_whoever_runs_the_node(home: Home, written: Written) -> None:
    home.run("logout")
    assert home.run("login", "alice", STDIN, stdin=PASSWORD).code == 2
    said = home.run("node", "reset-factors", "alice").ok().out
    assert said == "alice: 1 second factor taken away. They are told of it.\n"
    said = home.run("login", "alice", STDIN, stdin=PASSWORD).ok().out
    assert said.startswith("You are alice~")
    assert "your second factors were taken away" in said
    assert "no second factor" in home.run("node", "reset-factors", "alice").err


def call(home: Home, verb: str, asked: dict[str, object]) -> dict[str, Any]:
    """One call of the local API."""
    answer = ask(Place(str(home.path)), "POST", f"/v1/{verb}", asked)
    kind, value = read_event(list(answer.lines())[-1])
    answer.close()
    assert kind == "done", value
    assert isinstance(value, dict)
    return value


def lettered(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unlettered(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def nothing() -> None:
    """Nobody needs to be told to touch it."""
