"""A stranger cannot tell unknown names, wrong passwords, second factors and locked ones apart.

What they see is every answer and when it came, in virtual time: what a home *does* takes none
of it, so what is seen is what the program decides to wait. Real time over a real socket is
in ``benchmarks/telling_apart.py``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import pytest
import trio
import trio.testing

from crypto.passwords import MODERATE, PasswordParameters
from crypto.signing import SigningKey
from crypto.totp import STEP, totp
from formats.errors import HoldfastError
from formats.factors import backup_hash
from formats.invite import Invite
from formats.sign_in import SignInRecord
from formats.statement import Role
from node.build import Node
from node.caller import Caller
from node.factors import MOST_WRONG, of_account
from protocols import accounts as a
from protocols import factors as f
from protocols.services import Doors
from storage.contracts import Transaction
from tests.node.people import Clock, Person, prove, secret, signing_key

APP: Final = b"a secret of an app.."
TRIES: Final = 8
"""As many as slow a stranger down as far as it goes, and one more."""


@dataclass
class Resident(Person):
    """Somebody whose password is stretched as everybody's is."""

    def sign_in_record(self, seq: int = 0, key: SigningKey | None = None) -> SignInRecord:
        """The record, with the usual parameters."""
        operations, memory = MODERATE
        salt = secret(self.name, "salt").reveal()[:16]
        usual = PasswordParameters(opslimit=operations, memlimit=memory, salt=salt)
        return replace(super().sign_in_record(seq, key), parameters=usual)


@pytest.fixture
async def residents(node: Node, clock: Clock) -> dict[str, Resident]:
    """An account with a password, one with a second factor, one whose codes are shut for a day."""
    found: dict[str, Resident] = {}
    for name in ("plain", "factor", "locked"):
        person = found[name] = Resident(name)
        await person.sign_up(node.open(), Invite.parse(await node.admin.invite()).code)
    for name in ("factor", "locked"):
        doors = node.open()
        await prove(doors, Role.SIGN_IN, name.encode(), found[name].sign_in)
        code = totp(APP, clock.now // 1000 // STEP)
        await doors.accounts.add_code(f.AddCode(name, b"", APP, code))
        await doors.accounts.set_backups(f.SetBackups(name, (backup_hash(bytes(10)),)))
    await node.core.store.write(_lock)
    return found


def _lock(tx: Transaction) -> None:
    row = tx.account("locked")
    assert row is not None
    shut = replace(of_account(row), wrong=MOST_WRONG, since=2**52)
    tx.put_account(replace(row, factors=shut.encoded))


Seen = list[tuple[str, str, float]]


class Stranger:
    """Somebody with a connection, who writes down what they see and how long it took."""

    def __init__(self, node: Node, site: str) -> None:
        self.doors: Doors = node.open(Caller(b"a stranger", local=False, site=site))
        self.seen: Seen = []

    async def look(self, what: str, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask, and note what was answered and after how many seconds."""
        start = trio.current_time()
        try:
            said = _shape(await ask())
        except HoldfastError as error:
            said = f"{type(error).__name__}: {error.message}: {error.advice}"
        self.seen.append((what, said, round(trio.current_time() - start, 6)))

    async def try_all(self, name: str) -> Seen:
        """Everything that the door has for who does not know the password."""
        for number in range(TRIES):
            for what, ask in self._asks(name, signing_key("wrong", number)).items():
                await self.look(what, ask)
        return self.seen

    def _asks(self, name: str, wrong: SigningKey) -> dict[str, Callable[[], Awaitable[object]]]:
        accounts, record = self.doors.accounts, Person("mallory").sign_in_record(1).encoded
        return {
            "parameters": lambda: accounts.parameters(a.AskParameters(name)),
            "known": lambda: accounts.parameters(a.AskParameters(name, bytes(48))),
            "prove": lambda: prove(self.doors, Role.SIGN_IN, name.encode(), wrong),
            "sign in": lambda: accounts.sign_in(a.SignIn(name)),
            "code": lambda: accounts.show_code(f.ShowCode(name, "123456")),
            "backup": lambda: accounts.show_backup(f.ShowBackup(name, bytes(10))),
            "key": lambda: accounts.show_key(f.ShowKey(name, b"c", b"{}", b"", b"")),
            "replace": lambda: accounts.replace_sign_in(a.ReplaceSignIn(name, record)),
            "remove": lambda: accounts.remove_factor(f.RemoveFactor(name, 1)),
            "backups": lambda: accounts.set_backups(f.SetBackups(name, ())),
            "add": lambda: accounts.add_code(f.AddCode(name, b"", APP, "123456")),
        }


def _shape(answer: object) -> str:
    """An answer, but for a salt: that is any name's own, and the same whenever it is asked."""
    return str(replace(answer, salt=b"") if isinstance(answer, a.Parameters) else answer)


async def test_every_answer_and_its_time_are_the_same_for_all(
    node: Node, residents: dict[str, Resident], autojump_clock: trio.testing.MockClock
) -> None:
    seen = {
        name: await Stranger(node, f"192.0.2.{place}").try_all(name)
        for place, name in enumerate(["nobody", "plain", "factor", "locked", "other-nobody"])
    }
    assert seen["plain"] == seen["nobody"]
    assert seen["factor"] == seen["nobody"]
    assert seen["locked"] == seen["nobody"]
    assert seen["other-nobody"] == seen["nobody"]
    waited = [took for what, _, took in seen["nobody"] if what == "prove"]
    assert waited[-1] > waited[0]  # they were slowed, and that was compared too


async def test_this_test_would_notice(
    node: Node, residents: dict[str, Resident], autojump_clock: trio.testing.MockClock
) -> None:
    """Who knows the password sees something else: what is compared is not nothing."""
    stranger = Stranger(node, "192.0.2.9")
    await prove(stranger.doors, Role.SIGN_IN, b"factor", residents["factor"].sign_in)
    other = await Stranger(node, "192.0.2.8").try_all("factor")
    assert await stranger.try_all("factor") != other


async def test_for_who_knows_the_password_a_locked_account_looks_like_a_wrong_code(
    node: Node, residents: dict[str, Resident], autojump_clock: trio.testing.MockClock
) -> None:
    """A thief of a password does not learn that their tries are in vain by now."""
    seen: dict[str, Seen] = {}
    for place, name in enumerate(("factor", "locked")):
        stranger = Stranger(node, f"192.0.2.{place}")
        await prove(stranger.doors, Role.SIGN_IN, name.encode(), residents[name].sign_in)
        await stranger.doors.accounts.sign_in(a.SignIn(name))
        for _ in range(f.TRIES + 1):
            wrong = f.ShowCode(name, "000000")
            await stranger.look("code", partial(stranger.doors.accounts.show_code, wrong))
        seen[name] = stranger.seen
    assert seen["locked"] == seen["factor"]
