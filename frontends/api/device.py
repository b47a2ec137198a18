"""What this data folder's device is called: ``HOME/device``, else the machine's host name."""

import socket
from pathlib import Path
from typing import Final

from client.device import check_device, clean_device
from client.private_file import write_private
from formats.errors import BadName, StorageFailed
from frontends.place import Place

_MOST: Final = 4096
"""Bytes of the file that are read."""


def device_name(place: Place) -> str:
    """The name, as it was set or as it is found; a file that holds no name is BadName."""
    try:
        with open(place.device, "rb") as file:
            said = file.read(_MOST).decode("utf-8")
    except FileNotFoundError:
        return clean_device(socket.gethostname())
    except (OSError, UnicodeDecodeError) as error:
        raise StorageFailed(f"{place.device} cannot be read: {error}") from None
    try:
        return check_device(said)
    except BadName as error:
        raise BadName(f"{place.device}: {error.message}", hint=error.advice) from None


def set_device_name(place: Place, name: str) -> str:
    """Call this data folder's device so from now on; returns the name as it is kept."""
    checked = check_device(name)
    write_private(Path(place.device), f"{checked}\n".encode())
    return checked
