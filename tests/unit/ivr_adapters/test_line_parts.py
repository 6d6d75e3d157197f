"""Small parts of the embedded line: keys in INFO, peers, targets, counters, the ear, G.711, the frame clock."""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest
import structlog

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.dialler import failure_of_status
from ivr.adapters.embedded_sip.ear import Ear
from ivr.adapters.embedded_sip.info_digits import digit_of_info
from ivr.adapters.embedded_sip.peers import PeerList
from ivr.adapters.embedded_sip.rtp_stream import NoFreePort, RtpPorts
from ivr.adapters.embedded_sip.targets import target_of
from ivr.adapters.frame_clock import FrameClock, Turn
from ivr.adapters.sound import SoundShelf, decode, encode, silence
from ivr.domain.errors import PromptMissing
from ivr.ports import Clip, DialFailed, DialFailure, SoundEncoding
from tests.contracts.sounds import tone, write_wav


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160", "5"),
        ("application/dtmf-relay", "Signal= #\r\n", "#"),
        ("Application/DTMF-Relay; charset=x", "duration=1\r\nsignal=10", "*"),
        ("application/dtmf", "11", "#"),
        ("application/dtmf", "7\r\n", "7"),
        ("application/dtmf", "D", None),
        ("application/dtmf-relay", "Signal=", None),
        ("text/plain", "5", None),
    ],
)
def test_the_key_of_an_info_is_found(kind: str, body: str, digit: str | None) -> None:
    assert digit_of_info(kind, body) == digit


def test_only_listed_and_trusted_peers_are_let_in() -> None:
    peers = PeerList(["10.1.0.0/16", "192.0.2.7"])
    assert [peers.allows(host) for host in ("10.1.2.3", "192.0.2.7", "10.2.0.1", "::1", "phone")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    with peers.trusting("10.2.0.1"), peers.trusting("10.2.0.1"):
        assert peers.allows("10.2.0.1")
    assert not peers.allows("10.2.0.1")


def test_a_wrong_network_in_the_allow_list_is_named_at_the_start() -> None:
    with pytest.raises(ValueError, match="everybody"):
        PeerList(["everybody"])


def test_a_number_goes_to_the_trunk_and_a_uri_to_its_host() -> None:
    at_trunk = target_of("+86 139-0000 0001", "trunk.example:5070;transport=tcp")
    assert (at_trunk.user, at_trunk.domain, at_trunk.port, at_trunk.transport, at_trunk.is_trunk) == (
        "+8613900000001", "trunk.example", 5070, "TCP", True,
    )  # fmt: skip
    direct = target_of("sip:8001@192.0.2.4", "trunk.example")
    assert (direct.domain, direct.port, direct.transport, direct.is_trunk) == ("192.0.2.4", 5060, "UDP", False)
    with pytest.raises(DialFailed):
        target_of("119; rm", "trunk.example")


def test_unknown_statuses_are_sorted_by_their_class() -> None:
    assert [failure_of_status(status) for status in (302, 499, 504, 699)] == [
        DialFailure.UNREACHABLE, DialFailure.UNREACHABLE, DialFailure.CONGESTED, DialFailure.UNREACHABLE,
    ]  # fmt: skip


def test_oddities_are_all_counted_but_logged_once_in_a_while() -> None:
    counters = Counters()
    with structlog.testing.capture_logs() as logs:
        for _ in range(1000):
            counters.odd(Count.NOT_SIP)
    assert counters[Count.NOT_SIP] == counters.snapshot()["not_sip"] == 1000
    assert len(logs) == 1


def test_the_ear_hears_a_beep_end_and_a_voice_fall_silent() -> None:
    ear = Ear()
    voice = b"".join(tone(0.04, hertz=150 + 97 * (step % 23)) for step in range(25))
    ear.hear(voice)
    assert not ear.beeped.is_set()
    ear.hear(tone(1.0, amplitude=0))
    assert not ear.quiet.is_set()
    ear.hear(tone(0.4, amplitude=0))
    assert ear.quiet.is_set()
    ear.start_over()
    ear.hear(tone(0.3, hertz=1000))
    assert not ear.beeped.is_set()
    ear.hear(tone(0.1, amplitude=0))
    assert ear.beeped.is_set()


@pytest.mark.parametrize("encoding", list(SoundEncoding))
def test_sound_survives_the_telephone_codecs_with_its_polarity(encoding: SoundEncoding) -> None:
    original = np.frombuffer(tone(0.1), dtype="<i2").astype(float)
    back = np.frombuffer(decode(encode(tone(0.1), encoding), encoding), dtype="<i2").astype(float)
    assert np.corrcoef(original, back)[0, 1] > 0.999
    quiet = np.frombuffer(decode(silence(160, encoding), encoding), dtype="<i2")
    assert len(quiet) == 160
    assert np.abs(quiet).max() <= 8


async def test_a_clip_is_read_once_and_a_bad_one_is_named(tmp_path: Path) -> None:
    shelf = SoundShelf()
    clip = Clip("hello", write_wav(tmp_path / "hello.wav", tone(0.1)))
    first = await shelf.sound_of([clip, clip], SoundEncoding.ALAW)
    clip.path.unlink()
    assert await shelf.sound_of([clip, clip], SoundEncoding.ALAW) == first
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    for missing in (Clip("gone", tmp_path / "gone.wav"), Clip("bad", tmp_path / "bad.wav")):
        with pytest.raises(PromptMissing, match=missing.key):
            await shelf.sound_of([missing], SoundEncoding.ALAW)


@pytest.fixture
def counters() -> Counters:
    return Counters()


async def test_the_clock_ticks_fifty_times_a_second_and_survives_a_broken_member(counters: Counters) -> None:
    class Member:
        ticks = 0

        def tick(self) -> None:
            self.ticks += 1

    class Broken:
        def tick(self) -> None:
            raise ValueError("planted")

    clock, member, broken = FrameClock(lambda: counters.add(Count.LATE_TICKS)), Member(), Broken()
    clock.add(broken, {Turn.HEAR: broken.tick, Turn.SEND: broken.tick})
    clock.add(member, {Turn.SEND: member.tick})
    started = time.monotonic()
    await asyncio.sleep(0.5)
    clock.remove(member)
    due = (time.monotonic() - started) * 50
    assert due - 6 <= member.ticks <= due + 2  # a busy machine sleeps longer, and the clock catches up


async def test_in_a_tick_everybody_hears_before_anybody_mixes_or_sends() -> None:
    done: list[str] = []
    clock, sent = FrameClock(lambda: None), asyncio.Event()
    clock.add("late", {Turn.SEND: sent.set, Turn.HEAR: lambda: done.append("second hears")})
    clock.add("hub", {Turn.MIX: lambda: done.append("mixes")})
    clock.add("early", {Turn.HEAR: lambda: done.append("third hears")})
    await asyncio.wait_for(sent.wait(), 5)
    assert done == ["second hears", "third hears", "mixes"]
    for member in ("late", "hub", "early"):
        clock.remove(member)


async def test_ports_run_out_by_name_and_come_back_after_a_rest() -> None:
    ports = RtpPorts("127.0.0.1", 24990, 24993)
    taken = [ports.open(), ports.open()]
    assert all(port % 2 == 0 for _, port in taken)
    with pytest.raises(NoFreePort):
        ports.open()
    for bound, _ in taken:
        bound.close()
