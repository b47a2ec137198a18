"""Objects of one bucket: put once and never changed, read in ranges, listed, deleted."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote
from xml.sax.saxutils import escape

from crypto.secret import random_bytes
from formats.errors import StorageFailed
from storage.s3.client import Client
from storage.s3.line import Answer
from storage.s3.refusals import code_of, parsed, refusal, text_of

PART: Final = 8 * 1024 * 1024
"""Bytes of a part; all but the last have at least 5 MiB by S3's rules."""

WHOLE: Final = 2 * PART
"""Larger objects are put in parts, some at once."""

_AT_ONCE: Final = 4
_MARK: Final = "x-amz-meta-holdfast"


class Taken(Exception):
    """There is an object of that name already, which somebody else put there."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object: its name below our prefix, and its bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A large object that was begun in parts, and is not there yet."""

    key: str
    id: str


class Bucket:
    """The objects below the prefix of the client's settings. For any thread."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.conditional = True
        """Whether the server refuses to overwrite when it is asked to (``If-None-Match``)."""

    def put(self, key: str, parts: Sequence[bytes]) -> None:
        """Store a new object, durably; raises Taken when there is one of that name."""
        # Who is cut off does not know whether the object is there; it tells its own by this mark.
        mark = random_bytes(16).hex()
        if not self.conditional and self._mark(key) is not None:
            raise Taken(key)
        if sum(map(len, parts)) <= WHOLE:
            headers = {_MARK: mark, **self._if_none()}
            done = self._client.ask("PUT", key, headers=headers, body=parts, fine=(200, 412))
        else:
            done = self._put_in_parts(key, parts, mark)
        if done.status != 200 and self._mark(key) != mark:
            raise Taken(key)

    def get(self, key: str, start: int, size: int) -> bytes | None:
        """Up to ``size`` bytes from ``start``: fewer at the end; None when it is not there."""
        headers = {"Range": f"bytes={start}-{start + size - 1}"}
        fine = (206, 200, 404, 416)
        answer = self._client.ask("GET", key, headers=headers, fine=fine, most=_most(size))
        if answer.status == 404:
            self._must_be_the_object(answer)
            return None
        if answer.status == 416:
            return b""
        return answer.body if answer.status == 206 else answer.body[start : start + size]

    def delete(self, key: str) -> None:
        """See that an object is not there."""
        self._client.ask("DELETE", key, fine=(204, 200, 404))

    def listed(self, prefix: str) -> Iterator[Listed]:
        """Every object whose name, below ours, begins with ``prefix``."""
        where = [("list-type", "2"), ("prefix", self._client.settings.prefix + prefix)]
        where.append(("encoding-type", "url"))
        going_on: list[tuple[str, str]] = []
        while True:
            root = parsed(self._client.ask("GET", "", query=[*where, *going_on]).body)
            if root is None or root.tag != "ListBucketResult":
                raise _strange("a list of objects")
            for each in root.iter("Contents"):
                size = text_of(each, "Size")
                key = self._below(text_of(each, "Key"))
                if key is not None and size.isdecimal():
                    yield Listed(key, int(size))
            token = text_of(root, "NextContinuationToken")
            if text_of(root, "IsTruncated") != "true" or not token:
                return
            going_on = [("continuation-token", token)]

    def uploads(self, prefix: str) -> list[Upload]:
        """Large objects that were begun and not finished: a thousand at most."""
        query = [("uploads", ""), ("prefix", self._client.settings.prefix + prefix)]
        root = parsed(self._client.ask("GET", "", query=[*query, ("encoding-type", "url")]).body)
        if root is None:
            raise _strange("a list of uploads")
        found = []
        for each in root.iter("Upload"):
            key, id = self._below(text_of(each, "Key")), text_of(each, "UploadId")
            if key is not None and id:
                found.append(Upload(key, id))
        return found

    def abort(self, upload: Upload) -> None:
        """Give up a large object that was begun: its parts cost room until then."""
        query = [("uploadId", upload.id)]
        self._client.ask("DELETE", upload.key, query=query, fine=(204, 200, 404))

    def try_condition(self, key: str, body: bytes) -> None:
        """See whether the server keeps to ``If-None-Match``, on an object that is there.

        ``body`` is what the object holds: where the server does not, nothing changes.
        """
        headers = {_MARK: "claim", "If-None-Match": "*"}
        fine = (200, 412, 400, 501)
        said = self._client.ask("PUT", key, headers=headers, body=[body], fine=fine)
        self.conditional = said.status == 412

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    # -- in parts -------------------------------------------------------------------------

    def _put_in_parts(self, key: str, parts: Sequence[bytes], mark: str) -> Answer:
        begun = self._client.ask("POST", key, query=[("uploads", "")], headers={_MARK: mark})
        id = text_of(parsed(begun.body), "UploadId")
        if not id:
            raise _strange("the beginning of an upload")
        upload = Upload(key, id)
        try:
            tags = self._put_each(upload, _slices(parts))
            return self._complete(upload, tags)
        except StorageFailed:
            self._abort_quietly(upload)
            raise

    def _put_each(self, upload: Upload, slices: Sequence[Sequence[bytes]]) -> Sequence[str]:
        with ThreadPoolExecutor(_AT_ONCE, "s3-part") as threads:
            jobs = [
                threads.submit(self._put_part, upload, number, body)
                for number, body in enumerate(slices, start=1)
            ]
            return [job.result() for job in jobs]

    def _put_part(self, upload: Upload, number: int, body: Sequence[bytes]) -> str:
        query = [("partNumber", str(number)), ("uploadId", upload.id)]
        return self._client.ask("PUT", upload.key, query=query, body=body).headers.get("etag", "")

    def _complete(self, upload: Upload, tags: Sequence[str]) -> Answer:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
            for number, tag in enumerate(tags, start=1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = self._client.ask(
            "POST",
            upload.key,
            query=[("uploadId", upload.id)],
            headers=self._if_none(),
            body=[body],
            fine=(200, 404, 412),
        )
        # A 200 is sent before the work is done: only its body says how it ended.
        if answer.status == 200 and code_of(answer):
            raise refusal(Answer(500, answer.headers, answer.body), self._client.settings)
        if answer.status == 412:
            self._abort_quietly(upload)
        return answer

    def _abort_quietly(self, upload: Upload) -> None:
        with suppress(StorageFailed):  # the next start sweeps what is left
            self.abort(upload)

    # -- within ---------------------------------------------------------------------------

    def _if_none(self) -> Mapping[str, str]:
        return {"If-None-Match": "*"} if self.conditional else {}

    def _mark(self, key: str) -> str | None:
        """The mark of an object; None when it is not there."""
        answer = self._client.ask("HEAD", key, fine=(200, 404))
        return answer.headers.get(_MARK, "") if answer.status == 200 else None

    def _must_be_the_object(self, answer: Answer) -> None:
        if code_of(answer) == "NoSuchBucket":
            raise refusal(answer, self._client.settings)

    def _below(self, key: str) -> str | None:
        whole, prefix = unquote(key), self._client.settings.prefix
        return whole[len(prefix) :] if whole.startswith(prefix) else None


def _slices(parts: Sequence[bytes]) -> list[list[bytes]]:
    """The parts put together to about ``PART`` bytes each."""
    slices: list[list[bytes]] = [[]]
    filled = 0
    for part in parts:
        slices[-1].append(part)
        filled += len(part)
        if filled >= PART:
            slices.append([])
            filled = 0
    return slices if slices[-1] else slices[:-1]


def _most(size: int) -> int:
    return max(size, 64 * 1024)  # an error may come instead


def _strange(what: str) -> StorageFailed:
    return StorageFailed(
        f"the S3 server answered something that is not {what}",
        hint="see that s3_endpoint below [store] names an S3 server",
    )
