"""Recordings to transcribe: the rows that a transcript refers to, and files for them."""

from ivr.domain.call import CallDirection, CallStatus
from ivr.models import Call, Recording
from kit.clock import Clock
from kit.db import Database


def add_recording(database: Database, clock: Clock, recording_id: str, file_key: str) -> None:
    with database.transaction() as tx:
        tx.session.add(
            Call(
                id=recording_id,
                direction=CallDirection.INBOUND,
                line="12345",
                caller="13900000001",
                status=CallStatus.ENDED,
                started_at=clock.now(),
                telephony_id="test",
            )
        )
        tx.session.flush()
        tx.session.add(
            Recording(
                id=recording_id,
                call_id=recording_id,
                file_key=file_key,
                size_bytes=1,
                sha256="0" * 64,
                sample_rate=8000,
                duration_ms=1000,
                started_at=clock.now(),
            )
        )
