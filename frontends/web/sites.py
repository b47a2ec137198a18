"""The two sites of the gateway: one port of loopback, told apart by the name that is asked for.

    http://holdfast.localhost:PORT    the page and its API: the only one that a cookie is sent to
    http://127.0.0.1:PORT             what people keep, as it is: sandboxed, no cookie, no network

To a browser they are different sites, so nothing shown by the second can reach the first.
Names under ``localhost`` are the machine itself to browsers (and a name that security keys
take, see ``crypto/webauthn.py``); whatever else a request says it is for is refused: a page
whose own name was made to point here (DNS rebinding) says that name.
"""

from dataclasses import dataclass
from typing import Final

from crypto.webauthn import RP
from formats.errors import Denied

CONTENT_NAME: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites of one port."""

    port: int

    @property
    def page(self) -> str:
        """The origin of the page."""
        return f"http://{RP}:{self.port}"

    @property
    def content(self) -> str:
        """The origin of what is shown to people."""
        return f"http://{CONTENT_NAME}:{self.port}"

    def is_content(self, host: str) -> bool:
        """Which of the two this ``Host`` is; raises Denied for any other."""
        if host == f"{CONTENT_NAME}:{self.port}":
            return True
        if host != f"{RP}:{self.port}":
            raise Denied("that is not the name of this page", hint=f"it is at {self.page}")
        return False
