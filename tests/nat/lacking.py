"""Whether this machine can have the laboratory: what it lacks, in words."""

import os
import shutil

import pytest


def lacking() -> str:
    """What is missing, nothing if all is there. Root and the tools are required with CI set."""
    if os.geteuid() != 0:
        return "the network laboratory needs root"
    missing = [tool for tool in ("ip", "nft", "nsenter", "bridge") if shutil.which(tool) is None]
    if missing:
        return f"the network laboratory needs {', '.join(missing)}"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "the network laboratory needs /dev/net/tun"
    return ""


def needed() -> None:
    """Leave a test out if the laboratory cannot be had; with CI set and root, fail instead."""
    why = lacking()
    if why and os.environ.get("CI") and os.geteuid() == 0:
        pytest.fail(why)
    if why:
        pytest.skip(why)
