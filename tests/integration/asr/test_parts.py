"""Long recordings in parts: with the real recogniser the text of one go; with two sides, on one timeline."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.demo.voice import character_error_rate, synthesise
from app.schema import METADATA
from asr.adapters.audio_files import AudioFiles
from asr.adapters.pause_cutter import PauseCutter
from asr.adapters.vosk import VoskRecogniser
from asr.domain.audio.cutting import CutRules, Stretch
from asr.domain.events import RecordingDivided, TranscriptFailed, TranscriptReady
from asr.domain.transcript import Recognised, TranscriptFacts, Word
from asr.domain.words import Speaker
from asr.models import Transcript, TranscriptPart
from asr.ports import Cutter, Side, Sound
from asr.service import AsrService
from config.settings import ROOT
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from kit.storage import LocalFileStore
from tests.integration.asr.recordings import add_recording
from tests.support.no_rules import NoRules

_SAID = (
    "您好，我想反映一下人民路路灯不亮的问题，已经三天了，希望尽快解决，谢谢。"
    "小区门口的井盖坏了，晚上走路很危险，请尽快来修理。"
    "我家里停水两天了，打物业电话没有人接，请帮忙联系自来水公司。"
)


class TwoSides(AudioFiles):
    """Every file: ten seconds, the agent's samples are ones, the citizen's twos."""

    def decode(self, path: Path, sample_rate: int) -> Sound:
        sides = [Side(who, level * 10 * sample_rate) for who, level in _LEVELS.items()]
        return Sound(sample_rate, tuple(sides), None)


_LEVELS = {Speaker.AGENT: b"\x01\x00", Speaker.CITIZEN: b"\x02\x00"}


class EveryFourSeconds:
    def cut(self, pcm: bytes, sample_rate: int) -> Sequence[Stretch]:
        return [Stretch(0, 4000), Stretch(4000, 8000), Stretch(8000, 10000)]


class Namer:
    """Hears one word half a second after the start, which names the side by its samples and tells the length."""

    sample_rate = 8000
    at_work: threading.Barrier | None = None

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        if self.at_work is not None:
            self.at_work.wait(timeout=20)
        return Recognised((Word(f"{pcm[0]}x{len(pcm) // 16000}", 500, 900, 1.0),), "namer")


@pytest.fixture
def recogniser() -> Namer:
    return Namer()


@pytest.fixture
def call(database: Database, clock: FixedClock, tmp_path: Path, recogniser: Namer) -> AsrService:
    """A recording of a call, `r1`, that is to be cut."""
    add_recording(database, clock, "r1", "r1.wav")
    (tmp_path / "r1.wav").touch()
    files, cutter = LocalFileStore(tmp_path), EveryFourSeconds()
    return AsrService(database, clock, files, lambda: recogniser, TwoSides(), NoRules(), cutter)


def _transcript(service: AsrService) -> TranscriptFacts:
    found = service.transcript("r1")
    assert found is not None
    return found


def _rows(database: Database, model: type[Transcript] | type[TranscriptPart]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_both_sides_of_a_call_are_cut_and_stand_on_one_timeline(call: AsrService, facts: list[Event]) -> None:
    call.transcribe("r1", "r1.wav")
    assert facts == [RecordingDivided("r1")]
    for part in reversed(call.open_parts("r1")):
        call.transcribe_part("r1", "r1.wav", part.part_no)
    words = [(word.speaker, word.text, word.start_ms) for word in _transcript(call).words]
    agent, citizen = Speaker.AGENT, Speaker.CITIZEN
    assert words == [
        (agent, "1x4", 500), (citizen, "2x4", 500), (agent, "1x4", 4500), (citizen, "2x4", 4500),
        (agent, "1x2", 8500), (citizen, "2x2", 8500),
    ]  # fmt: skip
    assert facts[1:] == [TranscriptReady("r1")]


def test_a_recording_is_cut_once_however_often_it_is_to_be_transcribed(
    call: AsrService, database: Database, facts: list[Event]
) -> None:
    for _ in range(3):
        call.transcribe("r1", "r1.wav")
    assert _rows(database, TranscriptPart) == 6
    assert facts == [RecordingDivided("r1")]


def test_workers_who_finish_the_last_parts_together_store_one_transcript(
    call: AsrService, recogniser: Namer, database: Database, facts: list[Event]
) -> None:
    call.transcribe("r1", "r1.wav")
    *before, last, very_last = call.open_parts("r1")
    for part in before:
        call.transcribe_part("r1", "r1.wav", part.part_no)
    recogniser.at_work = threading.Barrier(2)
    workers = [
        threading.Thread(target=call.transcribe_part, args=("r1", "r1.wav", part.part_no)) for part in (last, very_last)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert (_rows(database, Transcript), _rows(database, TranscriptPart)) == (1, 0)
    assert facts.count(TranscriptReady("r1")) == 1


def test_giving_up_ends_the_parts_too(call: AsrService, database: Database, facts: list[Event]) -> None:
    call.transcribe("r1", "r1.wav")
    first, *_ = call.open_parts("r1")
    call.give_up("r1", "asr.recogniser_killed")
    call.transcribe_part("r1", "r1.wav", first.part_no)
    assert call.open_parts("r1") == []
    assert facts[1:] == [TranscriptFailed("r1")]


def test_the_text_of_the_parts_is_as_good_as_that_of_one_go_and_its_words_stand_at_the_same_time(
    clock: FixedClock, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hotline.sqlite3'}")
    METADATA.create_all(database.engine)
    real = VoskRecogniser(ROOT / "asr" / "models" / "mini-cn")
    synthesise(_SAID, tmp_path / "long.wav", voice="m3")

    def heard(recording_id: str, cutter: Cutter | None) -> TranscriptFacts:
        add_recording(database, clock, recording_id, f"{recording_id}.wav")
        (tmp_path / f"{recording_id}.wav").hardlink_to(tmp_path / "long.wav")
        files, audio = LocalFileStore(tmp_path), AudioFiles()
        service = AsrService(database, clock, files, lambda: real, audio, NoRules(), cutter)
        service.transcribe(recording_id, f"{recording_id}.wav")
        for part in service.open_parts(recording_id):
            service.transcribe_part(recording_id, f"{recording_id}.wav", part.part_no)
        found = service.transcript(recording_id)
        assert found is not None
        return found

    whole = heard("whole", None)
    parts = heard("parts", PauseCutter(CutRules(from_s=15, part_min_s=6, part_max_s=10)))
    assert character_error_rate(_SAID, parts.text) <= character_error_rate(_SAID, whole.text) + 0.03
    for index in (0, -1):
        assert abs(parts.words[index].start_ms - whole.words[index].start_ms) < 200
