"""Signed requests to one bucket, tried again while that may help.

Safe to use from many threads: each takes a line that is idle, or makes one. A request that finds
the server busy, silent or cut off is tried again, later and later and not in step with others,
until ``Patience.trying`` is over. After a request failed for good, the next ones give up
after ``_FAST`` seconds, until one succeeds: who waits behind them should not wait a minute each.
"""

import random
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Final

from crypto.hashing import Sha256
from formats.errors import StorageFailed
from storage.s3.line import MAX_ANSWER, Answer, Broken, Line, Patience, Untrusted
from storage.s3.refusals import code_of, is_busy, refusal
from storage.s3.settings import Credentials, S3Settings
from storage.s3.signing import EMPTY, Asked, Pairs, Scope, authorization

_IDLE_LINES: Final = 8
_IDLE_SECONDS: Final = 30.0
"""Servers hang up on lines that are idle for longer."""

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 5.0
_FAST: Final = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


class Client:
    """Requests to the bucket of ``settings``, signed with ``keys``."""

    def __init__(
        self,
        settings: S3Settings,
        keys: Credentials,
        patience: Patience = Patience(),  # noqa: B008  # a frozen value
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.settings: Final = settings
        self._keys = keys
        self._patience = patience
        self._now = now
        self._tls = ssl.create_default_context() if settings.tls else None
        self._lock = Lock()
        self._idle: list[Line] = []
        self._failing = False

    def ask(
        self,
        method: str,
        key: str,
        *,
        query: Pairs = (),
        headers: Mapping[str, str] | None = None,
        body: Sequence[bytes] = (),
        fine: Sequence[int] = (200,),
        most: int = MAX_ANSWER,
    ) -> Answer:
        """The answer to a request, of one of the statuses that are ``fine``.

        Raises StorageFailed or DiskFull: when the server refuses, or after all tries.
        """
        payload = _hash(body) if body else EMPTY
        asked = Asked(method, self.settings.path(key), query, dict(headers or {}), payload)
        trying = _FAST if self._failing else self._patience.trying
        until, wait = time.monotonic() + trying, _FIRST_WAIT
        while True:
            answer = self._try(asked, body, most)
            if isinstance(answer, Answer) and answer.status in fine:
                self._failing = False
                return answer
            if isinstance(answer, Answer) and not is_busy(answer):
                raise refusal(answer, self.settings)
            pause = wait * random.uniform(0.5, 1)  # not a secret: only out of step
            if time.monotonic() + pause > until:
                self._failing = True
                raise self._gave_up(answer)
            time.sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT)

    def close(self) -> None:
        """Hang up all lines. A request may follow, on a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def _try(self, asked: Asked, body: Sequence[bytes], most: int) -> Answer | Broken:
        """One answer, or how the line broke. A line that was idle may have died: not counted."""
        while True:
            line = self._line()
            was_used = line.used > 0
            try:
                answer = line.ask(asked.method, asked.target, self._signed(asked, body), body, most)
            except Broken as broken:
                if was_used and broken.silent:
                    continue
                return broken
            except Untrusted as error:
                raise StorageFailed(
                    f"the certificate of {self.settings.endpoint} cannot be trusted: {error}",
                    hint="see that the name in s3_endpoint is the one in its certificate, and that"
                    " this machine trusts who signed it",
                ) from None
            self._put_back(line)
            return answer

    def _signed(self, asked: Asked, body: Sequence[bytes]) -> Mapping[str, str]:
        scope = Scope(self._now(), self.settings.region)
        headers = {
            **asked.headers,
            "Host": self.settings.authority,
            "x-amz-date": scope.stamp,
            "x-amz-content-sha256": asked.payload,
        }
        if self._keys.token is not None:
            headers["x-amz-security-token"] = self._keys.token.reveal().decode()
        whole = Asked(asked.method, asked.path, asked.query, headers, asked.payload)
        headers["Authorization"] = authorization(whole, scope, self._keys)
        if asked.method in ("PUT", "POST"):
            headers["Content-Length"] = str(sum(map(len, body)))
        return headers

    def _line(self) -> Line:
        fresh = time.monotonic() - _IDLE_SECONDS
        with self._lock:
            while self._idle:
                line = self._idle.pop()
                if line.used > fresh:
                    return line
                line.close()
        return Line(self.settings, self._patience, self._tls)

    def _put_back(self, line: Line) -> None:
        with self._lock:
            if line.used and len(self._idle) < _IDLE_LINES:
                self._idle.append(line)
                return
        line.close()

    def _gave_up(self, last: Answer | Broken) -> StorageFailed:
        if isinstance(last, Broken):
            return StorageFailed(
                f"the S3 server {self.settings.endpoint} cannot be used: {last.why}",
                hint="see that it runs and that this machine reaches it; nothing that was"
                " acknowledged is lost",
            )
        return StorageFailed(
            f"the S3 server is too busy ({code_of(last) or last.status})",
            hint="try again later, or give it more room; nothing that was acknowledged is lost",
        )


def _hash(body: Sequence[bytes]) -> str:
    state = Sha256()
    for part in body:
        state.update(part)
    return state.digest().hex()
