"""What an S3 server's refusal means, in our words, and what to do about it."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree import ElementTree

from formats.errors import DiskFull, HoldfastError, StorageFailed
from storage.s3.line import Answer
from storage.s3.settings import S3Settings

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers after which the same request may succeed a little later."""

_BUSY_CODES: Final = frozenset(
    {
        "SlowDown",
        "RequestTimeout",
        "OperationAborted",
        "ConditionalRequestConflict",
        "InternalError",
    }
)
_FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"})
_KEYS: Final = frozenset({"SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken"})
_CODE: Final = re.compile(r"[A-Za-z0-9.]{1,64}", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


def parsed(body: bytes) -> ElementTree.Element | None:
    """The XML of an answer without its namespaces; None when it is none of ours."""
    if b"<!" in body:  # no document types, so no entities
        return None
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


def text_of(root: ElementTree.Element | None, name: str) -> str:
    """The text of a child, or nothing."""
    return "" if root is None else (root.findtext(name) or "").strip()


def code_of(answer: Answer) -> str:
    """The server's word for what is wrong, or nothing: answers to HEAD have no body."""
    code = text_of(parsed(answer.body), "Code")
    return code if _CODE.fullmatch(code) else ""


def is_busy(answer: Answer) -> bool:
    """Whether the same request may succeed later."""
    return answer.status in BUSY or code_of(answer) in _BUSY_CODES


def refusal(answer: Answer, settings: S3Settings) -> HoldfastError:
    """The error for an answer that says no."""
    code = code_of(answer)
    if code == "RequestTimeTooSkewed":
        return _clock(answer)
    if answer.status == 507 or code in _FULL:
        return DiskFull(f"the S3 server has no room for this ({code or answer.status})")
    return _misplaced(answer, code, settings) or _forbidden(answer, code, settings)


def _misplaced(answer: Answer, code: str, settings: S3Settings) -> StorageFailed | None:
    region = _region(answer)
    if code == "NoSuchBucket":
        return StorageFailed(
            f"there is no bucket {settings.bucket} at {settings.endpoint}",
            hint="make it, or correct s3_bucket or s3_endpoint below [store]",
        )
    if region and region != settings.region:
        return StorageFailed(
            f"the bucket {settings.bucket} is in the region {region}, not {settings.region}",
            hint=f'set s3_region = "{region}" below [store]',
        )
    return None


def _forbidden(answer: Answer, code: str, settings: S3Settings) -> StorageFailed:
    if code in _KEYS:
        return StorageFailed(
            f"the S3 server does not accept these keys ({code})",
            hint="correct the access key and the secret key, and see that they are for this server",
        )
    if code == "ExpiredToken":
        return StorageFailed("the keys for S3 have expired", hint="put new ones in their place")
    if answer.status in (401, 403):
        return StorageFailed(
            f"the S3 server forbids this in {settings} ({code or answer.status})",
            hint="the keys must be allowed to list the bucket, and to get, put and delete"
            " objects in it",
        )
    return StorageFailed(
        f"the S3 server answered {answer.status} {code}".rstrip(),
        hint="see the server's own log; what was acknowledged before is not touched",
    )


def _region(answer: Answer) -> str:
    told = answer.headers.get("x-amz-bucket-region") or text_of(parsed(answer.body), "Region")
    return told if _REGION.fullmatch(told) else ""


def _clock(answer: Answer) -> StorageFailed:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        off = round(abs((theirs - datetime.now(UTC)).total_seconds() / 60))
        by = f" by {off} minutes"
    except (ValueError, TypeError):
        by = ""
    return StorageFailed(
        f"this machine's clock and the S3 server's differ{by}",
        hint="set the clock: the server refuses requests from another time",
    )
