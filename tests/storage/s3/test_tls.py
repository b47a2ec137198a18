"""Through TLS: a server whose certificate this machine trusts, under its own name, and no other."""

import shutil
import ssl
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from formats.errors import StorageFailed
from storage.s3.bucket import Bucket
from storage.s3.client import Client
from storage.s3.line import Patience
from storage.s3.settings import S3Settings
from tests.world.s3 import BUCKET, KEYS, shared
from tests.world.s3_faults import proxied


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One for the name localhost, signed by itself; its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*make, *names, *files], check=True, capture_output=True)
    return tmp_path / "certificate"


def asked(certificate: Path, host: str, prefix: str) -> bytes | None:
    """Put and get an object through TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key"))
    with proxied(shared("moto").port, context) as proxy:
        settings = S3Settings(f"https://{host}:{proxy.port}", BUCKET, prefix)
        with closing(Bucket(Client(settings, KEYS, Patience(trying=10)))) as bucket:
            bucket.put("one", [b"x" * 300_000])
            return bucket.get("one", 100_000, 500_000)


def test_a_trusted_server_is_spoken_to(
    certificate: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asked(certificate, "localhost", prefix) == b"x" * 200_000


def test_one_that_nobody_vouches_for_is_not(certificate: Path, prefix: str) -> None:
    with pytest.raises(StorageFailed, match="cannot be trusted: self-signed certificate"):
        asked(certificate, "localhost", prefix)


def test_nor_one_under_another_name(
    certificate: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(StorageFailed, match=r"cannot be trusted: .*mismatch"):
        asked(certificate, "127.0.0.1", prefix)
