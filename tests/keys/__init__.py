"""A security key in software, spoken to by CTAP 2 as a real one is.

It implements what python-fido2's client sends to an authenticator: get info, make credential,
get assertion. ``touched`` False: nobody touches it. Its keys are in its memory.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.client import DefaultClientDataCollector, Fido2Client
from fido2.cose import ES256
from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.hid import CAPABILITY, CTAPHID
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

from crypto.hashing import sha256
from crypto.secret import random_bytes
from crypto.webauthn import ORIGIN

FLAG = AuthenticatorData.FLAG
INFO: Final[dict[int, Any]] = {1: ["FIDO_2_0"], 2: [], 3: bytes(16), 4: {"rk": True, "up": True}}


@dataclass
class VirtualKey(CtapDevice):
    """One key on one's keyring."""

    held: dict[bytes, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    count: int = 0
    touched: bool = True
    asked: list[int] = field(default_factory=list)

    @property
    def capabilities(self) -> int:
        return CAPABILITY.CBOR

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        return iter(())

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        """One CTAP command and its answer: a status byte, then CBOR."""
        if cmd != CTAPHID.CBOR:
            raise CtapError(CtapError.ERR.INVALID_COMMAND)
        self.asked.append(data[0])
        asked = cast("dict[int, Any]", cbor.decode(data[1:]) if len(data) > 1 else {})
        answers: dict[int, Callable[[dict[int, Any]], dict[int, Any]]]
        answers = {1: self._make, 2: self._get, 4: lambda _: dict(INFO)}
        try:
            said = answers[data[0]](asked)
        except CtapError as error:
            return bytes([error.code])
        return b"\0" + cbor.encode(said)

    def _make(self, asked: dict[int, Any]) -> dict[int, Any]:
        self._touch()
        if any(each["id"] in self.held for each in asked.get(5, [])):
            raise CtapError(CtapError.ERR.CREDENTIAL_EXCLUDED)
        name, private = random_bytes(32), ec.generate_private_key(ec.SECP256R1())
        self.held[name] = private
        public = ES256.from_cryptography_key(private.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(bytes(16), name, public)
        said = self._said(asked[2]["id"], FLAG.UP | FLAG.AT) + credential
        return {1: "none", 2: said, 3: {}}

    def _get(self, asked: dict[int, Any]) -> dict[int, Any]:
        names = [each["id"] for each in asked.get(3, []) if each["id"] in self.held]
        if not names:
            raise CtapError(CtapError.ERR.NO_CREDENTIALS)
        if asked.get(5, {}).get("up") is False:  # the client looks which names it knows
            flags = FLAG(0)
        else:
            self._touch()
            flags = FLAG.UP
        said = self._said(asked[1], flags)
        signature = self.held[names[0]].sign(said + asked[2], ec.ECDSA(hashes.SHA256()))
        return {1: {"id": names[0], "type": "public-key"}, 2: said, 3: signature}

    def _said(self, rp: str, flags: FLAG) -> bytes:
        self.count += 1
        return sha256(rp.encode()) + struct.pack(">BI", flags, self.count)

    def _touch(self) -> None:
        if not self.touched:
            raise CtapError(CtapError.ERR.USER_ACTION_TIMEOUT)

    def client(self, origin: str = ORIGIN) -> Fido2Client:
        """What stands between a page or program and this key."""
        return Fido2Client(self, DefaultClientDataCollector(origin, verify=lambda *_: True))
