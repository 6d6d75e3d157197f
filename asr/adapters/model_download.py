"""Fetches one archive over HTTP into a file, and goes on where an earlier try stopped.

A part is only continued when the server proves that its file is still the same one (If-Range with the validator of
the first answer); otherwise it starts over.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import httpx
import structlog

from asr.adapters.model_archive import looks_like_zip
from asr.domain.catalogue.model_errors import DownloadFailed, DownloadRefused

log = structlog.get_logger(__name__)

_BLOCK = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_WORTH_ANOTHER_TRY = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """`tries`: how often in a row without one new byte. `stall_s`: silence on the line that ends a try."""

    max_bytes: int = 4 << 30
    stall_s: float = 30.0
    tries: int = 5
    pause_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    done_bytes: int
    total_bytes: int | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the server said of the file whose beginning we have; written beside the part."""

    url: str
    validator: str
    total_bytes: int | None


class _Interrupted(Exception):
    """This try is over, the next may succeed."""


def download(
    url: str,
    part: Path,
    limits: DownloadLimits,
    *,
    expected_bytes: int | None = None,
    on_progress: Callable[[Progress], None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Fetch `url` into `part`, continuing what is there. Raises DownloadFailed (the part is kept), DownloadRefused."""
    timeout = httpx.Timeout(limits.stall_s, connect=min(limits.stall_s, 15.0))
    fruitless = 0
    with httpx.Client(timeout=timeout, follow_redirects=True, max_redirects=5) as client:
        fetching = _Fetching(client, url, part, limits, expected_bytes, on_progress)
        while True:
            before = fetching.have_bytes
            try:
                fetching.run()
                return
            except (_Interrupted, httpx.TransportError, httpx.TooManyRedirects) as error:
                reason = str(error) or type(error).__name__
            fruitless = 0 if fetching.have_bytes > before else fruitless + 1
            log.info("asr.model.download_interrupted", reason=reason, have_bytes=fetching.have_bytes)
            if fruitless >= limits.tries:
                raise DownloadFailed(f"{url}: {reason}", have_bytes=fetching.have_bytes)
            wait(limits.pause_s)


class _Fetching:
    """One archive on its way; `run` is one try."""

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        part: Path,
        limits: DownloadLimits,
        expected_bytes: int | None,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._client = client
        self._url = url
        self._part = part
        self._notes = part.with_suffix(".seen.json")
        self._limits = limits
        self._expected_bytes = expected_bytes
        self._on_progress = on_progress

    @property
    def have_bytes(self) -> int:
        try:
            return self._part.stat().st_size
        except OSError:
            return 0

    def run(self) -> None:
        have, seen = self.have_bytes, self._seen()
        headers = {"Accept-Encoding": "identity"}
        if have and seen and seen.validator:
            headers |= {"Range": f"bytes={have}-", "If-Range": seen.validator}
        with self._client.stream("GET", self._url, headers=headers) as answer:
            if self._url.startswith("https:") and answer.url.scheme != "https":
                self._refuse("it leads away from https")
            if answer.status_code == httpx.codes.PARTIAL_CONTENT and seen and "Range" in headers:
                self._go_on(answer, have, seen)
            elif answer.status_code == httpx.codes.OK:
                self._start_over(answer)
            elif answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                if seen is None or (have, f"bytes */{have}") != (seen.total_bytes, answer.headers.get("content-range")):
                    self._forget("the server's file is shorter than what came before")
            elif answer.status_code in _WORTH_ANOTHER_TRY or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise _Interrupted(f"HTTP {answer.status_code}")
            else:
                raise DownloadFailed(f"{self._url}: HTTP {answer.status_code}", status=answer.status_code)

    def _go_on(self, answer: httpx.Response, have: int, seen: _Seen) -> None:
        found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if found is None or int(found[1]) != have:
            self._forget("the server answered with another part than was asked for")
        if int(found[3]) != seen.total_bytes or _validator(answer) not in ("", seen.validator):
            self._forget("the server's file has changed")
        self._receive(answer, have, seen.total_bytes)

    def _start_over(self, answer: httpx.Response) -> None:
        length = answer.headers.get("content-length", "")
        total = int(length) if length.isdigit() else None
        if total is not None and self._expected_bytes not in (None, total):
            self._refuse(f"{total} bytes, but the model has {self._expected_bytes}")
        self._part.unlink(missing_ok=True)
        self._notes.write_text(json.dumps(asdict(_Seen(self._url, _validator(answer), total))), encoding="utf-8")
        self._receive(answer, 0, total)

    def _receive(self, answer: httpx.Response, have: int, total: int | None) -> None:
        if max(total or 0, have) > self._limits.max_bytes:
            self._refuse(f"{total} bytes, {self._limits.max_bytes} are allowed")
        with self._part.open("ab") as stream:
            for block in answer.iter_raw(_BLOCK):
                if have == 0 and not looks_like_zip(block):
                    self._refuse(f"not a zip archive ({answer.headers.get('content-type', 'unknown type')})")
                have += len(block)
                if have > self._limits.max_bytes:
                    self._refuse(f"more than {self._limits.max_bytes} bytes")
                stream.write(block)
                self._on_progress(Progress(have, total))
        if total is not None and have != total:
            raise _Interrupted(f"{have} bytes came, {total} were announced")

    def _seen(self) -> _Seen | None:
        """None also when the part came from another address: a mirror's validators say nothing about another's."""
        try:
            seen = _Seen(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return seen if seen.url == self._url else None

    def _forget(self, reason: str) -> NoReturn:
        self.discard()
        raise _Interrupted(reason)

    def _refuse(self, reason: str) -> NoReturn:
        self.discard()
        raise DownloadRefused(f"{self._url}: {reason}")

    def discard(self) -> None:
        self._part.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)


def _validator(answer: httpx.Response) -> str:
    """A strong entity tag, else the date of the last change; empty: the server offers no proof."""
    tag: str = answer.headers.get("etag", "")
    if tag.startswith('"'):
        return tag
    modified: str = answer.headers.get("last-modified", "")
    return modified
