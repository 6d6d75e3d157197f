"""Garbage, floods and strangers: counted, and a live call keeps its sound."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from ivr.adapters.embedded_sip import Count, EmbeddedSipLine
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.sound import FRAME_SAMPLES, silence
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, Clip, Recorded, SoundEncoding
from tests.contracts.eventually import eventually
from tests.contracts.raw_peer import RawPeer, in_dialog, invite, media_port_of, raw_peer
from tests.contracts.sipp_peer import sipp
from tests.contracts.sounds import read_pcm
from tests.integration.telephony.conftest import running_line

DEADLINE_S = 8


class LiveCall:
    """A call between two lines of ours: this one plays, the far one records what arrives."""

    def __init__(self, line: EmbeddedSipLine, near: SipCall, far: CallControl, tone: Clip, heard: Path) -> None:
        self.line, self.near, self.far, self._tone, self._heard = line, near, far, tone, heard

    async def keeps_its_sound(self, trouble: "asyncio.Future[None]") -> None:
        """Two seconds of tone go through without a gap while the trouble runs."""
        recording = asyncio.create_task(self.far.record(self._heard, max_s=1.8))
        await self.near.play([self._tone], interrupt_on="")
        recorded: Recorded = await asyncio.wait_for(recording, DEADLINE_S)
        await trouble
        frames = read_pcm(recorded.path)[: 85 * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(float)
        loud = np.sqrt((frames**2).mean(axis=1)) > 1000
        assert loud[5:].sum() >= 0.97 * len(loud[5:])
        assert (self.near.end_cause, self.far.end_cause) == (None, None)


@asynccontextmanager
async def live_call(tone: Clip, folder: Path, **changes: object) -> AsyncIterator[LiveCall]:
    arrived: asyncio.Future[CallControl] = asyncio.get_running_loop().create_future()

    async def hold_on(call: CallControl) -> None:
        await call.answer()
        if not arrived.done():
            arrived.set_result(call)
        while True:
            await call.read_digit(60)

    async with running_line(hold_on, **changes) as line, running_line() as other:
        far = await other.dialler.place(f"sip:12345@127.0.0.1:{line.port}", call_id="far", ring_timeout_s=5)
        near = await arrived
        assert isinstance(near, SipCall)
        yield LiveCall(line, near, far, tone, folder / "heard.wav")


async def test_two_hundred_invites_in_a_second_leave_a_live_call_alone(tmp_path: Path, tone: Clip) -> None:
    async with live_call(tone, tmp_path, max_calls=40) as call:
        async with sipp(
            "uac_maybe_full", tmp_path, to_port=call.line.port, calls=200, per_second=200, pause_ms=800
        ) as storm:
            await call.keeps_its_sound(asyncio.ensure_future(storm.passes()))
        assert call.line.counters[Count.CALLS_OVER_LIMIT] >= 100
        assert len(call.line.live_calls) == 1


async def test_garbage_is_counted_and_leaves_a_live_call_alone(tmp_path: Path, tone: Clip) -> None:
    async with live_call(tone, tmp_path) as call, raw_peer() as stranger:
        trouble = asyncio.ensure_future(_send_garbage(stranger, call.line.port, random.Random(7)))
        await call.keeps_its_sound(trouble)
        counters = call.line.counters
        assert counters[Count.NOT_SIP] > 50
        assert counters[Count.MALFORMED_SIP] > 50
        assert counters[Count.OVERSIZE_SIP] > 5


async def _send_garbage(stranger: RawPeer, port: int, dice: random.Random) -> None:
    good = invite(stranger.port, call_id="fuzzed")
    for number in range(600):
        match number % 4:
            case 0:
                data = dice.randbytes(dice.randrange(1, 600))
            case 1:
                data = good[: dice.randrange(1, len(good))]  # truncated
            case 2:
                mutated = bytearray(good)
                for _ in range(dice.randrange(1, 12)):
                    mutated[dice.randrange(len(mutated))] = dice.randrange(256)
                data = bytes(mutated)
            case _:
                data = good + b"x" * (dice.randrange(40_000) if number % 3 == 0 else 10)
        stranger.send(data, port)
        if number % 20 == 0:
            await asyncio.sleep(0.02)


async def test_sound_from_a_stranger_is_counted_and_not_heard(tmp_path: Path, tone: Clip) -> None:
    async with live_call(tone, tmp_path) as call, raw_peer() as stranger:

        async def shout() -> None:
            for number in range(100):
                header = bytes((0x80, 8)) + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"evil"
                stranger.send(header + silence(FRAME_SAMPLES, SoundEncoding.ALAW), call.far.stream.port)  # type: ignore[attr-defined]
                stranger.send(b"\x80\x08garbage", call.near.stream.port)
                await asyncio.sleep(0.01)

        await call.keeps_its_sound(asyncio.ensure_future(shout()))
        assert call.line.counters[Count.STRANGER_RTP] == 100


async def test_malformed_rtp_of_the_peer_itself_is_counted(tmp_path: Path, tone: Clip) -> None:
    async with live_call(tone, tmp_path) as call:
        # the far stream's own socket sends it, so it comes from the agreed address
        for data in (b"\x00", b"\x80\x08short", b"\xff" * 30, b"\x90\x08" + bytes(10) + b"\xbe\xde\xff\xff"):
            call.far.stream._transport.sendto(data, ("127.0.0.1", call.near.stream.port))  # type: ignore[attr-defined]
        await call.keeps_its_sound(asyncio.ensure_future(asyncio.sleep(0)))
        assert call.line.counters[Count.MALFORMED_RTP] >= 3


async def test_a_peer_outside_the_allow_list_gets_no_reply(tmp_path: Path) -> None:
    async with running_line(lambda call: call.answer(), allowed_peers=("10.0.0.0/8",)) as line, raw_peer() as stranger:
        stranger.send(invite(stranger.port), line.port)
        await eventually(lambda: line.counters[Count.STRANGER_SIP] == 1)
        assert stranger.received.empty()
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        assert await asyncio.wait_for(reader.read(), DEADLINE_S) == b""
        writer.close()
        assert line.counters[Count.STRANGER_SIP] == 2


async def test_keys_come_at_the_payload_type_that_was_offered() -> None:
    pressed: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    async def one_key(call: CallControl) -> None:
        await call.answer()
        pressed.set_result(await call.read_digit(DEADLINE_S))

    async with running_line(one_key) as line, raw_peer() as caller:
        caller.send(invite(caller.port, media_port=caller.port), line.port)
        answer = await caller.until(b"SIP/2.0 200")
        assert b"a=rtpmap:96 telephone-event/8000" in answer
        caller.send(in_dialog("ACK", answer, caller.port, 1), line.port)
        event = bytes((9, 0x0A, 0, 160))
        for sequence in range(3):
            packet = bytes((0x80, 96)) + sequence.to_bytes(2, "big") + (4000).to_bytes(4, "big") + b"abcd" + event
            caller.send(packet, media_port_of(answer))
        assert await pressed == "9"


async def test_a_tcp_peer_that_is_out_of_step_oversize_or_slow_is_cut_off(tmp_path: Path) -> None:
    async with running_line() as line:
        for data, kind in (
            (b"GET / HTTP/1.1\r\n\r\n", Count.NOT_SIP),
            (b"OPTIONS sip:x SIP/2.0\r\n" + b"X: y\r\n" * 4000, Count.OVERSIZE_SIP),
            (b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 99999\r\n\r\n", Count.OVERSIZE_SIP),
        ):
            before = line.counters[kind]
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            writer.write(data)
            with contextlib.suppress(ConnectionResetError):  # the same, seen while we were still sending
                assert await asyncio.wait_for(reader.read(), DEADLINE_S) == b""
            writer.close()
            assert line.counters[kind] == before + 1


async def test_messages_split_and_joined_on_tcp_are_cut_by_their_length() -> None:
    options = (
        "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{n}\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:x@b>\r\nCall-ID: c{n}\r\nCSeq: {n} OPTIONS\r\nContent-Length: 4\r\n\r\nbody"
    )
    stream = ("\r\n\r\n" + options.format(n=1) + options.format(n=2)).encode()
    async with running_line() as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        for start in range(0, len(stream), 50):
            writer.write(stream[start : start + 50])
            await writer.drain()
        async with asyncio.timeout(DEADLINE_S):
            assert await reader.readexactly(2) == b"\r\n"  # the ping's answer
            answers = [await reader.readuntil(b"\r\n\r\n") for _ in range(2)]
        assert all(answer.startswith(b"SIP/2.0 200") for answer in answers)
        assert b"CSeq: 2 OPTIONS" in answers[1]
        writer.close()


async def test_requests_that_belong_to_no_call_are_refused_and_kept_nowhere() -> None:
    async with running_line() as line, raw_peer() as caller:
        fake_answer = b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: none\r\n"
        caller.send(in_dialog("BYE", fake_answer, caller.port, 2), line.port)
        assert (await caller.until(b"SIP/2.0")).startswith(b"SIP/2.0 481")
        caller.send(in_dialog("PUBLISH", fake_answer, caller.port, 3), line.port)
        assert (await caller.until(b"SIP/2.0")).startswith(b"SIP/2.0 405")
        caller.send(invite(caller.port, extra="Require: 100rel\r\n"), line.port)
        assert (await caller.until(b"SIP/2.0")).startswith(b"SIP/2.0 420")
        assert line.counters[Count.STRAY_MESSAGES] == 1


async def test_a_caller_whose_sound_stops_is_ended_as_dead() -> None:
    ended = asyncio.Event()
    calls: list[CallControl] = []

    async def listen(call: CallControl) -> None:
        calls.append(call)
        await call.answer()
        try:
            await call.read_digit(DEADLINE_S)
        except CallerHungUp:
            ended.set()

    async with running_line(listen, dead_media_s=0.5) as line, raw_peer() as caller:
        caller.send(invite(caller.port, media_port=caller.port), line.port)
        answer = await caller.until(b"SIP/2.0 200")
        caller.send(in_dialog("ACK", answer, caller.port, 1), line.port)
        for number in range(20):
            header = bytes((0x80, 8)) + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"live"
            caller.send(header + bytes(160), media_port_of(answer))
            await asyncio.sleep(0.02)
        assert not ended.is_set()
        await asyncio.wait_for(ended.wait(), DEADLINE_S)
        assert calls[0].end_cause == "dead_media"
