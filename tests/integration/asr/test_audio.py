"""Every format in, the same text out; and what bad files get. Real ffmpeg, real recogniser, held-out voices."""

import contextlib
import os
import shutil
import struct
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from app.demo.voice import HELD_OUT_VOICES, synthesise
from asr.adapters.audio_files import AudioFiles
from asr.adapters.audio_stream import AudioLimits
from asr.adapters.ffmpeg import Ffmpeg, packaged_program
from asr.adapters.vosk import VoskRecogniser
from asr.domain.audio.audio_quality import QualityFlag
from asr.domain.errors import AudioTooLarge, AudioTooLong, AudioUnreadable, DecoderMissing
from asr.domain.words import Speaker
from asr.ports import AudioFacts
from config.settings import ROOT
from kit import speech_synthesis
from tests.support.encoded_audio import FORMS, encode, encoded
from tests.support.waiting import eventually

_SENTENCE = "我们小区已经三天没有热水了。"
_ANSWER = "请问护照怎么办理，需要带什么证件。"


@pytest.fixture(scope="module")
def recogniser() -> VoskRecogniser:
    return VoskRecogniser(ROOT / "asr" / "models" / "mini-cn")


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sentence by three voices that the model was not trained on."""
    folder = tmp_path_factory.mktemp("voices")
    paths = {voice: folder / f"{voice}.wav" for voice in ("m3", "f4", "Annie")}
    for voice, path in paths.items():
        synthesise(_SENTENCE, path, voice)
    return paths


@pytest.fixture
def said(tmp_path: Path, voices: dict[str, Path]) -> Path:
    return Path(shutil.copy(voices["f4"], tmp_path / "said.wav"))


def _silence(path: Path, seconds: int) -> Path:
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
        stream.writeframes(bytes(16_000 * seconds))
    return path


def _code(path: Path, limits: AudioLimits | None = None) -> str:
    with pytest.raises(AudioUnreadable) as caught:
        AudioFiles(limits).decode(path, 8000)
    assert str(path.parent) not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize("form", FORMS)
def test_one_sentence_gives_the_same_text_in_every_format(
    recogniser: VoskRecogniser, tmp_path: Path, voices: dict[str, Path], form: str
) -> None:
    for voice, spoken in voices.items():
        path = Path(shutil.copy(spoken, tmp_path / "said.wav"))
        (side,) = AudioFiles().decode(encoded(path, form), 8000).sides
        assert recogniser.recognise(side.pcm, 8000).text == _SENTENCE.rstrip("。"), voice


@pytest.mark.parametrize(
    ("form", "name", "rate"), [("amr", "amr", 8000), ("m4a", "mov", 16000), ("webm", "matroska", 48000)]
)
def test_a_look_tells_format_length_rate_and_channels(said: Path, form: str, name: str, rate: int) -> None:
    facts = AudioFiles().probe(encoded(said, form))
    real = AudioFiles().probe(said)
    assert real == AudioFacts("wav", real.duration_ms, 8000, 1)
    assert (facts.format, facts.sample_rate, facts.channels) == (name, rate, 1)
    assert facts.duration_ms == pytest.approx(real.duration_ms, rel=0.1)


def test_the_content_decides_what_a_file_is_and_not_its_name(said: Path) -> None:
    wrong = encoded(said, "mp3").rename(said.with_name("message.wav"))
    assert len(AudioFiles().decode(wrong, 8000).sides[0].pcm) > 16000


@pytest.mark.parametrize("form", ["mp3", "amr", "flac"])
def test_a_file_cut_off_in_its_middle_is_heard_up_to_there(said: Path, form: str) -> None:
    path = encoded(said, form)
    whole = len(AudioFiles().decode(path, 8000).sides[0].pcm)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0.3 * whole < len(AudioFiles().decode(path, 8000).sides[0].pcm) < 0.7 * whole


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "audio.empty"),
        (b"x", "audio.unreadable"),
        (b"only text " * 1000, "audio.unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "audio.unreadable"),
        (b"OggS" + b"\x00" * 100, "audio.unreadable"),
        (b"fLaC" + b"\xff" * 1000, "audio.unreadable"),
    ],
)
def test_what_is_no_audio_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "message.mp3"
    path.write_bytes(content)
    assert _code(path) == code
    with pytest.raises(AudioUnreadable) as caught:
        AudioFiles().probe(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{said}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{said}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    ],
)
def test_a_list_that_names_other_files_is_never_followed(said: Path, playlist: str) -> None:
    path = said.with_name("message.mp3")
    path.write_text(playlist.format(said=said))
    assert _code(path) == "audio.unreadable"


def test_twelve_channels_are_refused_and_eight_are_mixed(tmp_path: Path) -> None:
    for channels in (8, 12):
        with wave.open(str(tmp_path / f"{channels}.wav"), "wb") as stream:
            stream.setparams((channels, 2, 8000, 0, "NONE", ""))
            stream.writeframes(b"\x00\x10" * channels * 8000)
    sound = AudioFiles().decode(encode(tmp_path / "8.wav", tmp_path / "8.flac"), 8000)
    assert [len(side.pcm) for side in sound.sides] == [16000]
    assert _code(tmp_path / "12.wav") == "audio.too_many_channels"


def test_a_small_file_that_grows_beyond_an_hour_is_refused(tmp_path: Path) -> None:
    minute = _silence(tmp_path / "minute.wav", 60)
    bomb = tmp_path / "bomb.flac"
    subprocess.run(
        [packaged_program(), "-v", "error", "-stream_loop", "60", "-i", minute, "-compression_level", "0", bomb],
        check=True,
    )
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(AudioTooLong):
        AudioFiles().probe(bomb)
    assert _code(bomb) == "audio.too_long"


def test_ten_hours_of_silence_are_refused_without_hearing_them(tmp_path: Path) -> None:
    path = _silence(tmp_path / "long.wav", 0)
    os.truncate(path, 36_000 * 16_000)
    data = bytearray(path.read_bytes()[:44])
    struct.pack_into("<I", data, 40, 36_000 * 16_000 - 44)
    with path.open("r+b") as file:
        file.write(data)
    assert _code(path) == "audio.too_large"
    with pytest.raises(AudioTooLong):
        AudioFiles(AudioLimits(max_bytes=1 << 30)).probe(path)


def test_what_comes_out_of_the_decoder_is_bounded_in_bytes(said: Path) -> None:
    assert _code(encoded(said, "opus.ogg"), AudioLimits(max_decoded_bytes=100_000)) == "audio.too_large"
    with pytest.raises(AudioTooLarge):
        AudioFiles(AudioLimits(max_bytes=1000)).probe(said)


def test_a_decoder_that_hangs_is_ended_with_all_its_children(tmp_path: Path, said: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\ntail -f {said} & wait\n")
    program.chmod(0o755)
    with pytest.raises(AudioTooLong):
        AudioFiles(None, Ffmpeg(str(program), timeout_s=1.0)).decode(encoded(said, "mp3"), 8000)
    eventually(lambda: not any(str(said).encode() in command for command in _running_commands()), 10)


def _running_commands() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found.append(path.read_bytes())
    return found


def test_without_ffmpeg_foreign_formats_wait_and_plain_wav_is_still_heard(said: Path) -> None:
    bare = AudioFiles(None, Ffmpeg("no-such-program-here"))
    assert bare.decode(said, 8000).sides[0].pcm
    with pytest.raises(DecoderMissing):
        bare.decode(encoded(said, "mp3"), 8000)


@pytest.mark.parametrize("form", ["wav", "ogg"])
def test_a_call_in_stereo_has_two_speakers_on_one_timeline(
    recogniser: VoskRecogniser, tmp_path: Path, form: str
) -> None:
    agent, citizen = (
        np.frombuffer(speech_synthesis.synthesise(text, voice=voice, rate_wpm=175), np.int16)
        for text, voice in ((_ANSWER, "m3"), (_SENTENCE, "f4"))
    )
    call = np.zeros((len(agent) + len(citizen), 2), np.int16)
    call[: len(agent), 0], call[len(agent) :, 1] = agent, citizen
    path = tmp_path / "call.wav"
    with wave.open(str(path), "wb") as stream:
        stream.setparams((2, 2, 8000, 0, "NONE", ""))
        stream.writeframes(call.tobytes())
    if form == "ogg":
        path = encode(path, tmp_path / "call.ogg", "-c:a", "libopus", "-b:a", "96k")
    sound = AudioFiles().decode(path, 8000)
    heard = {side.speaker: recogniser.recognise(side.pcm, 8000) for side in sound.sides}
    assert heard[Speaker.AGENT].text == _ANSWER.rstrip("。").replace("，", "")
    assert heard[Speaker.CITIZEN].text == _SENTENCE.rstrip("。")
    assert heard[Speaker.CITIZEN].words[0].start_ms >= len(agent) / 8 - 300
    written = AudioFiles().to_wav(path, tmp_path / "written.wav")
    assert (written.channels, written.sample_rate) == (2, min(8000 if path.suffix == ".wav" else 48000, 16000))


@pytest.mark.parametrize("form", ["amr", "webm", "a-law.wav"])
def test_the_written_wav_is_plain_and_gives_the_same_text(
    recogniser: VoskRecogniser, said: Path, tmp_path: Path, form: str
) -> None:
    written = AudioFiles().to_wav(encoded(said, form), tmp_path / "written.wav")
    with wave.open(str(tmp_path / "written.wav")) as stream:
        assert (stream.getsampwidth(), stream.getnchannels()) == (2, 1)
        assert stream.getframerate() == written.sample_rate <= 16000
        assert stream.getnframes() * 1000 / stream.getframerate() == pytest.approx(written.duration_ms, abs=1)
    assert 1000 < written.speech_ms <= written.duration_ms
    sound = AudioFiles().decode(tmp_path / "written.wav", 8000)
    assert recogniser.recognise(sound.sides[0].pcm, 8000).text == _SENTENCE.rstrip("。")


def test_nothing_is_written_for_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"garbage")
    with pytest.raises(AudioUnreadable):
        AudioFiles().to_wav(tmp_path / "source", tmp_path / "target.wav")
    assert not (tmp_path / "target.wav").exists()


@pytest.mark.parametrize("voice", [*HELD_OUT_VOICES, "", "m1", "f2", "croak", "whisper", "whisperf"])
def test_no_voice_is_taken_for_noise_not_even_whispering_in_noise(tmp_path: Path, voice: str) -> None:
    speech = np.frombuffer(speech_synthesis.synthesise(_SENTENCE, voice=voice), np.int16).astype(float)
    noise = np.random.default_rng(5).normal(size=len(speech)) * np.sqrt(np.mean(speech**2)) * 10 ** (-15 / 20)
    for sound in (speech, speech / 4, (speech + noise) / 2):
        with wave.open(str(tmp_path / "a.wav"), "wb") as stream:
            stream.setparams((1, 2, 8000, 0, "NONE", ""))
            stream.writeframes(np.round(sound).astype("<i2").tobytes())
        quality = AudioFiles().decode(tmp_path / "a.wav", 8000).quality
        assert quality is not None
        assert QualityFlag.NOT_SPEECH not in quality.flags


def test_english_is_speech_and_gets_whatever_the_model_makes_of_it(recogniser: VoskRecogniser, tmp_path: Path) -> None:
    path = tmp_path / "english.wav"
    subprocess.run(["espeak-ng", "-v", "en", "-w", path, "The street lamp in front of my house is broken."], check=True)
    sound = AudioFiles().decode(path, 8000)
    assert sound.quality is not None
    assert sound.quality.flags == ()
    assert all("一" <= character <= "鿿" for character in recogniser.recognise(sound.sides[0].pcm, 8000).text)


def test_speech_clipped_by_40_db_is_named_and_still_decoded(said: Path) -> None:
    loud = encode(said, said.with_name("loud.wav"), "-af", "volume=40dB")
    sound = AudioFiles().decode(loud, 8000)
    assert sound.quality is not None
    assert QualityFlag.CLIPPED in sound.quality.flags
    assert QualityFlag.NOT_SPEECH not in sound.quality.flags


def test_a_voice_softer_by_44_db_is_named_and_understood_all_the_same(recogniser: VoskRecogniser, said: Path) -> None:
    soft = encode(said, said.with_name("soft.wav"), "-af", "volume=-44dB")
    sound = AudioFiles().decode(soft, 8000)
    assert sound.quality is not None
    assert QualityFlag.TOO_QUIET in sound.quality.flags
    assert recogniser.recognise(sound.sides[0].pcm, 8000).text == _SENTENCE.rstrip("。")
