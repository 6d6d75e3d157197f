"""A process that takes a call and records it into the spool until it is killed: `python -m … SPOOL`.

Prints `spoken` once two seconds are in the file, then goes on holding the call.
"""

import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.simulated import Say
from ivr.adapters.wav_recorder import RecordingWriter
from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallRecord, CallStart
from ivr.domain.menu import Wish
from ivr.journal import CallJournal

SPOKEN_S = 2
DEADLINE_S = 20


def main(spool: Path) -> None:
    now = datetime.now(UTC)
    start = CallStart("killed1", CallDirection.INBOUND, "12345", "+8613900000001", now)
    journal = CallJournal.create(spool, CallRecord(start, "telephony-killed"))
    journal.note(replace(journal.record, answered_at=now, wish=Wish.MESSAGE, recording_started_at=now))
    path = journal.message_path
    assert path is not None
    recording = RecordingWriter().open(path, on_failed=lambda: None)
    sound = Say(SPOKEN_S).sound()
    recording.write(sound)
    deadline = time.monotonic() + DEADLINE_S
    moment = threading.Event()
    while not path.exists() or path.stat().st_size < len(sound):
        assert time.monotonic() < deadline
        moment.wait(0.01)
    sys.stdout.write("spoken\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
