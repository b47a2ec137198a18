"""The page's own files: read once, compressed once, under a name that changes with their content.

``index.html`` is never kept by a browser; everything it names is below ``/assets/VERSION/``,
where VERSION is a hash of all files together, and may be kept for ever. In the files
themselves the version is left out (``/assets/app.js``; modules name each other by
``./other.js``), so nothing has to be built. When files change, as they do in a checkout,
the next one who opens the page gets the new ones.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crypto.hashing import sha256
from frontends.web.headers import Header

PAGE: Final = Path(__file__).parent / "page"
INDEX: Final = "index.html"
BELOW: Final = "/assets/"
_WORTH: Final = 512
"""Bytes from which compressing pays."""

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served; a file of another kind is not there."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent. ``packed``: with gzip, where that is shorter."""

    type: str
    body: bytes
    packed: bytes | None
    etag: str
    cached: str

    @classmethod
    def made(cls, name: str, body: bytes, cached: str) -> "Asset":
        """Of a file's name and content. ``cached``: for how long browsers may keep it."""
        packed = gzip.compress(body, 9, mtime=0) if len(body) >= _WORTH else body
        etag = f'"{sha256(body)[:16].hex()}"'
        kind = TYPES[Path(name).suffix]
        return cls(kind, body, packed if len(packed) < len(body) else None, etag, cached)

    def headers(self, packed: bool) -> tuple[Header, ...]:
        """What is said of it."""
        said = [("Content-Type", self.type), ("ETag", self.etag), ("Cache-Control", self.cached)]
        said.append(("Vary", "Accept-Encoding"))
        if packed:
            said.append(("Content-Encoding", "gzip"))
        return tuple(said)


class Assets:
    """The files in a folder. Reads from the disk: not for the event loop."""

    def __init__(self, folder: Path = PAGE) -> None:
        self._folder: Final = folder
        self._seen: object = None
        self._found: dict[str, Asset] = {}

    def look(self, path: str) -> Asset | None:
        """What is at a path of the site; None if nothing is. ``/`` takes new files in."""
        if path == "/":
            seen = self._state()
            if seen != self._seen:
                self._found, self._seen = self._read(), seen
        return self._found.get(path)

    def _files(self) -> list[Path]:
        files = (each for each in self._folder.rglob("*") if each.suffix in TYPES)
        return sorted(each for each in files if each.is_file())

    def _state(self) -> object:
        return [(each, each.stat().st_mtime_ns, each.stat().st_size) for each in self._files()]

    def _read(self) -> dict[str, Asset]:
        bodies = {
            each.relative_to(self._folder).as_posix(): each.read_bytes() for each in self._files()
        }
        hashed = (name.encode() + b"\0" + sha256(body) for name, body in bodies.items())
        at = f"{BELOW}{sha256(b''.join(hashed))[:12].hex()}/"
        found = {
            f"{at}{name}": Asset.made(name, body, _FOR_EVER)
            for name, body in bodies.items()
            if name != INDEX
        }
        index = bodies.get(INDEX, b"").replace(f'"{BELOW}'.encode(), f'"{at}'.encode())
        return {**found, "/": Asset.made(INDEX, index, "no-cache")}


_FOR_EVER: Final = "public, max-age=31536000, immutable"
