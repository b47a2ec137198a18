"""Where a bucket is, and where its keys come from."""

from pathlib import Path

import pytest

from formats.errors import BadConfig
from storage.s3.settings import S3Settings, credentials

PATH = S3Settings("https://s3.example", "blocks", "node/")
ENVIRON = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush"}


def keys_file(folder: Path, text: str, mode: int = 0o600) -> S3Settings:
    file = folder / "keys"
    file.write_text(text)
    file.chmod(mode)
    return S3Settings("https://s3.example", "blocks", credentials=file)


def test_the_bucket_is_in_the_path_or_in_the_name() -> None:
    assert (PATH.host, PATH.path("packs/1"), PATH.path("")) == (
        "s3.example",
        "/blocks/node/packs/1",
        "/blocks/",
    )
    named = S3Settings("https://s3.example:9000", "blocks", "node/", path_style=False)
    assert (named.host, named.path("packs/1")) == ("blocks.s3.example", "/node/packs/1")
    assert (named.authority, named.path("")) == ("blocks.s3.example:9000", "/")


@pytest.mark.parametrize(
    ("endpoint", "authority", "port"),
    [
        ("https://s3.example", "s3.example", 443),
        ("http://s3.example", "s3.example", 80),
        ("http://s3.example:443", "s3.example:443", 443),
        ("http://[::1]:9000", "[::1]:9000", 9000),
    ],
)
def test_the_usual_port_is_not_named(endpoint: str, authority: str, port: int) -> None:
    settings = S3Settings(endpoint, "blocks")
    assert (settings.authority, settings.port) == (authority, port)


def test_keys_come_from_the_environment() -> None:
    found = credentials(PATH, ENVIRON)
    assert (found.key_id, found.secret.reveal(), found.token) == ("AKID", b"hush", None)
    assert "hush" not in repr(found)


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    text = (
        "[other]\naws_access_key_id = no\n[default]\naws_access_key_id = AKID\n"
        "aws_secret_access_key = a%b=c\naws_session_token = t\n"
    )
    found = credentials(keys_file(tmp_path, text), {})
    assert (found.key_id, found.secret.reveal()) == ("AKID", b"a%b=c")
    assert found.token is not None
    assert found.token.reveal() == b"t"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no AWS_ACCESS_KEY_ID"),
        ("[default]\naws_access_key_id = AKID\n", "has no AWS_SECRET_ACCESS_KEY"),
        ("hush", "is not of the form"),
        ("\0\xff", "is not of the form"),
    ],
)
def test_a_file_without_keys_is_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadConfig, match=says) as caught:
        credentials(keys_file(tmp_path, text), {})
    assert "hush" not in str(caught.value)


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="others on this machine can read") as caught:
        credentials(keys_file(tmp_path, "[default]\n", 0o644), {})
    assert "chmod 600" in caught.value.advice


def test_no_keys_at_all_are_told() -> None:
    with pytest.raises(BadConfig, match="the environment has no AWS_ACCESS_KEY_ID"):
        credentials(PATH, {})
