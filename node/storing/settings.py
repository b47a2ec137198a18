"""Where a node keeps its store: the table ``[store]`` of its settings.

    [store]
    blocks = "files"              # larger blocks: in the data folder, or "s3"
    s3_endpoint = ""              # https://s3.eu-central-1.amazonaws.com
    s3_bucket = ""
    s3_prefix = "holdfast/"       # what the names of our objects begin with
    s3_region = "us-east-1"
    s3_path_style = true          # the bucket is in the path; false: in the host's name
    s3_credentials = ""           # a file with the keys; "": the environment
    s3_cache = "4 GiB"            # kept on this disk of what is in the bucket; 0: nothing

A node whose store is elsewhere than this says is not started: ``holdfast node storage
migrate`` brings it there. Keys never stand here: ``storage/s3/settings.py`` says where they do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from formats.errors import BadConfig
from node.values import Reader, flag, one_of, parse_size
from storage.s3.settings import S3Settings

FILES: Final = "files"
S3: Final = "s3"
MIN_CACHE: Final = 64 * 2**20
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_PREFIX: Final = re.compile(r"([A-Za-z0-9._-]+/)*[A-Za-z0-9._-]*", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the store is. ``s3_cache`` in bytes."""

    blocks: str = FILES
    s3_endpoint: str = ""
    s3_bucket: str = ""
    s3_prefix: str = "holdfast/"
    s3_region: str = "us-east-1"
    s3_path_style: bool = True
    s3_credentials: str = ""
    s3_cache: int = 4 * 2**30

    def check(self) -> None:
        """Raise BadConfig when something is lacking that ``blocks`` needs."""
        for key in ("s3_endpoint", "s3_bucket"):
            if self.blocks == S3 and not getattr(self, key):
                raise BadConfig(
                    f'store.{key} is not set, and blocks = "{S3}" needs it',
                    hint=f"set {key} below [store]",
                )

    @property
    def s3(self) -> S3Settings:
        """The bucket."""
        return S3Settings(
            self.s3_endpoint,
            self.s3_bucket,
            self.s3_prefix,
            self.s3_region,
            self.s3_path_style,
            Path(self.s3_credentials) if self.s3_credentials else None,
        )


def _endpoint(value: object) -> str:
    if value == "":
        return ""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        fine = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        bare = parts is not None and not (parts.username or parts.query or parts.fragment)
        fine = fine and bare and parts is not None and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise BadConfig(
            "not the address of an S3 server, such as https://s3.eu-central-1.amazonaws.com:"
            " no bucket, no keys"
        )
    return str(value).rstrip("/")


def _bucket(value: object) -> str:
    if value != "" and not (isinstance(value, str) and _BUCKET.fullmatch(value)):
        raise BadConfig("not the name of a bucket: 3 to 63 of a-z, 0-9, . and -")
    return str(value)


def _prefix(value: object) -> str:
    if not isinstance(value, str) or len(value) > 256 or not _PREFIX.fullmatch(value):
        raise BadConfig("not a prefix, such as home/alice/: letters, digits, . _ - and /")
    return value if value == "" or value.endswith("/") else f"{value}/"


def _region(value: object) -> str:
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        raise BadConfig("not a region, such as eu-central-1")
    return value


def _credentials(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise BadConfig("not the whole path of a file, such as /etc/holdfast/s3-keys")
    return value


def _cache(value: object) -> int:
    size = parse_size(value)
    if 0 < size < MIN_CACHE:
        raise BadConfig("0 for none, or at least 64 MiB")
    return size


READERS: Final[Mapping[str, Reader]] = {
    "blocks": one_of((FILES, S3)),
    "s3_endpoint": _endpoint,
    "s3_bucket": _bucket,
    "s3_prefix": _prefix,
    "s3_region": _region,
    "s3_path_style": flag,
    "s3_credentials": _credentials,
    "s3_cache": _cache,
}
"""How each setting is read."""
