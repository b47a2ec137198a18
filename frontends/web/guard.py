"""Who may ask for what: decided by what browsers say of where a request comes from.

A page of somebody else in the same browser can send requests here, with whatever it
likes in them, but cannot change what the browser says of it: ``Origin`` and
``Sec-Fetch-Site``. Programs can say anything, so for them this is no hurdle; what
keeps them out is that they have neither cookie nor key (``visits.py``).
"""

from collections.abc import Sequence
from typing import Final

from formats.errors import Denied, Malformed
from frontends.web.sites import Sites

SHOWN: Final = (b"document", b"iframe", b"image", b"video", b"audio", b"empty")
"""What a browser may want content for: no script, no style, no worker, no plug-in."""

Headers = dict[bytes, bytes]
"""By name in small letters."""

ONCE: Final = (
    *(b"host", b"origin", b"cookie", b"accept", b"content-length"),
    *(b"range", b"if-range", b"if-none-match"),
    *(
        b"sec-fetch-site",
        b"sec-fetch-mode",
        b"sec-fetch-dest",
        b"holdfast-key",
        b"holdfast-request",
    ),
)
"""Headers that are looked at here; who sends one twice is up to something."""


def headers_of(pairs: Sequence[tuple[bytes, bytes]]) -> Headers:
    """A request's headers; raises Malformed where two readers could understand them differently."""
    found = dict(pairs)
    for name in ONCE:
        if sum(each == name for each, _ in pairs) > 1:
            raise Malformed(f"the header {name.decode()} is there twice")
    if b"transfer-encoding" in found and b"content-length" in found:
        raise Malformed("a body of two lengths: Transfer-Encoding and Content-Length")
    return found


def check_call(sites: Sites, headers: Headers) -> None:
    """Only the page itself, or what is no browser, may call the API; raises Denied."""
    _check_origin(sites, headers)
    if headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
        raise Denied("only the page itself may ask that", hint=f"open {sites.page}")


def check_page(sites: Sites, headers: Headers) -> None:
    """The page may be opened from anywhere, but nothing of it used elsewhere; raises Denied."""
    _check_origin(sites, headers)
    if headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin"):
        return
    opened = headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest")
    if opened != (b"navigate", b"document"):
        raise Denied("this page is in nobody else's", hint=f"open {sites.page}")


def check_content(sites: Sites, headers: Headers) -> None:
    """What people keep is shown or stored, and is never a part that runs; raises Denied."""
    _check_origin(sites, headers)
    if headers.get(b"sec-fetch-dest", b"document") not in SHOWN:
        raise Denied("that is nothing to run", hint=f"open {sites.page}")


def _check_origin(sites: Sites, headers: Headers) -> None:
    if headers.get(b"origin", sites.page.encode()) != sites.page.encode():
        raise Denied("a request from another page", hint=f"open {sites.page}")
