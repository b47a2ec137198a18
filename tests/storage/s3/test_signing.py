"""Signatures are those that AWS publishes, and those that its own library makes."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crypto.secret import Secret
from storage.s3.settings import Credentials
from storage.s3.signing import Asked, Scope, authorization

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sigv4" / "aws.json").read_text())


def keys(key_id: str, secret: str) -> Credentials:
    return Credentials(key_id, Secret(secret.encode()))


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_published_vectors(vector: dict[str, Any]) -> None:
    when = datetime.strptime(vector["time"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    asked = Asked(
        vector["method"],
        vector["path"],
        [(name, value) for name, value in vector["query"]],
        vector["headers"],
        vector["payload"],
    )
    scope = Scope(when, vector["region"], vector["service"])
    signed = authorization(asked, scope, keys(**vector["keys"]))
    assert signed.rpartition("Signature=")[2] == vector["signature"]


def test_the_same_as_botocore(rng: random.Random) -> None:
    auth = pytest.importorskip("botocore.auth", reason="botocore is not installed (`make servers`)")
    botocore = __import__("botocore.awsrequest", fromlist=["x"])
    given = __import__("botocore.credentials", fromlist=["x"]).Credentials("AKID", "secret/+=")
    letters = "abcXYZ019-_.~/ $+=&%\u00e9:"
    for _ in range(200):
        path = "/" + "".join(rng.choices(letters, k=rng.randrange(20))).replace("//", "/")
        names = [f"q{n}" + "".join(rng.choices(letters, k=2)) for n in range(rng.randrange(4))]
        query = [(name, "".join(rng.choices(letters, k=6))) for name in names]
        asked = Asked("PUT", path, query, {}, "UNSIGNED-PAYLOAD")
        request = botocore.AWSRequest("PUT", f"https://host.example:8443{asked.target}")
        request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        request.context["payload_signing_enabled"] = False
        signer = auth.S3SigV4Auth(given, "s3", "eu-west-1")
        signer.add_auth(request)
        headers = {
            "Host": "host.example:8443",
            "x-amz-date": request.context["timestamp"],
            "x-amz-content-sha256": request.headers["X-Amz-Content-SHA256"],
        }
        when = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        ours = authorization(
            Asked("PUT", path, query, headers, headers["x-amz-content-sha256"]),
            Scope(when.replace(tzinfo=UTC), "eu-west-1"),
            keys("AKID", "secret/+="),
        )
        assert (
            ours.rpartition("Signature=")[2]
            == (request.headers["Authorization"].rpartition("Signature=")[2])
        ), asked
