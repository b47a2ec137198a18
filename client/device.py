"""What this machine is called: in the names of conflict copies and in the log of a drive.

A device name is sealed wherever it leaves the machine: it stands in names of
files and in what a person's own space says about its changes, and no node reads it.
"""

import re
from typing import Final

from formats.errors import BadName
from formats.names import normalise_name

MAX_DEVICE: Final = 64
"""Bytes of UTF-8: short enough to stand within the name of a file."""

UNNAMED: Final = "device"
"""A machine whose own name says nothing."""

_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f/()]+")
_HINT: Final = f"a device has a name of up to {MAX_DEVICE} bytes, without '/', '(' and ')'"


def check_device(name: str) -> str:
    """``name`` in Unicode normal form C, if a device can have it; raises BadName.

    As a name of a file, but shorter, without spaces at its ends, and without
    parentheses, which enclose it in the names of conflict copies.
    """
    try:
        checked = normalise_name(name.strip())
    except BadName as error:
        raise BadName(error.message, hint=_HINT) from None
    if _UNFIT.search(checked) or len(checked.encode()) > MAX_DEVICE:
        raise BadName("not a name for a device", hint=_HINT)
    return checked


def clean_device(host: str) -> str:
    """A device name made of a machine's host name: what can be kept of its first label."""
    label = host.encode("utf-8", "ignore").decode().strip().split(".")[0]
    kept = _UNFIT.sub("-", label).strip("- ")
    short = kept.encode()[:MAX_DEVICE].decode("utf-8", "ignore")
    try:
        return check_device(short)
    except BadName:
        return UNNAMED
