"""Packs in a bucket, put together from settings."""

from collections.abc import Mapping
from pathlib import Path

from storage.s3.bucket import Bucket
from storage.s3.cache import Cache
from storage.s3.client import Client
from storage.s3.line import Patience
from storage.s3.packs import S3Packs
from storage.s3.settings import S3Settings, credentials


def open_packs(
    settings: S3Settings,
    environ: Mapping[str, str],
    cache: Path,
    limit: int,
    patience: Patience = Patience(),  # noqa: B008  # a frozen value
) -> S3Packs:
    """Packs in the bucket of ``settings``; up to ``limit`` bytes are kept in the folder ``cache``.

    ``limit`` 0: nothing is. Raises BadConfig for keys that are not there, AlreadyRunning for a
    folder that another process uses. Nothing is sent yet.
    """
    client = Client(settings, credentials(settings, environ), patience)
    return S3Packs(Bucket(client), Cache(cache, limit) if limit else None)
