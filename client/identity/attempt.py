"""One attempt to show a home who one is: the password, and a second factor where it asks for one.

    attempt = await Attempt.begin(around, home, name, password)
    attempt.asked                    what is asked besides, None: nothing
    await attempt.show_code("123456")
    attempt.record                   the sign-in record, once nothing is asked any more

Signing in, a new password and changes of factors all begin so. What was shown is worth
something on this attempt's connection only.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.identity.device_secret import DeviceSecret
from client.identity.password import MOST_MEMORY, PasswordKeys, password_keys
from client.provers import HybridProver
from crypto.errors import BadParameters
from crypto.passwords import PasswordParameters
from crypto.webauthn import Doing, challenge
from formats.errors import BadName, Forged, ProtocolViolation, Unfit, WrongPassword
from formats.handle import read_letters
from formats.names import check_account_name
from formats.sign_in import SignInRecord
from formats.statement import Role
from formats.whereabouts import Home
from protocols.accounts import AskParameters, Parameters, SignIn, SignInAnswer
from protocols.factors import Asked, ShowBackup, ShowCode, ShowKey

if TYPE_CHECKING:
    from client.session import Surroundings

NOT_TAKEN: Final = "that was not accepted"


class Attempt:
    """The password of ``name`` is proven at ``home``. Close it."""

    def __init__(
        self,
        around: "Surroundings",
        home: Home,
        name: str,
        line: HomeLine,
        keys: PasswordKeys,
        device: DeviceSecret | None,
    ) -> None:
        self.around: Final = around
        self.home: Final = home
        self.name: Final = name
        self.line: Final = line
        self.keys: Final = keys
        self.device: Final = device
        self.asked: Asked | None = None
        """What is asked besides the password."""
        self._record: SignInRecord | None = None

    @classmethod
    async def begin(
        cls,
        around: "Surroundings",
        home: Home,
        name: str,
        password: str,
        device: DeviceSecret | None = None,
    ) -> "Attempt":
        """Prove the password; raises WrongPassword, also for a name that is not there.

        ``device``: its secret, where this machine does not remember it.
        """
        _check_name(name)
        here = around.remembered.find(name, home.peer)
        device = device or here.secret
        line = HomeLine(around.network, [home])
        try:
            parameters = await _ask_parameters(line, name, here.known)
            keys = await password_keys(password, parameters, around.hardness.floor, device)
            attempt = cls(around, home, name, line, keys, device)
            await attempt._prove()
        except BaseException:
            await line.aclose()
            raise
        return attempt

    async def _prove(self) -> None:
        try:
            await self.line.add(HybridProver(Role.SIGN_IN, self.name.encode(), self.keys.sign_in))
        except WrongPassword as error:
            hint = _WITHOUT if self.device is None else _WITH
            raise WrongPassword(error.message, hint=hint) from error

        async def ask(connected: Connected) -> SignInAnswer:
            return await connected.doors.accounts.sign_in(SignIn(self.name))

        self._take(await self.line.call(ask))

    def _take(self, answer: SignInAnswer) -> None:
        """What the home answered: the record of this account, or what is asked besides."""
        if (answer.record is None) == (answer.asked is None):
            raise ProtocolViolation("the home neither gave the sign-in record nor asked for more")
        self.asked = answer.asked
        if answer.record is None:
            return
        with handed_over("sign-in record"):
            record = SignInRecord.decode(answer.record)
        if record.name != self.name or record.sign_in != self.keys.sign_in.verify_key:
            raise Forged("the home handed over another account's sign-in record")
        self._record = record
        remembered, peer = self.around.remembered, self.home.peer
        if answer.known is not None:
            remembered.keep_known(self.name, peer, answer.known)
        if self.device is not None:
            remembered.keep_secret(self.name, peer, self.device)

    @property
    def record(self) -> SignInRecord:
        """The sign-in record; raises Unfit while a second factor is asked."""
        if self._record is None:
            raise Unfit("the account asks for a second factor", hint="show one first")
        return self._record

    async def show_code(self, code: str) -> None:
        """Show an authenticator app's code; raises WrongPassword."""
        digits = "".join(code.split())
        if not digits.isascii() or not digits.isdecimal() or len(digits) != 6:
            raise WrongPassword("a code has 6 digits", hint=_AGAIN)
        request = ShowCode(self.name, digits)
        await self._show(lambda connected: connected.doors.accounts.show_code(request))

    async def show_backup(self, text: str) -> None:
        """Show a backup code, as it was written down; raises WrongPassword, Usage."""
        request = ShowBackup(self.name, read_letters(text.strip().lower()))
        await self._show(lambda connected: connected.doors.accounts.show_backup(request))

    async def show_key(
        self, credential: bytes, client_data: bytes, said: bytes, signature: bytes
    ) -> None:
        """Show what a security key signed for ``challenge``; raises WrongPassword."""
        request = ShowKey(self.name, credential, client_data, said, signature)
        await self._show(lambda connected: connected.doors.accounts.show_key(request))

    @property
    def challenge(self) -> bytes:
        """What a security key is to sign; raises Unfit where nothing is asked."""
        if self.asked is None:
            raise Unfit("no second factor is asked")
        return challenge(Doing.SHOWING, self.home.peer, self.name, self.asked.challenge)

    async def challenge_to_add(self) -> bytes:
        """What a security key is to sign that is to be added on this attempt's connection."""
        hello = (await self.line.connected()).hello
        return challenge(Doing.ADDING, self.home.peer, self.name, hello.nonce)

    async def _show(self, ask: Callable[[Connected], Awaitable[SignInAnswer]]) -> None:
        try:
            self._take(await self.line.call(ask, repeat=False))
        except WrongPassword as error:
            raise WrongPassword(NOT_TAKEN, hint=_AGAIN) from error

    async def aclose(self) -> None:
        """Close the connection; nothing is proven any more."""
        await self.line.aclose()


def _check_name(name: str) -> None:
    try:
        check_account_name(name)
    except BadName as error:
        raise WrongPassword(f"no account can have that name: {error.message}") from error


async def _ask_parameters(line: HomeLine, name: str, known: bytes | None) -> PasswordParameters:
    """How the home says this name's password is stretched; too weak ones are refused later."""
    request = AskParameters(name, known)

    async def ask(connected: Connected) -> Parameters:
        return await connected.doors.accounts.parameters(request)

    answer = await line.call(ask)
    if answer.memory > MOST_MEMORY:
        raise Forged(f"the home asks for {answer.memory} bytes of memory to sign in")
    try:
        return PasswordParameters(
            algorithm=answer.algorithm,
            opslimit=answer.operations,
            memlimit=answer.memory,
            salt=answer.salt,
        )
    except BadParameters as error:
        raise Forged(f"the home answered with impossible parameters: {error}") from error


_WITHOUT: Final = (
    "check the name, the password and the node; if the account has a device secret, add "
    "--device-secret"
)
_WITH: Final = (
    "check the name and the password; the device secret that is kept here was used as well: "
    "--device-secret takes another one, --no-device-secret none"
)
_AGAIN: Final = "look again; a code of an app is good for a minute and taken once"
