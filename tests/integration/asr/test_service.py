import threading
import wave
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from asr.adapters.audio_files import AudioFiles
from asr.domain.errors import RecognitionFailed
from asr.domain.events import TranscriptFailed, TranscriptReady
from asr.domain.transcript import Recognised, TranscriptStatus, Word
from asr.models import Transcript
from asr.service import AsrService
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from kit.storage import LocalFileStore
from kit.storage.file_store import FileMissing
from tests.integration.asr.recordings import add_recording
from tests.support.no_rules import NoRules

_WORDS = (Word("路灯", 100, 600, 0.9), Word("不", 600, 700, 1.0), Word("亮", 700, 900, 1.0))


class FakeRecogniser:
    """Hears `words` in everything, or fails as told."""

    sample_rate = 8000

    def __init__(self, words: tuple[Word, ...] = _WORDS) -> None:
        self.words = words
        self.heard: list[bytes] = []
        self.fails = False
        self.both_at_work: threading.Barrier | None = None

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        if self.both_at_work is not None:
            self.both_at_work.wait(timeout=20)
        self.heard.append(pcm)
        if self.fails:
            raise RecognitionFailed("broken")
        return Recognised(self.words, "fake")


@pytest.fixture
def recogniser() -> FakeRecogniser:
    return FakeRecogniser()


@pytest.fixture
def service(database: Database, clock: FixedClock, tmp_path: Path, recogniser: FakeRecogniser) -> AsrService:
    """With recording `r1` in the books and its file `r1.wav` in the store."""
    add_recording(database, clock, "r1", "r1.wav")
    with wave.open(str(tmp_path / "r1.wav"), "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
        stream.writeframes(b"\x01\x00" * 4000)
    return AsrService(database, clock, LocalFileStore(tmp_path), lambda: recogniser, AudioFiles(), NoRules())


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Transcript)) or 0


def test_a_recording_gets_its_words_text_and_confidence(
    service: AsrService, facts: list[Event], clock: FixedClock
) -> None:
    service.transcribe("r1", "r1.wav")
    found = service.transcript("r1")
    assert found is not None
    assert found.status is TranscriptStatus.READY
    assert found.text == "路灯不亮"
    assert found.words == _WORDS
    assert found.mean_confidence == pytest.approx(0.95)
    assert found.model == "fake"
    assert found.failure_code is None
    assert found.created_at == clock.now()
    assert facts == [TranscriptReady("r1")]


def test_a_recording_without_words_gets_an_empty_transcript(
    service: AsrService, recogniser: FakeRecogniser, facts: list[Event]
) -> None:
    recogniser.words = ()
    service.transcribe("r1", "r1.wav")
    found = service.transcript("r1")
    assert found is not None
    assert (found.status, found.text, found.mean_confidence) == (TranscriptStatus.EMPTY, "", None)
    assert facts == [TranscriptReady("r1")]


def test_transcribing_again_changes_nothing_and_recognises_nothing(
    service: AsrService, recogniser: FakeRecogniser, database: Database, facts: list[Event]
) -> None:
    service.transcribe("r1", "r1.wav")
    service.transcribe("r1", "r1.wav")
    service.give_up("r1", "too.late")
    assert _count(database) == 1
    assert len(recogniser.heard) == 1
    assert facts == [TranscriptReady("r1")]


def test_two_workers_with_the_same_recording_store_one_transcript(
    service: AsrService, recogniser: FakeRecogniser, database: Database, facts: list[Event]
) -> None:
    recogniser.both_at_work = threading.Barrier(2)
    workers = [threading.Thread(target=service.transcribe, args=("r1", "r1.wav")) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert len(recogniser.heard) == 2
    assert _count(database) == 1
    assert facts == [TranscriptReady("r1")]


def test_a_file_that_is_no_audio_is_given_up_at_once(service: AsrService, tmp_path: Path, facts: list[Event]) -> None:
    (tmp_path / "r1.wav").write_bytes(b"garbage" * 1000)
    service.transcribe("r1", "r1.wav")
    found = service.transcript("r1")
    assert found is not None
    assert (found.status, found.text, found.failure_code) == (TranscriptStatus.FAILED, "", "audio.unreadable")
    assert facts == [TranscriptFailed("r1")]


def test_a_recogniser_that_fails_leaves_the_recording_open_for_another_try(
    service: AsrService, recogniser: FakeRecogniser, facts: list[Event]
) -> None:
    recogniser.fails = True
    with pytest.raises(RecognitionFailed):
        service.transcribe("r1", "r1.wav")
    assert service.transcript("r1") is None
    recogniser.fails = False
    service.transcribe("r1", "r1.wav")
    assert facts == [TranscriptReady("r1")]


def test_a_file_that_is_not_there_yet_leaves_the_recording_open(service: AsrService) -> None:
    with pytest.raises(FileMissing):
        service.transcribe("r1", "elsewhere.wav")
    assert service.transcript("r1") is None


def test_giving_up_says_why_and_is_final(service: AsrService, recogniser: FakeRecogniser, facts: list[Event]) -> None:
    service.give_up("r1", "asr.no_answer_in_time")
    service.give_up("r1", "another.reason")
    service.transcribe("r1", "r1.wav")
    found = service.transcript("r1")
    assert found is not None
    assert (found.status, found.failure_code) == (TranscriptStatus.FAILED, "asr.no_answer_in_time")
    assert recogniser.heard == []
    assert facts == [TranscriptFailed("r1")]


def test_an_unknown_recording_is_an_error_not_a_race(service: AsrService, facts: list[Event]) -> None:
    with pytest.raises(IntegrityError):
        service.give_up("nobody", "code")
    assert facts == []


def test_the_recogniser_is_not_loaded_until_it_is_needed(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    def never() -> FakeRecogniser:
        raise AssertionError("loaded")

    add_recording(database, clock, "r1", "r1.wav")
    service = AsrService(database, clock, LocalFileStore(tmp_path), never, AudioFiles(), NoRules())
    service.give_up("r1", "code")
    service.transcribe("r1", "r1.wav")
