"""Outbound calls to SIPp: every outcome by its name, digest, CANCEL and glare, routes, registration."""

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.embedded_sip import Count, EmbeddedSipLine
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, DialFailed, DialFailure
from kit.net import free_port
from tests.contracts.eventually import eventually
from tests.contracts.sipp_peer import sipp
from tests.integration.telephony.conftest import running_line

DEADLINE_S = 8


async def dial(line: EmbeddedSipLine, port: int, *, ring_timeout_s: float = 5.0, suffix: str = "") -> CallControl:
    return await line.dialler.dial(
        f"sip:13900000001@127.0.0.1:{port}{suffix}", call_id="callback1", ring_timeout_s=ring_timeout_s
    )


async def failure_of_dial(line: EmbeddedSipLine, port: int, **how: float) -> tuple[DialFailure, str]:
    with pytest.raises(DialFailed) as failed:
        await dial(line, port, **how)  # type: ignore[arg-type]
    return failed.value.failure, failed.value.cause


@pytest.mark.parametrize("suffix", ["", ";transport=tcp"], ids=["udp", "tcp"])
async def test_a_picked_up_call_lives_until_we_hang_up(tmp_path: Path, suffix: str) -> None:
    async with running_line() as line, sipp("uas_answer", tmp_path, over_tcp=bool(suffix)) as citizen:
        call = await dial(line, citizen.port, suffix=suffix)
        assert call.call_id == "callback1"
        assert call.end_cause is None
        await call.hang_up()
        await citizen.passes()
        assert call.end_cause == "local_bye"
        assert line.live_calls == ()


async def test_the_citizen_may_hang_up_too(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uas_hangs_up", tmp_path, pause_ms=100) as citizen:
        call = await dial(line, citizen.port)
        with pytest.raises(CallerHungUp):
            await call.read_digit(DEADLINE_S)
        await citizen.passes()
        assert call.end_cause == "bye"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (486, DialFailure.BUSY),
        (600, DialFailure.BUSY),
        (603, DialFailure.REJECTED),
        (403, DialFailure.REJECTED),
        (404, DialFailure.INVALID_NUMBER),
        (484, DialFailure.INVALID_NUMBER),
        (480, DialFailure.NO_ANSWER),
        (503, DialFailure.CONGESTED),
    ],
)
async def test_a_refusal_is_told_by_its_kind_and_keeps_the_networks_words(
    tmp_path: Path, status: int, failure: DialFailure
) -> None:
    async with running_line() as line, sipp("uas_refuse", tmp_path, words={"code": str(status)}) as citizen:
        assert await failure_of_dial(line, citizen.port) == (failure, f"sip {status}")
        await citizen.passes()
        assert line.live_calls == ()


async def test_nobody_picks_up_in_time_and_the_call_is_cancelled(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uas_ring", tmp_path) as citizen:
        assert await failure_of_dial(line, citizen.port, ring_timeout_s=0.4) == (DialFailure.NO_ANSWER, "ring timeout")
        await citizen.passes()


async def test_cancelling_the_task_cancels_the_call(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uas_ring", tmp_path) as citizen:
        dialling = asyncio.create_task(dial(line, citizen.port))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(dialling, 0.4)
        await citizen.passes()


async def test_a_pick_up_that_crosses_our_cancel_gets_ack_and_bye(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uas_glare", tmp_path) as citizen:
        assert (await failure_of_dial(line, citizen.port, ring_timeout_s=0.4))[0] is DialFailure.NO_ANSWER
        await citizen.passes()
        assert line.live_calls == ()


async def test_a_dead_host_is_unreachable_at_once_when_the_network_says_so() -> None:
    async with running_line(no_reply_s=30.0) as line:
        failure = await asyncio.wait_for(failure_of_dial(line, free_port(), ring_timeout_s=30.0), DEADLINE_S)
        assert failure == (DialFailure.UNREACHABLE, "unreachable")


async def test_a_dead_host_over_tcp_is_unreachable() -> None:
    async with running_line() as line:
        with pytest.raises(DialFailed) as failed:
            await dial(line, free_port(), suffix=";transport=tcp")
        assert failed.value.failure is DialFailure.UNREACHABLE


async def test_a_host_that_never_replies_is_unreachable(silent_port: int) -> None:
    async with running_line(no_reply_s=0.3) as line:
        assert await failure_of_dial(line, silent_port) == (DialFailure.UNREACHABLE, "no reply")


async def test_a_silent_trunk_is_not_the_citizens_fault(silent_port: int) -> None:
    async with running_line(no_reply_s=0.3, trunk=f"127.0.0.1:{silent_port}") as line:
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial("13900000001", call_id="c", ring_timeout_s=5)
        assert failed.value.failure is DialFailure.CONGESTED


async def test_without_a_trunk_a_number_cannot_be_dialled() -> None:
    async with running_line() as line:
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial("13900000001", call_id="c", ring_timeout_s=5)
        assert (failed.value.failure, failed.value.cause) == (DialFailure.CONGESTED, "no trunk")


@pytest.mark.parametrize("number", ["", "nobody", "sip:", "sip:a@b c", "sip:a@b>\r\nX: y"])
async def test_what_is_no_number_is_never_dialled(number: str) -> None:
    async with running_line(trunk="127.0.0.1:9") as line:
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial(number, call_id="c", ring_timeout_s=5)
        assert failed.value.failure is DialFailure.INVALID_NUMBER


@pytest.mark.parametrize(("code", "challenge"), [("401", "WWW-Authenticate"), ("407", "Proxy-Authenticate")])
async def test_a_trunk_that_wants_credentials_gets_them(tmp_path: Path, code: str, challenge: str) -> None:
    words = {"code": code, "challenge": challenge}
    async with (
        sipp("uas_digest", tmp_path, words=words) as trunk,
        running_line(trunk=f"127.0.0.1:{trunk.port}", trunk_username="line", trunk_password="secret") as line,
    ):
        call = await line.dialler.dial("13900000001", call_id="c", ring_timeout_s=5)
        await call.hang_up()
        await trunk.passes()


async def test_wrong_credentials_are_tried_once_and_are_the_trunks_matter(tmp_path: Path) -> None:
    words = {"code": "407", "challenge": "Proxy-Authenticate"}
    async with (
        sipp("uas_never_content", tmp_path, words=words) as trunk,
        running_line(trunk=f"127.0.0.1:{trunk.port}", trunk_username="line", trunk_password="wrong") as line,
    ):
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial("13900000001", call_id="c", ring_timeout_s=5)
        assert (failed.value.failure, failed.value.cause) == (DialFailure.CONGESTED, "sip 407")
        await trunk.passes()


async def test_ack_and_bye_follow_the_route_and_contact_of_the_answer(tmp_path: Path) -> None:
    async with running_line() as line, sipp("uas_record_route", tmp_path) as citizen:
        call = await dial(line, citizen.port)
        await call.hang_up()
        await citizen.passes()


async def test_outbound_calls_count_against_the_limit(tmp_path: Path) -> None:
    async with running_line(max_calls=1) as line, sipp("uas_answer", tmp_path) as citizen:
        call = await dial(line, citizen.port)
        assert await failure_of_dial(line, citizen.port) == (DialFailure.CONGESTED, "line full")
        await call.hang_up()
        await citizen.passes()


async def test_the_line_registers_refreshes_and_says_farewell(tmp_path: Path) -> None:
    async with sipp("uas_registrar", tmp_path) as trunk:
        async with running_line(
            trunk=f"127.0.0.1:{trunk.port}", trunk_username="line", trunk_password="secret", trunk_register=True
        ) as line:
            await eventually(lambda: line.counters[Count.REGISTRATIONS] == 2)
            assert line.is_registered
        await trunk.passes()
