"""The folder where Asterisk keeps the calls it took by itself while the hotline was away (`[hotline-away]` in
config/asterisk/templates/extensions.conf): NAME.call, NAME.wav, and NAME.done once everything is there.
"""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from ivr.line_ports import AwayCall

log = structlog.get_logger(__name__)

_BROKEN_OFF_AFTER = timedelta(minutes=15)
"""Without .done so long after the last write: Asterisk died meanwhile. No message is longer than this."""
_LARGEST_FACTS_BYTES = 4096


class AwayFolder:
    """Implements ivr.line_ports.AwayCalls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def waiting(self, now: datetime) -> Sequence[AwayCall]:
        found: list[AwayCall] = []
        for path in sorted(self._folder.glob("*.call")):
            try:
                call = _read(path, now)
            except FileNotFoundError:
                continue  # another process has just filed it
            except (OSError, ValueError, KeyError) as error:
                self._set_aside(path, error)
                continue
            if call is not None:
                found.append(call)
        return found

    def forget(self, name: str) -> None:
        """The facts go last: as long as they are there, the call is found again."""
        for ending in (".wav", ".done", ".call"):
            (self._folder / f"{name}{ending}").unlink(missing_ok=True)

    def _set_aside(self, path: Path, error: Exception) -> None:
        """For a person to look at; its sound stays beside it."""
        log.error("line.away_call.unreadable", name=path.name, reason=type(error).__name__)
        with contextlib.suppress(OSError):
            path.rename(path.with_suffix(".unreadable"))


def _read(path: Path, now: datetime) -> AwayCall | None:
    """None: Asterisk is still at it. Raises FileNotFoundError when it is gone, and what `waiting` sets aside."""
    facts_at, sound = path.stat().st_mtime, path.with_suffix(".wav")
    done_at, sound_at = _written_at(path.with_suffix(".done")), _written_at(sound)
    is_complete = done_at is not None
    last_seen_at = datetime.fromtimestamp(max(facts_at, done_at or 0, sound_at or 0), UTC)
    if not is_complete and now - last_seen_at < _BROKEN_OFF_AFTER:
        return None
    if path.stat().st_size > _LARGEST_FACTS_BYTES:
        raise ValueError("far too long")
    facts = dict(word.split("=", 1) for word in path.read_text(encoding="utf-8").split())
    started_at = _instant(facts["started"])
    return AwayCall(
        name=path.stem,
        caller=facts["caller"] or "anonymous",
        line=facts["line"],
        started_at=started_at,
        recording_started_at=_instant(facts["recording"]) if "recording" in facts else None,
        ended_at=max(last_seen_at, started_at),
        sound=sound if sound_at is not None else None,
        is_complete=is_complete,
    )


def _written_at(path: Path) -> float | None:
    """None: it is not there, or not any more. One look: it may go between two."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None


def _instant(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
