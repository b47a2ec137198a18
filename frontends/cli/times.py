"""Times as people write them."""

import argparse
import time
from typing import Final

from formats.errors import Usage

FORMS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S")
SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def parse_time(text: str) -> int:
    """Milliseconds since 1970 from ``2026-11-23`` or ``2026-11-23 10:04``, in local time."""
    for form in FORMS:
        try:
            return int(time.mktime(time.strptime(text, form)) * 1000)
        except (ValueError, OverflowError):
            continue
    raise Usage(f"'{text}' is no time", hint="write it like 2026-11-23 or '2026-11-23 10:04'")


def parse_age(text: str) -> int:
    """Seconds from ``90s``, ``10m``, ``12h``, ``30d`` or ``8w``; raises Usage."""
    number, unit = text[:-1].strip(), text[-1:].lower()
    if unit not in SECONDS or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise Usage(f"'{text}' is no length of time", hint="write it like 12h, 30d or 8w")
    return int(number) * SECONDS[unit]


def parse_moment(text: str) -> int:
    """Milliseconds since 1970 from a time, or from an age (``2h``: two hours ago)."""
    if text[-1:].lower() in SECONDS and text[:-1].strip().isdecimal():
        return max(0, int((time.time() - parse_age(text)) * 1000))
    return parse_time(text)


def parse_when(text: str | None) -> str | None:
    """What the daemon calls a state: a number, ``@`` and a time in milliseconds, or a name."""
    if text is None or (text.isascii() and text.isdecimal()):
        return text
    try:
        return f"@{parse_moment(text)}"
    except Usage:
        return text


def at_option(parser: argparse.ArgumentParser) -> None:
    """``--at``."""
    parser.add_argument(
        "--at",
        metavar="WHEN",
        help="as it was: at 2026-11-23 or '2026-11-23 10:04', 2h ago, a state, a snapshot",
    )
