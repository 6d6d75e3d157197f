"""What a dead predecessor left in an Asterisk that is late or refuses, and talks in one."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.domain.conversation import LegRole
from ivr.domain.errors import CallerHungUp, LegNotChanged, RecordingFailed
from ivr.line_ports import FoundTalk
from tests.contracts.eventually import eventually
from tests.integration.asterisk.conftest import Caught, stood_in_line
from tests.support.ari_stand_in import Answer, AriStandIn, Asked, ari_stand_in, channel_of

NUMBER = "13900000001"


def destroyed(channel_id: str, cause: int, status: int = 0) -> dict[str, object]:
    return {"type": "ChannelDestroyed", "cause": cause, "tech_cause": status, "channel": channel_of(channel_id)}


# --- what a dead predecessor left


async def test_a_caller_left_alone_is_handed_to_the_script_and_two_who_talk_are_left_alone() -> None:
    caught = Caught()
    async with ari_stand_in() as ari:
        ari.channels = [
            channel_of("alone", caller=NUMBER), channel_of("hl-media-dead"), channel_of("talking"),
            channel_of("seat", app="hotline,dialled"), channel_of("rung", app="hotline,dialled"),
            channel_of("elsewhere", app="another"),
        ]  # fmt: skip
        ari.bridges = [
            {"id": "hl-bridge-1", "channels": ["alone", "hl-media-dead"]},
            {"id": "hl-bridge-2", "channels": ["talking", "seat"]},
            {"id": "of-somebody", "channels": []},
        ]
        line = AsteriskLine(AsteriskConfig(url=f"http://127.0.0.1:{ari.port}/ari", media_port=0, stop_within_s=1))
        line.on_call = caught
        await line.start()
        ari.media_port = line.media_port
        await caught.until_up()
        deleted = {each.path for each in ari.asked if each.method == "DELETE"}
        assert deleted == {"channels/hl-media-dead", "channels/rung", "bridges/hl-bridge-1"}
        assert [call.caller for call in caught.calls] == [NUMBER]
        await line.stop()


def _left_talk(ari: AriStandIn, name: str) -> None:
    channels = [f"{name}-citizen", f"{name}-seat"]
    ari.channels += [channel_of(each) for each in channels]
    ari.bridges.append({"id": f"hl-bridge-talk-{name}", "channels": channels})


@pytest.mark.parametrize(
    "failing",
    ["GET bridges/hl-bridge-tap-first-citizen", "GET recordings/live/hl-first-agent", "GET channels", "GET bridges"],
)
async def test_a_refusal_while_stock_is_taken_holds_up_nobody_else_and_is_made_good(failing: str) -> None:
    caught, talks, told = Caught(), list[FoundTalk](), list[frozenset[str]]()

    async def on_talk(talk: FoundTalk) -> None:
        talks.append(talk)
        await talk.conversation.next_departure()

    async with ari_stand_in() as ari:
        _left_talk(ari, "first")
        _left_talk(ari, "second")
        ari.channels.append(channel_of("alone", caller=NUMBER))
        ari.fail(failing, 500, times=1)
        config = AsteriskConfig(url=f"http://127.0.0.1:{ari.port}/ari", media_port=0, stop_within_s=0.1)
        line = AsteriskLine(replace(config, media_within_s=0.2, retry_from_s=0.05))
        line.on_call, line.on_talk, line.on_stock_taken = caught, on_talk, told.append
        await line.start()
        ari.media_port = line.media_port
        try:
            await caught.until_up()
            await eventually(lambda: len(talks) == 2)
            await eventually(line.connected.is_set)
        finally:
            await line.stop()
        assert {talk.conversation_id for talk in talks} == {"first", "second"}
        assert set(told) == {frozenset({"first", "second"})}, "it goes on there, though it could not be taken over yet"
        assert [call.caller for call in caught.calls] == [NUMBER]


async def test_who_hangs_up_while_a_talk_is_taken_over_is_not_waited_for() -> None:
    gone: list[str] = []

    async def on_talk(talk: FoundTalk) -> None:
        gone.append((await talk.conversation.next_departure()).call_id)

    async with ari_stand_in() as ari:
        _left_talk(ari, "first")

        def hang_up(asked: Asked) -> Answer | None:
            if asked.words != "GET channels/first-seat/variable":
                return None
            ari.channels = [each for each in ari.channels if each["id"] != "first-seat"]
            return Answer(404)

        ari.rules.append(hang_up)
        line = AsteriskLine(AsteriskConfig(url=f"http://127.0.0.1:{ari.port}/ari", media_port=0, stop_within_s=0.1))
        line.on_talk = on_talk
        await line.start()
        ari.media_port = line.media_port
        try:
            await eventually(lambda: len(gone) == 1)
        finally:
            await line.stop()


# --- talks


async def test_a_recording_that_cannot_be_paused_is_not_said_to_be(tmp_path: Path) -> None:
    async with stood_in_line(Caught()) as (line, ari):
        conversation = line.switchboard.open_conversation("t1")
        await conversation.start_recording(tmp_path)
        ari.fail("POST recordings/live/hl-t1-citizen/mute", 500)
        with pytest.raises(RecordingFailed):
            await conversation.pause_recording(is_paused=True)


async def test_who_hangs_up_while_his_talk_is_being_made_does_not_come_into_it() -> None:
    caught, later = Caught(), asyncio.Event()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        ari.rules.append(lambda asked: Answer(after=later) if asked.query.get("name") == "t1" else None)
        conversation = line.switchboard.open_conversation("t1")
        joining = asyncio.create_task(conversation.join(caught.calls[0], LegRole.CITIZEN))
        await eventually(lambda: any(asked.query.get("name") == "t1" for asked in ari.asked))
        await ari.tell(destroyed("c1", 16))
        await caught.until_over()
        later.set()
        with pytest.raises(CallerHungUp):
            await joining
        assert conversation.legs == {}


@pytest.mark.parametrize("failing", ["POST channels/c1/mute", "POST channels/c1/moh"])
async def test_who_could_not_be_held_is_not_said_to_be_and_the_next_try_asks_for_everything(failing: str) -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        conversation = line.switchboard.open_conversation("t1")
        await conversation.join(caught.call, LegRole.CITIZEN)
        ari.fail(failing, 500, times=1)
        with pytest.raises(LegNotChanged):
            await conversation.hold(caught.call, [])
        assert _silence(ari)[-2:] == ["DELETE channels/c1/mute", "DELETE channels/c1/moh"], "he stands as before"
        await conversation.hold(caught.call, [])
        assert _silence(ari)[-2:] == ["POST channels/c1/mute", "POST channels/c1/moh"]


async def test_who_could_not_be_muted_is_muted_by_the_next_try() -> None:
    caught, never = Caught(), asyncio.Event()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        conversation = line.switchboard.open_conversation("t1")
        await conversation.join(caught.call, LegRole.AGENT)
        ari.rules.append(lambda asked: Answer(after=never) if asked.path.endswith("/mute") else None)
        with pytest.raises(LegNotChanged):
            await conversation.mute(caught.call, is_muted=True)
        ari.rules.clear()
        await conversation.mute(caught.call, is_muted=True)
        assert "POST channels/c1/mute" in _silence(ari)[-2:]
        await conversation.leave(caught.call)
        assert _silence(ari)[-1] == "DELETE channels/c1/mute"


async def test_a_channel_that_is_gone_is_no_failure_of_a_change() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        conversation = line.switchboard.open_conversation("t1")
        await conversation.join(caught.call, LegRole.AGENT)
        ari.fail("POST channels/c1/mute", 404)
        await conversation.mute(caught.call, is_muted=True)


def _silence(ari: AriStandIn) -> list[str]:
    return [asked.words for asked in ari.asked if asked.path.endswith(("/mute", "/moh"))]
