"""Where a bucket is and who we are to it: plain values, with nothing secret in them but the keys.

Keys come from a file or from the environment, never from the node's own settings, which people
show to others. The file is what the tools of S3 write::

    [default]
    aws_access_key_id = AKIA...
    aws_secret_access_key = ...
    aws_session_token = ...          # only with keys for a while
"""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from crypto.secret import Secret
from formats.errors import BadConfig

_NAMES: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class S3Settings:
    """One bucket. ``prefix`` ends with a slash, or is empty: what our objects' names begin with.

    ``endpoint``: http or https, a name and perhaps a port. ``path_style``: the bucket is in the
    path and not in the name of the host. ``credentials``: a file; None: the environment.
    """

    endpoint: str
    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    credentials: Path | None = None

    @property
    def tls(self) -> bool:
        """Whether it is spoken to through TLS."""
        return urlsplit(self.endpoint).scheme == "https"

    @property
    def host(self) -> str:
        """The name of the host, with the bucket before it where it is not in the path."""
        host = urlsplit(self.endpoint).hostname or ""
        return host if self.path_style else f"{self.bucket}.{host}"

    @property
    def port(self) -> int:
        """Where the host listens."""
        return urlsplit(self.endpoint).port or (443 if self.tls else 80)

    @property
    def authority(self) -> str:
        """The host as requests name it: with the port, unless it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def path(self, key: str) -> str:
        """The path of an object below our prefix; of the bucket itself for an empty key."""
        name = self.prefix + key if key else ""
        return f"/{self.bucket}/{name}" if self.path_style else f"/{name}"

    def __str__(self) -> str:
        return f"{self.endpoint}/{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs a request. ``token`` goes with keys that are good for a while."""

    key_id: str
    secret: Secret
    token: Secret | None = None


def credentials(settings: S3Settings, environ: Mapping[str, str]) -> Credentials:
    """The keys that the settings point to; raises BadConfig, which says what is missing."""
    if settings.credentials is None:
        where = "the environment"
        found: Mapping[str, str] = {name: environ.get(name.upper(), "") for name in _NAMES}
    else:
        where, found = str(settings.credentials), _from_file(settings.credentials)
    key_id, secret, token = (found[name].strip() for name in _NAMES)
    if not key_id or not secret:
        lacking = (_NAMES[1] if key_id else _NAMES[0]).upper()
        raise BadConfig(
            f"the keys for S3: {where} has no {lacking}",
            hint="name a file with them as s3_credentials below [store], or set"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the node",
        )
    if not (key_id.isascii() and key_id.isprintable()):
        raise BadConfig(f"the keys for S3: {where}: {_NAMES[0]} is not one")
    return Credentials(key_id, Secret(secret.encode()), Secret(token.encode()) if token else None)


def _from_file(path: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise BadConfig(
                    f"others on this machine can read the keys for S3 in {path}",
                    hint=f"run 'chmod 600 {path}'",
                )
            parser.read_file(file)
    except OSError as error:
        raise BadConfig(f"the keys for S3: {path} cannot be read: {error.strerror}") from None
    except (configparser.Error, UnicodeDecodeError):
        raise BadConfig(
            f"the keys for S3: {path} is not of the form [default], name = value"
        ) from None
    sections = parser.sections()
    if not sections:
        return dict.fromkeys(_NAMES, "")
    section = parser["default" if "default" in sections else sections[0]]
    return {name: section.get(name, "") for name in _NAMES}
