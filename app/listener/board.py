"""What the parent and the children of the listener know of each other, in memory that forks share."""

import mmap
import struct
import time
from dataclasses import dataclass

_ROW = struct.Struct("=iid")


@dataclass(frozen=True, slots=True)
class ChildState:
    streams: int
    is_draining: bool
    """It takes no new streams and ends with its last one: a successor is wanted."""
    seen_at: float
    """`time.monotonic()`, which all processes of a machine share."""


class Board:
    """One row for each living child; written by that child only."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._memory = mmap.mmap(-1, rows * _ROW.size)

    def write(self, row: int, *, streams: int, is_draining: bool) -> None:
        _ROW.pack_into(self._memory, row * _ROW.size, streams, is_draining, time.monotonic())

    def read(self, row: int) -> ChildState:
        streams, is_draining, seen_at = _ROW.unpack_from(self._memory, row * _ROW.size)
        return ChildState(streams, bool(is_draining), seen_at)

    def clear(self, row: int) -> None:
        """The row of nobody counts as draining: nothing is left to it."""
        self.write(row, streams=0, is_draining=True)
