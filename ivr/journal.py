"""The durable journal of one live call: a folder in the spool that a kill at any moment leaves readable.

`<spool>/<call_id>/call.json` is rewritten atomically at every fact; `message.wav` lies beside it; `lock`
is held (flock) while the owning process lives, so that a sweeper can tell the dead from the living.
"""

import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import re
import shutil
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from ivr.domain.call import CallDirection, HangupBy
from ivr.domain.call_record import CallRecord, CallStart, RecordingFacts
from ivr.domain.menu import Wish
from ivr.domain.question import VoiceAnswer, VoiceVerdict
from ivr.ports import SOUND_ELSEWHERE
from kit.errors import HotlineError
from kit.ids import new_id
from kit.storage.file_store import fsync_path

QUARANTINE = "quarantine"
_FACTS, _LOCK, _MESSAGE, _TALK = "call.json", "lock", "message.wav", "talk"
_FORMAT = 1
_INSTANTS = (
    "answered_at",
    "recording_started_at",
    "recording_ended_at",
    "talk_started_at",
    "talk_ended_at",
    "ended_at",
)
_NASCENT_S = 3600.0
"""A folder that is being made for so long was given up by a kill."""
_TALKS_AT_MOST_S = 4 * 3600.0
"""A talk whose sound nobody fetched for so long is filed without it."""
_SAFE_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


class JournalCorrupt(HotlineError):
    """The facts on disk cannot be read; a person has to look."""

    code = "journal.corrupt"


class CallJournal:
    """Facts of one call and the right to file it. Whoever holds an open journal is the only one who does.

    A journal without a folder (the disk was full when it rang) lives in memory only. Thread-safe.
    """

    def __init__(self, record: CallRecord, folder: Path | None = None, lock: int | None = None) -> None:
        self.record = record
        self._folder = folder
        self._lock = lock
        self._guard = threading.Lock()

    @classmethod
    def create(cls, spool: Path, record: CallRecord, message: Path | None = None) -> Self:
        """Start the journal of a call. It appears in the spool whole and locked, or not at all; raises OSError,
        FileExistsError when it is there already. `message` is copied into it.
        """
        call_id = record.start.call_id
        if not _SAFE_ID.fullmatch(call_id):
            raise ValueError(f"not usable as a folder name: {call_id!r}")
        nascent = spool / f".new-{new_id()}"
        nascent.mkdir(parents=True)
        journal = cls(record, nascent, _locked(nascent / _LOCK))
        try:
            if message is not None:
                shutil.copyfile(message, nascent / _MESSAGE)
                fsync_path(nascent / _MESSAGE)
            journal.note(record)
            folder = spool / call_id
            _rename_to_new(nascent, folder)
            fsync_path(spool)
        except OSError:
            journal.close()
            shutil.rmtree(nascent, ignore_errors=True)
            raise
        journal._folder = folder
        return journal

    @classmethod
    def take_over(cls, folder: Path) -> Self | None:
        """The journal of a dead process; None while a living one holds it. Raises JournalCorrupt."""
        try:
            lock = _locked(folder / _LOCK)
        except BlockingIOError:
            return None
        except FileNotFoundError:  # filed and removed while we looked
            return None
        try:
            text = (folder / _FACTS).read_text(encoding="utf-8")
            return cls(_from_json(text), folder, lock)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            os.close(lock)
            if not folder.exists():
                return None
            raise JournalCorrupt(f"{folder.name}: {type(error).__name__}") from error

    @property
    def message_path(self) -> Path | None:
        """Where the caller's message belongs; None when there is no disk for it."""
        return self._folder / _MESSAGE if self._folder else None

    @property
    def talk_folder(self) -> Path | None:
        """Where the two sides of a talk belong; None when there is no disk for them."""
        return self._folder / _TALK if self._folder else None

    def note(self, record: CallRecord) -> None:
        """Keep the facts, first in memory, then durably; raises OSError when the disk refuses."""
        with self._guard:
            self.record = record
            if self._folder is None:
                return
            fresh = self._folder / f"{_FACTS}.new"
            with fresh.open("w", encoding="utf-8") as stream:
                stream.write(_to_json(record))
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self._folder / _FACTS)
            fsync_path(self._folder)

    def last_sign_of_life(self) -> float:
        """Seconds since the epoch of the last write in the folder."""
        if self._folder is None:
            return 0.0
        return max(path.stat().st_mtime for path in self._folder.iterdir())

    def remove(self) -> None:
        """The call is in the books. The folder vanishes at once, so that no half of it is ever found."""
        with self._guard:
            if self._folder is not None:
                filed = self._folder.with_name(f".filed-{self._folder.name}")
                with contextlib.suppress(FileNotFoundError):
                    self._folder.rename(filed)
                shutil.rmtree(filed, ignore_errors=True)
                self._folder = None

    def close(self) -> None:
        """Let go: from now on a sweeper may file what is left. May be called twice."""
        with self._guard:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None


def journals_in(spool: Path) -> list[Path]:
    """Folders of calls, oldest first; removes what a kill left of folders that were filed, or never made."""
    if not spool.is_dir():
        return []
    for filed in spool.glob(".filed-*"):
        shutil.rmtree(filed, ignore_errors=True)
    for nascent in spool.glob(".new-*"):
        if time.time() - _modified(nascent) > _NASCENT_S:
            shutil.rmtree(nascent, ignore_errors=True)
    folders = [path for path in spool.iterdir() if path.is_dir() and _SAFE_ID.fullmatch(path.name)]
    return sorted((path for path in folders if path.name != QUARANTINE), key=_modified)


def is_going_on(folder: Path, now: float) -> bool:
    """Its process may be dead, but its people still talk inside the telephone system: not to be filed yet."""
    try:
        marked_at = (folder / _TALK / SOUND_ELSEWHERE).stat().st_mtime
    except OSError:
        return False
    return now - marked_at < _TALKS_AT_MOST_S


def quarantine(folder: Path) -> Path:
    """Move an unreadable journal, with its sound, to where a person finds it; returns its new place."""
    shelf = folder.parent / QUARANTINE
    shelf.mkdir(exist_ok=True)
    target, again = shelf / folder.name, 1
    while target.exists():
        again += 1
        target = shelf / f"{folder.name}.{again}"
    folder.rename(target)
    fsync_path(shelf)
    return target


def _rename_to_new(nascent: Path, folder: Path) -> None:
    try:
        nascent.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(folder.name) from None
        raise


def _locked(path: Path) -> int:
    """A file descriptor holding the lock; raises BlockingIOError when another one holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # filed by its own process just now
        return 0.0


def _to_json(record: CallRecord) -> str:
    facts = {"format": _FORMAT, **dataclasses.asdict(record)}
    return json.dumps(facts, ensure_ascii=False, indent=1, default=datetime.isoformat)


def _from_json(text: str) -> CallRecord:
    """Raises ValueError, KeyError, TypeError or AttributeError on anything that `_to_json` did not write."""
    facts: dict[str, Any] = json.loads(text)
    if facts.pop("format") != _FORMAT:
        raise ValueError("unknown journal format")
    start = facts.pop("start")
    for name in _INSTANTS:
        facts[name] = _instant(facts.get(name))
    return CallRecord(
        **{
            **facts,
            "start": CallStart(
                **{
                    **start,
                    "direction": CallDirection(start["direction"]),
                    "started_at": datetime.fromisoformat(start["started_at"]),
                }
            ),
            "wish": Wish(facts["wish"]) if facts["wish"] else None,
            "hangup_by": HangupBy(facts["hangup_by"]) if facts["hangup_by"] else None,
            "recording": RecordingFacts(**facts["recording"]) if facts["recording"] else None,
            "talk": RecordingFacts(**facts["talk"]) if facts.get("talk") else None,
            "digits": tuple((digit, at_ms) for digit, at_ms in facts["digits"]),
            "voice_answers": tuple(_voice_answer(answer) for answer in facts.get("voice_answers", ())),
            "emergency_words": tuple(facts.get("emergency_words", ())),
        }
    )


def _voice_answer(facts: dict[str, Any]) -> VoiceAnswer:
    return VoiceAnswer(**{**facts, "verdict": VoiceVerdict(facts["verdict"])})


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
