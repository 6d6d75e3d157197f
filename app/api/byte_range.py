"""One byte range of a file over HTTP (RFC 9110 §14). Several ranges at once are answered with the whole."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from kit.errors import HotlineError

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_BLOCK = 64 * 1024

Alteration = Callable[[bytes, int], bytes]
"""Gives a block that begins at this byte of the file, changed but of the same length."""


class RangeNotSatisfiable(HotlineError):
    code = "request.range_not_satisfiable"


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """[start, end) of a single-range header; None: send everything. Raises RangeNotSatisfiable."""
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:  # the last n bytes
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None  # not a valid range: ignored, as the RFC asks
    if start >= end:
        raise RangeNotSatisfiable(f"the file has {size} bytes", size_bytes=size)
    return start, end


def blocks(stream: BinaryIO, start: int, end: int, altered: Alteration = lambda block, _at: block) -> Iterator[bytes]:
    """The bytes of [start, end), each block as `altered` leaves it; closes the stream."""
    with stream:
        stream.seek(start)
        left = end - start
        while left > 0 and (block := stream.read(min(_BLOCK, left))):
            yield altered(block, end - left)
            left -= len(block)
