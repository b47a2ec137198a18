"""Opening the owner's page in a browser, without its link showing in any list of processes.

What a program is started with can be read by everybody on a machine. So the browser
is given a file that only its owner can read, and the file leads on.
"""

import html
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from frontends.place import Place


def is_desktop(environ: Mapping[str, str]) -> bool:
    """Whether somebody sits in front of this machine who can see a browser."""
    if "SSH_CONNECTION" in environ:
        return False
    return sys.platform == "darwin" or bool(
        environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    )


def show(place: Place, link: str) -> bool:
    """Have a browser open a link; whether one was found. Blocks until it was started."""
    import webbrowser

    from client.private_file import write_private

    file = Path(place.opening)
    write_private(file, _leading_to(link).encode("utf-8"))
    try:
        return webbrowser.open(file.as_uri())
    except (OSError, webbrowser.Error):
        return False


def forget(place: Place) -> None:
    """The link was good once: the file that led to it goes."""
    try:
        os.unlink(place.opening)
    except FileNotFoundError:
        return


def _leading_to(link: str) -> str:
    to = html.escape(link)
    return (
        '<!doctype html><meta charset="utf-8"><title>Holdfast</title>'
        f'<meta http-equiv="refresh" content="0;url={to}"><a href="{to}">Holdfast</a>\n'
    )
