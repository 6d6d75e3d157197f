"""The operator's test phone, against a line that greets, beeps, records and says goodbye."""

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.embedded_sip.test_phone import KeysWrong, TimedKey, place_test_call
from ivr.ports import CallControl, Clip, Recorded
from kit.net import free_port
from tests.contracts.sounds import tone, write_tone, write_wav
from tests.integration.telephony.conftest import TEST_CONFIG, running_line

PHONE_CONFIG = replace(TEST_CONFIG, max_calls=1)


class LittleHotline:
    def __init__(self, folder: Path) -> None:
        voice = like_speech()
        self.greeting = Clip("greeting", write_wav(folder / "greeting.wav", voice))
        self.beep = Clip("beep", write_tone(folder / "beep.wav", seconds=0.3, hertz=1000))
        self.message_path = folder / "message.wav"
        self.keys: list[str | None] = []
        self.message: Recorded | None = None

    async def __call__(self, call: CallControl) -> None:
        await call.answer()
        self.keys.append(await call.play([self.greeting]) or await call.read_digit(5))
        await call.play([self.beep], interrupt_on="")
        self.message = await call.record(self.message_path, max_s=10, stop_on="#")


def like_speech() -> bytes:
    """Something that is no pure tone: two seconds of mixed tones, like a voice to a beep detector."""
    return b"".join(tone(0.04, hertz=150 + 97 * (step % 23)) for step in range(50))


async def test_it_presses_keys_speaks_after_the_beep_and_reports_what_it_heard(tmp_path: Path) -> None:
    hotline = LittleHotline(tmp_path)
    voice = write_tone(tmp_path / "voice.wav", seconds=1.0, hertz=300)
    async with running_line(hotline) as line:
        report = await place_test_call(
            f"sip:12345@127.0.0.1:{line.port}",
            heard_wav=tmp_path / "heard.wav",
            wav=voice,
            keys=[TimedKey("1", 0.3), TimedKey("#", 0.3)],
            voice_after="beep",
            config=PHONE_CONFIG,
        )
    assert hotline.keys == ["1"]
    assert hotline.message is not None
    assert hotline.message.ended_by == "digit"
    assert 900 <= hotline.message.speech_ms <= 1200
    assert report.answer_ms is not None
    assert (report.digits_sent, report.ended_by, report.cause) == ("1#", "line", "bye")
    assert report.heard_ms >= 500
    assert report.heard_wav.is_file()


async def test_it_hangs_up_by_itself_after_its_stay(tmp_path: Path) -> None:
    async with running_line(LittleHotline(tmp_path)) as line:
        report = await place_test_call(
            f"sip:12345@127.0.0.1:{line.port}", heard_wav=tmp_path / "heard.wav", stay_s=0.3, config=PHONE_CONFIG
        )
    assert (report.ended_by, report.cause) == ("phone", "local_bye")
    assert 250 <= report.duration_ms <= 2000


async def test_a_call_that_nobody_takes_is_reported_with_its_cause(tmp_path: Path) -> None:
    report = await place_test_call(
        f"sip:12345@127.0.0.1:{free_port()}", heard_wav=tmp_path / "heard.wav", config=PHONE_CONFIG
    )
    assert (report.answer_ms, report.ended_by, report.cause) == (None, "not_answered", "unreachable: unreachable")


async def test_a_key_that_no_telephone_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysWrong):
        await place_test_call("sip:12345@127.0.0.1:9", heard_wav=tmp_path / "heard.wav", keys="1,x")
