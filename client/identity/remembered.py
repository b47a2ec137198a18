"""What this machine remembers of where somebody signs in: its secret, and what it is known by.

And, for each person, the seed of the member keys that it has of its own (``device_keys.py``).

One file, for its owner alone, written whole. A thief of this machine's disk has both; what is
sealed with a device secret then stands by the password.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from client.identity import device_keys
from client.identity.device_secret import SIZE, DeviceSecret
from client.private_file import write_private
from crypto.secret import Secret, random_secret
from formats.errors import StorageFailed
from protocols.accounts import KNOWN_SIZE

_NAME: Final = "signing-in.json"


@dataclass(frozen=True, slots=True)
class Here:
    """Of one account at one home. ``known``: what the home gave this machine to be known by.

    ``succession``: keys that are about to be put in force, sealed (``succession.py``).
    """

    secret: DeviceSecret | None = None
    known: bytes | None = None
    succession: bytes | None = None


class Remembered:
    """Of all accounts that signed in here; without a folder as long as it lives."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file: Final = None if folder is None else folder / _NAME
        self._memory: dict[str, dict[str, str]] = {}

    def find(self, name: str, peer: bytes) -> Here:
        """Of this account name at this home; raises StorageFailed."""
        kept = self._read().get(_key(name, peer), {})
        secret, known = _bytes(kept.get("secret"), SIZE), _bytes(kept.get("known"), KNOWN_SIZE)
        succession = _bytes(kept.get("succession"))
        return Here(None if secret is None else DeviceSecret(Secret(secret)), known, succession)

    def keep_secret(self, name: str, peer: bytes, secret: DeviceSecret | None) -> None:
        """The device secret from now on; None: there is none. Raises StorageFailed."""
        self._keep(name, peer, replace(self.find(name, peer), secret=secret))

    def keep_known(self, name: str, peer: bytes, known: bytes) -> None:
        """What the home knows this machine by; raises StorageFailed."""
        self._keep(name, peer, replace(self.find(name, peer), known=known))

    def keep_succession(self, name: str, peer: bytes, sealed: bytes | None) -> None:
        """Keys that are about to be put in force; None: none are. Raises StorageFailed."""
        self._keep(name, peer, replace(self.find(name, peer), succession=sealed))

    def machine(self, id: bytes, new: bool = False) -> Secret:
        """The seed of this machine's member keys for one person; drawn when it is first asked for.

        ``new``: another one from now on, for a machine that was revoked. Raises StorageFailed.
        """
        kept, key = dict(self._read()), id.hex()
        found = None if new else _bytes(kept.get(key, {}).get("machine"), device_keys.SIZE)
        if found is None:
            found = random_secret(device_keys.SIZE).reveal()
            kept[key] = {"machine": found.hex()}
            self._write(kept)
        return Secret(found)

    def forget(self, name: str, peer: bytes) -> None:
        """All of it; raises StorageFailed."""
        self._keep(name, peer, Here())

    def _keep(self, name: str, peer: bytes, here: Here) -> None:
        value: dict[str, str] = {}
        if here.secret is not None:
            value["secret"] = here.secret.code.reveal().hex()
        if here.known is not None:
            value["known"] = here.known.hex()
        if here.succession is not None:
            value["succession"] = here.succession.hex()
        kept, key = dict(self._read()), _key(name, peer)
        if value:
            kept[key] = value
        else:
            kept.pop(key, None)
        self._write(kept)

    def _read(self) -> dict[str, dict[str, str]]:
        if self._file is None:
            return self._memory
        try:
            value = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StorageFailed(f"{self._file} cannot be read: {error}", hint=_AWAY) from None
        return value if isinstance(value, dict) else {}

    def _write(self, kept: dict[str, dict[str, str]]) -> None:
        if self._file is None:
            self._memory = kept
            return
        write_private(self._file, json.dumps(kept, indent=1).encode("ascii"))


_AWAY: Final = "move it away; 'holdfast login NAME --device-secret' takes the words instead"


def _key(name: str, peer: bytes) -> str:
    return f"{name}@{peer.hex()}"


def _bytes(text: object, size: int | None = None) -> bytes | None:
    """What was kept, if it is what it should be."""
    try:
        found = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return found if found and len(found) == (size or len(found)) else None
