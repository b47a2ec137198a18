"""Where a node keeps its store: the table ``[store]`` of its settings.

    [store]
    records = "files"             # records and small blocks: in the data folder, or "postgres"
    postgres_url = ""             # postgresql://user@host:5432/database, without a password
    postgres_password = ""        # a file with the password; "": PGPASSWORD, or ~/.pgpass
    blocks = "files"              # larger blocks: in the data folder, or "s3"
    blocks_folder = ""            # with records in postgres: another folder for them
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
from storage.postgres.address import check_url
from storage.s3.settings import S3Settings

FILES: Final = "files"
S3: Final = "s3"
POSTGRES: Final = "postgres"
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
    records: str = FILES
    postgres_url: str = ""
    postgres_password: str = ""
    blocks_folder: str = ""

    def check(self) -> None:
        """Raise BadConfig when something is lacking, or does not go together."""
        if self.records == POSTGRES and not self.postgres_url:
            raise BadConfig(
                f'store.postgres_url is not set, and records = "{POSTGRES}" needs it',
                hint="set postgres_url below [store]",
            )
        if self.blocks_folder and (self.records, self.blocks) != (POSTGRES, FILES):
            raise BadConfig(
                f'store.blocks_folder goes with records = "{POSTGRES}" and blocks = "{FILES}" only',
                hint="take it away; the folder of a store on this disk is in the data folder",
            )
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


def _database(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str):
        raise BadConfig("not the address of a database, such as postgresql://user@host/database")
    check_url(value)
    return value


def _path(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise BadConfig("not the whole path, such as /etc/holdfast/keys")
    return value


def _cache(value: object) -> int:
    size = parse_size(value)
    if 0 < size < MIN_CACHE:
        raise BadConfig("0 for none, or at least 64 MiB")
    return size


READERS: Final[Mapping[str, Reader]] = {
    "records": one_of((FILES, POSTGRES)),
    "postgres_url": _database,
    "postgres_password": _path,
    "blocks": one_of((FILES, S3)),
    "blocks_folder": _path,
    "s3_endpoint": _endpoint,
    "s3_bucket": _bucket,
    "s3_prefix": _prefix,
    "s3_region": _region,
    "s3_path_style": flag,
    "s3_credentials": _path,
    "s3_cache": _cache,
}
"""How each setting is read."""
