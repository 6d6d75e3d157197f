"""Inbound calls by SIPp: set-up, refusal, keys, hold and every way to end, judged by SIPp's own scenario."""

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.embedded_sip import Count
from ivr.ports import CallControl
from tests.contracts.eventually import eventually
from tests.contracts.raw_peer import in_dialog, invite, raw_peer
from tests.contracts.sipp_peer import sipp
from tests.integration.telephony.conftest import running_line

DEADLINE_S = 8


class Script:
    """An `on_call` that picks up once it may, listens for keys until the end, and keeps the calls for the test."""

    def __init__(self, *, waits: bool = False) -> None:
        self.may_answer = asyncio.Event()
        if not waits:
            self.may_answer.set()
        self.calls: list[CallControl] = []
        self.ended = asyncio.Event()

    async def __call__(self, call: CallControl) -> None:
        self.calls.append(call)
        try:
            await self.may_answer.wait()
            await call.answer()
            while True:
                await call.read_digit(5)
        finally:
            self.ended.set()

    async def causes(self) -> list[str | None]:
        async with asyncio.timeout(DEADLINE_S):
            await self.ended.wait()
        return [call.end_cause for call in self.calls]


@pytest.mark.parametrize("over_tcp", [False, True], ids=["udp", "tcp"])
async def test_an_ordinary_call_is_picked_up_and_ends_by_the_callers_bye(tmp_path: Path, over_tcp: bool) -> None:
    script = Script()
    async with running_line(script) as line, sipp("uac_call", tmp_path, to_port=line.port, over_tcp=over_tcp) as caller:
        await caller.passes()
        assert await script.causes() == ["bye"]
        assert (script.calls[0].caller, script.calls[0].line) == ("13900000001", "12345")
        assert line.live_calls == ()


async def test_the_line_hangs_up_when_the_script_returns(tmp_path: Path) -> None:
    async def answer_only(call: CallControl) -> None:
        await call.answer()

    async with running_line(answer_only) as line, sipp("uac_wait_bye", tmp_path, to_port=line.port) as caller:
        await caller.passes()
        assert line.live_calls == ()


async def test_a_script_that_breaks_hangs_up_and_the_line_lives_on(tmp_path: Path) -> None:
    async def broken(call: CallControl) -> None:
        await call.answer()
        raise ValueError("planted")

    async with running_line(broken) as line, sipp("uac_wait_bye", tmp_path, to_port=line.port, calls=2) as caller:
        await caller.passes()


async def test_stopping_the_line_says_bye_to_live_calls(tmp_path: Path) -> None:
    script = Script()
    async with running_line(script) as line, sipp("uac_wait_bye", tmp_path, to_port=line.port) as caller:
        await eventually(lambda: any(call.is_confirmed for call in line.live_calls))
        await line.stop()
        await caller.passes()
        assert await script.causes() == ["stopped"]


async def test_a_caller_who_gives_up_while_it_rings_is_told_487(tmp_path: Path) -> None:
    script = Script(waits=True)
    async with running_line(script) as line, sipp("uac_cancel", tmp_path, to_port=line.port) as caller:
        await caller.passes()
        script.may_answer.set()
        assert await script.causes() == ["cancel"]


async def test_a_cancel_that_crosses_the_answer_ends_the_call(tmp_path: Path) -> None:
    script = Script()
    async with running_line(script) as line, sipp("uac_late_cancel", tmp_path, to_port=line.port) as caller:
        await caller.passes()
        assert await script.causes() == ["cancel"]


async def test_a_repeated_invite_is_one_call() -> None:
    script = Script()
    async with running_line(script) as line, raw_peer() as caller:
        once = invite(caller.port)
        caller.send(once, line.port)
        first = await caller.until(b"SIP/2.0 200")
        caller.send(once, line.port)
        assert await caller.until(b"SIP/2.0 200") == first
        caller.send(in_dialog("ACK", first, caller.port, 1), line.port)
        caller.send(once, line.port)  # a copy that was late on the way
        caller.send(in_dialog("BYE", first, caller.port, 2), line.port)
        await caller.until(b"SIP/2.0 200")
        assert await script.causes() == ["bye"]
        assert line.counters[Count.CALLS_IN] == 1
        assert line.counters[Count.REPEATED_REQUESTS] == 2


async def test_a_lost_ack_makes_the_200_come_again_until_one_arrives() -> None:
    script = Script()
    async with running_line(script, t1_s=0.05) as line, raw_peer() as caller:
        caller.send(invite(caller.port), line.port)
        first = await caller.until(b"SIP/2.0 200")
        assert await caller.until(b"SIP/2.0 200") == first
        caller.send(in_dialog("ACK", first, caller.port, 1), line.port)
        caller.send(in_dialog("BYE", first, caller.port, 2), line.port)
        async with asyncio.timeout(DEADLINE_S):
            while b"CSeq: 2 BYE" not in await caller.until(b"SIP/2.0 200"):
                pass
        assert await script.causes() == ["bye"]


async def test_a_call_that_is_never_acknowledged_is_given_up(tmp_path: Path) -> None:
    script = Script()
    async with running_line(script, t1_s=0.02) as line, sipp("uac_never_ack", tmp_path, to_port=line.port) as caller:
        await caller.passes()
        assert await script.causes() == ["timeout_no_ack"]
        assert line.counters[Count.NO_ACK] == 1


@pytest.mark.parametrize("scenario", ["uac_no_sdp", "uac_no_codec"])
async def test_an_offer_we_cannot_carry_is_refused_with_488(tmp_path: Path, scenario: str) -> None:
    script = Script()
    async with running_line(script) as line, sipp(scenario, tmp_path, to_port=line.port) as caller:
        await caller.passes()
        assert script.calls == []
        assert line.counters[Count.NO_COMMON_CODEC] == 1


async def test_beyond_the_limit_a_caller_is_told_503_and_when_to_try_again(tmp_path: Path) -> None:
    script = Script()
    async with (
        running_line(script, max_calls=1) as line,
        sipp("uac_wait_bye", tmp_path / "first", to_port=line.port),
    ):
        await eventually(lambda: len(line.live_calls) == 1)
        async with sipp("uac_line_full", tmp_path / "second", to_port=line.port) as caller:
            await caller.passes()
        assert line.counters[Count.CALLS_OVER_LIMIT] == 1
        assert len(script.calls) == 1


async def test_keys_in_sip_info_arrive_and_an_echo_within_300_ms_counts_once(tmp_path: Path) -> None:
    script = Script()
    async with running_line(script) as line, sipp("uac_info_digits", tmp_path, to_port=line.port) as caller:
        await caller.passes()
        await script.causes()
        assert [press.digit for press in script.calls[0].digits] == ["5", "7"]


async def test_hold_and_resume_are_agreed_and_a_held_call_is_not_taken_for_dead(tmp_path: Path) -> None:
    script = Script()
    # held for 1.4 s in all; dead-media time starts anew at the resume
    async with (
        running_line(script, dead_media_s=1.0) as line,
        sipp("uac_hold", tmp_path, to_port=line.port, pause_ms=100) as caller,
    ):
        await caller.passes()
        assert await script.causes() == ["bye"]


async def test_options_is_answered_with_what_is_allowed(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uac_options", tmp_path, to_port=line.port) as caller:
        await caller.passes()


async def test_a_call_that_never_sends_sound_is_ended_as_dead(tmp_path: Path) -> None:
    script = Script()
    async with (
        running_line(script, dead_media_s=0.5) as line,
        sipp("uac_wait_bye", tmp_path, to_port=line.port) as caller,
    ):
        await caller.passes()
        assert await script.causes() == ["dead_media"]
        assert line.counters[Count.DEAD_MEDIA] == 1
