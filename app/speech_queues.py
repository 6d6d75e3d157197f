"""The lines in which recognition jobs wait, and which of them has its turn.

Live calls come before all of them: they are recognised in another process, and the workers that empty these lines
give way to it by their lower priority (`app/worker.py`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class SpeechQueue(StrEnum):
    """In the order in which they are emptied."""

    SHORT = "speech-short"  # somebody waits for these, and they are done soon
    LONG = "speech-long"  # longer messages, and the parts of very long ones


def queue_for(audio_ms: int, *, short_up_to_s: float) -> SpeechQueue:
    return SpeechQueue.SHORT if audio_ms <= short_up_to_s * 1000 else SpeechQueue.LONG


def turns(
    oldest: Mapping[SpeechQueue, datetime], now: datetime, promote_after: timedelta, *, was_promoted: bool
) -> tuple[SpeechQueue, ...]:
    """The order for the next job. `oldest`: since when the first of each line waits; empty lines are left out.

    Strictly short before long. But what has waited for `promote_after` goes first, the longest waiting
    first of all; though never twice running (`was_promoted`), or old work would now starve the new.
    """
    if was_promoted:
        return tuple(SpeechQueue)
    aged = [queue for queue, since in oldest.items() if now - since >= promote_after]
    first = sorted(aged, key=lambda queue: oldest[queue])[:1]
    return (*first, *(queue for queue in SpeechQueue if queue not in first))
