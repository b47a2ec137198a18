"""AWS Signature Version 4: shows an S3 server who asks, and that nobody changed the request.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Checked against
the vectors that AWS publishes (``tests/vectors/sigv4/``). Every header that is given is signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

from crypto.hashing import hmac_sha256, sha256
from storage.s3.settings import Credentials

ALGORITHM: Final = "AWS4-HMAC-SHA256"
EMPTY: Final = sha256(b"").hex()
"""The hash of no payload."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scope:
    """For what a signature is good: a day, a region and a service."""

    when: datetime
    region: str
    service: str = "s3"

    @property
    def stamp(self) -> str:
        """The time as requests say it."""
        return self.when.strftime("%Y%m%dT%H%M%SZ")

    def __str__(self) -> str:
        return f"{self.stamp[:8]}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request that are signed. ``path`` and ``query`` are not quoted yet."""

    method: str
    path: str
    query: Pairs = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: str = EMPTY
    """The SHA-256 of the body, in hex."""

    @property
    def target(self) -> str:
        """Path and query as they go over the line."""
        query = canonical_query(self.query)
        return canonical_path(self.path) + (f"?{query}" if query else "")


def authorization(asked: Asked, scope: Scope, keys: Credentials) -> str:
    """The value of the header ``Authorization``."""
    names = ";".join(sorted(name.lower() for name in asked.headers))
    signed = sha256(canonical_request(asked).encode()).hex()
    text = f"{ALGORITHM}\n{scope.stamp}\n{scope}\n{signed}"
    signature = hmac_sha256(_signing_key(scope, keys), text.encode()).hex()
    return (
        f"{ALGORITHM} Credential={keys.key_id}/{scope},SignedHeaders={names},Signature={signature}"
    )


def canonical_request(asked: Asked) -> str:
    """The request in the one form that both sides hash."""
    headers = sorted((name.lower(), " ".join(text.split())) for name, text in asked.headers.items())
    return "\n".join(
        (
            asked.method,
            canonical_path(asked.path),
            canonical_query(asked.query),
            *(f"{name}:{text}" for name, text in headers),
            "",
            ";".join(name for name, _ in headers),
            asked.payload,
        )
    )


def canonical_path(path: str) -> str:
    """A path, quoted once, slashes kept: S3's own rule."""
    return quote(path, safe="/-_.~")


def canonical_query(query: Pairs) -> str:
    """Names and values, quoted and in order."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _signing_key(scope: Scope, keys: Credentials) -> bytes:
    key = b"AWS4" + keys.secret.reveal()
    for part in (scope.stamp[:8], scope.region, scope.service, "aws4_request"):
        key = hmac_sha256(key, part.encode())
    return key
