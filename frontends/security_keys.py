"""Talking to a security key: having it signed to be added, or to be shown.

This is what a browser does for a page; a command does it with python-fido2, by CTAP over
USB. Both give the same: what the key said, and the client data that it signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from crypto.webauthn import ALGORITHMS, ORIGIN, RP
from formats.errors import NotFound, TimedOut, Unfit

if TYPE_CHECKING:  # it takes a sixth of a second to import
    from fido2.client import Fido2Client
    from fido2.ctap import CtapDevice
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialParameters

T = TypeVar("T")

PLUG_IN: Final = "plug it in, and unlock it if it has a PIN, then try again"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a key answered. ``signature`` is empty when it was added."""

    credential: bytes
    client_data: bytes
    said: bytes
    signature: bytes = b""


def present() -> "CtapDevice":
    """The key that is plugged in; raises NotFound, and Unfit for several."""
    from fido2.hid import CtapHidDevice

    try:
        found = list(CtapHidDevice.list_devices())
    except OSError as error:
        raise NotFound(f"security keys cannot be looked for: {error}", hint=PLUG_IN) from None
    if not found:
        raise NotFound("no security key is plugged in", hint=PLUG_IN)
    if len(found) > 1:
        raise Unfit("several security keys are plugged in", hint="leave the one that is meant")
    return found[0]


def add(
    device: "CtapDevice",
    challenge: bytes,
    account: str,
    have: Sequence[bytes],
    touch: Callable[[], None],
    pin: Callable[[], str | None],
) -> Answered:
    """Have a key made for this account, unless it holds one of ``have``. Waits for a touch.

    Raises Unfit, TimedOut. ``touch`` is called when the key waits to be touched, ``pin`` when
    it wants its PIN.
    """
    from fido2 import webauthn as w

    user = w.PublicKeyCredentialUserEntity(name=account, id=account.encode(), display_name=account)
    options = w.PublicKeyCredentialCreationOptions(
        rp=w.PublicKeyCredentialRpEntity(name="Holdfast", id=RP),
        user=user,
        challenge=challenge,
        pub_key_cred_params=[_parameters(each) for each in ALGORITHMS],
        exclude_credentials=[_described(each) for each in have],
    )
    made = _asking(lambda: _client(device, touch, pin).make_credential(options)).response
    said = made.attestation_object.auth_data
    if said.credential_data is None:
        raise Unfit("the key made nothing", hint=PLUG_IN)
    return Answered(bytes(said.credential_data.credential_id), bytes(made.client_data), bytes(said))


def show(
    device: "CtapDevice",
    challenge: bytes,
    have: Sequence[bytes],
    touch: Callable[[], None],
    pin: Callable[[], str | None],
) -> Answered:
    """Have one of the keys ``have`` sign the challenge; waits for a touch.

    Raises Unfit, TimedOut.
    """
    from fido2 import webauthn as w

    options = w.PublicKeyCredentialRequestOptions(
        challenge=challenge, rp_id=RP, allow_credentials=[_described(each) for each in have]
    )
    found = _asking(lambda: _client(device, touch, pin).get_assertion(options).get_response(0))
    answer = found.response
    return Answered(
        bytes(found.raw_id),
        bytes(answer.client_data),
        bytes(answer.authenticator_data),
        bytes(answer.signature),
    )


def _client(
    device: "CtapDevice", touch: Callable[[], None], pin: Callable[[], str | None]
) -> "Fido2Client":
    from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
    from fido2.ctap2.pin import ClientPin

    class Person(UserInteraction):
        def prompt_up(self) -> None:
            touch()

        def request_pin(self, permissions: ClientPin.PERMISSION, rp_id: str | None) -> str | None:
            return pin()

    return Fido2Client(device, DefaultClientDataCollector(ORIGIN), Person())


def _asking(ask: Callable[[], T]) -> T:
    from fido2.client import ClientError

    try:
        return ask()
    except ClientError as error:
        if error.code is ClientError.ERR.TIMEOUT:
            raise TimedOut("nobody touched the key", hint="try again, and touch it") from None
        if error.code is ClientError.ERR.DEVICE_INELIGIBLE:
            raise Unfit("that key is not the one: it is added already, or never was") from None
        raise Unfit(f"the key refused: {error.code.name}", hint=PLUG_IN) from None
    except OSError as error:
        raise Unfit(f"the key cannot be talked to: {error}", hint=PLUG_IN) from None


def _parameters(algorithm: int) -> "PublicKeyCredentialParameters":
    from fido2.webauthn import PublicKeyCredentialParameters, PublicKeyCredentialType

    return PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)


def _described(name: bytes) -> "PublicKeyCredentialDescriptor":
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType

    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=name)
