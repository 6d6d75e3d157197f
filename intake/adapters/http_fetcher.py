"""Fetches a referred sound by HTTP, within limits of size and time."""

from pathlib import Path

import httpx

from intake.domain.errors import FetchFailed
from kit.http_deadline import HttpDeadline

_ANSWER_WITHIN_S = 10.0
_FINAL = frozenset({400, 401, 403, 404, 405, 406, 410, 414, 451})


class HttpFetcher:
    """Implements SoundFetcher. Redirects are refused: they would lead past the list of allowed hosts."""

    def __init__(self, *, max_bytes: int, within_s: float = 120.0) -> None:
        self._max_bytes = max_bytes
        self._within_s = within_s

    def fetch(self, url: str, target: Path) -> None:
        try:
            with HttpDeadline(self._within_s) as deadline:
                self._exchange(url, target, deadline)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchFailed("this is no address", is_final=True) from error
        except httpx.HTTPError as error:
            raise FetchFailed(f"{type(error).__name__}", is_final=False) from error
        if deadline.is_over:
            raise FetchFailed("the other machine is too slow", is_final=False)

    def _exchange(self, url: str, target: Path, deadline: HttpDeadline) -> None:
        with (
            httpx.Client(timeout=_ANSWER_WITHIN_S, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, extensions=deadline.extensions) as answer,
        ):
            self._check(answer)
            self._write(answer, target)

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            is_final = answer.is_redirect or answer.status_code in _FINAL
            raise FetchFailed(f"the other machine answered {answer.status_code}", is_final=is_final)

    def _write(self, answer: httpx.Response, target: Path) -> None:
        size = 0
        with target.open("wb") as stream:
            for block in answer.iter_bytes():
                size += len(block)
                if size > self._max_bytes:
                    raise FetchFailed("the sound is too large", is_final=True)
                stream.write(block)
