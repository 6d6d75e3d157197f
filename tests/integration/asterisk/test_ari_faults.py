"""What the line does when ARI is late, out of order, refusing, cut, or somebody else's."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.ports import DialFailed, DialFailure
from tests.contracts.eventually import eventually
from tests.integration.asterisk.conftest import Caught, stood_in_line
from tests.support.ari_stand_in import Answer, Asked, ari_stand_in, channel_of

NUMBER = "13900000001"


def destroyed(channel_id: str, cause: int, status: int = 0) -> dict[str, object]:
    return {"type": "ChannelDestroyed", "cause": cause, "tech_cause": status, "channel": channel_of(channel_id)}


# --- calls that come in


async def test_the_media_channel_may_come_up_before_the_reply_that_announces_it() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (_, ari):
        await ari.ring("c1")  # the stand-in's media channels always come up before their reply
        await caught.until_up()
        added = await ari.until_asked("POST bridges/")
        assert added.query["channel"].startswith("c1,hl-media-")
        await ari.tell({"type": "ChannelDtmfReceived", "digit": "5", "channel": channel_of("c1")})
        await eventually(lambda: caught.keys == ["5"])


async def test_a_call_that_is_over_leaves_no_bridge_and_no_media_channel() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        await ari.tell(destroyed("c1", 16))
        assert await caught.until_over() == "bye"
        await ari.until_asked("DELETE bridges/hl-bridge-")
        await ari.until_asked("DELETE channels/hl-media-")
        assert line.live_calls == ()


async def test_an_end_without_a_cause_is_an_end_all_the_same() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (_, ari):
        await ari.ring("c1")
        await caught.until_up()
        await ari.tell({"type": "StasisEnd", "channel": channel_of("c1")})
        assert await caught.until_over() == "bye"


async def test_a_reply_that_never_comes_ends_the_call_and_a_late_one_harms_nothing() -> None:
    caught, later = Caught(), asyncio.Event()
    async with stood_in_line(caught) as (_, ari):
        ari.rules.append(lambda asked: Answer(after=later) if asked.path.endswith("/answer") else None)
        await ari.ring("c1")
        assert await caught.until_over() == "transport_media"
        await ari.until_asked("DELETE channels/c1")
        later.set()
        ari.rules.clear()
        await ari.ring("c2")
        await caught.until_up()


@pytest.mark.parametrize("refused", ["POST channels/externalMedia", "POST bridges", "POST channels/c1/answer"])
async def test_a_refusal_ends_the_call_and_takes_down_what_was_built(refused: str) -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        ari.fail(refused, 500)
        await ari.ring("c1")
        assert await caught.until_over() == "transport_media"
        assert (await ari.until_asked("DELETE channels/c1")).query == {"reason_code": "19"}
        await ari.until_asked("DELETE bridges/hl-bridge-")
        await eventually(lambda: not any(str(each["id"]).startswith("hl-media-") for each in ari.channels))
        assert line.live_calls == ()


async def test_a_call_over_the_limit_is_refused_as_congestion() -> None:
    async with stood_in_line(Caught(), max_calls=1) as (_, ari):
        await ari.ring("c1")
        await ari.ring("c2")
        assert (await ari.until_asked("DELETE channels/c2")).query == {"reason_code": "34"}


async def test_garbage_on_the_socket_is_passed_over() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (_, ari):
        await ari.tell("no json", "[]", "null", '{"type": 7}', '{"type": "StasisStart", "channel": 5}')
        await ari.tell({"type": "RESTResponse", "request_id": "999", "status_code": "x"}, {"type": "Unheard"})
        await ari.ring("c1")
        await caught.until_up()
        await ari.tell({"type": "ChannelDestroyed", "cause": None, "channel": channel_of("c1")})
        assert await caught.until_over() == "bye"


# --- calls that go out


async def test_an_outcome_may_be_faster_than_the_reply() -> None:
    async with stood_in_line() as (line, ari):

        def busy(asked: Asked) -> Answer | None:
            if asked.words != "POST channels":
                return None
            return Answer(200, {}, (destroyed(asked.query["channelId"], 17, 486),))

        ari.rules.append(busy)
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial(NUMBER, call_id="callback1", ring_timeout_s=5)
        assert (failed.value.failure, failed.value.cause) == (DialFailure.BUSY, "sip 486")


async def test_an_endpoint_that_asterisk_does_not_know_is_not_the_citizens_fault() -> None:
    async with stood_in_line() as (line, ari):
        ari.fail("POST channels", 500)
        with pytest.raises(DialFailed) as failed:
            await line.dialler.dial(NUMBER, call_id="callback1", ring_timeout_s=5)
        assert (failed.value.failure, failed.value.cause) == (DialFailure.CONGESTED, "ari 500")


async def test_who_picks_up_after_we_gave_up_is_hung_up_and_meets_no_script() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        with pytest.raises(DialFailed):
            await line.dialler.dial(NUMBER, call_id="callback1", ring_timeout_s=0.1)
        channel_id = (await ari.until_asked("POST channels")).query["channelId"]
        await ari.until_asked(f"DELETE channels/{channel_id}")
        await ari.tell({"type": "StasisStart", "args": ["dialled"], "channel": channel_of(channel_id)})
        await ari.until_asked(f"DELETE channels/{channel_id}", times=2)
        assert caught.calls == []


async def test_a_dial_that_is_cancelled_takes_the_call_back() -> None:
    async with stood_in_line() as (line, ari):
        dialling = asyncio.create_task(line.dialler.dial(NUMBER, call_id="callback1", ring_timeout_s=5))
        channel_id = (await ari.until_asked("POST channels")).query["channelId"]
        dialling.cancel()
        await ari.until_asked(f"DELETE channels/{channel_id}")
        assert line.live_calls == ()


# --- the connection


async def test_a_call_outlives_a_cut_and_its_events_are_subscribed_anew() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (_, ari):
        await ari.ring("c1")
        await caught.until_up()
        asked_before = len(ari.asked)
        await ari.cut()
        await eventually(lambda: ari.connections == 2)
        await eventually(
            lambda: (
                {"channel:c1"}
                <= {each.query.get("eventSource", "") for each in ari.asked[asked_before:] if each.method == "POST"}
            )
        )
        await ari.tell({"type": "ChannelDtmfReceived", "digit": "7", "channel": channel_of("c1")})
        await eventually(lambda: caught.keys == ["7"])


async def test_who_hung_up_during_a_cut_is_found_gone() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (_, ari):
        await ari.ring("c1")
        await caught.until_up()
        ari.channels = [each for each in ari.channels if each["id"] != "c1"]
        await ari.cut()
        assert await caught.until_over() == "transport_asterisk"


async def test_a_hang_up_during_a_cut_is_made_up_for() -> None:
    caught = Caught()
    async with stood_in_line(caught, retry_from_s=0.3) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        await ari.cut()
        await eventually(lambda: not line.connected.is_set())
        await caught.call.hang_up()
        await ari.until_asked("DELETE channels/c1")
        assert len(caught.calls) == 1, "it must not be taken for a new caller"


async def test_calls_without_sound_are_given_up_when_asterisk_stays_away() -> None:
    caught = Caught()
    async with stood_in_line(caught, retry_from_s=9) as (_, ari):
        await ari.ring("c1")
        await caught.until_up()
        await ari.media[0].close()
        await ari.cut()
        assert await caught.until_over() == "transport_asterisk"


async def test_a_refused_login_is_said_once_and_tried_again() -> None:
    async with ari_stand_in() as ari:
        ari.refuses_login = True
        config = AsteriskConfig(url=f"http://127.0.0.1:{ari.port}/ari", media_port=0, retry_from_s=0.01)
        line = AsteriskLine(replace(config, retry_up_to_s=0.02))
        with capture_logs() as logs:
            await line.start()
            await asyncio.sleep(0.15)
            ari.refuses_login = False
            await eventually(line.connected.is_set)
            await line.stop()
        assert [each["reason"] for each in logs if each["event"] == "line.ari.unreachable"] == ["http 401"]


async def test_a_line_that_was_replaced_keeps_off_until_the_other_one_is_gone() -> None:
    caught = Caught()
    async with stood_in_line(caught) as (line, ari):
        await ari.ring("c1")
        await caught.until_up()
        await ari.tell({"type": "ApplicationReplaced", "application": "hotline"})
        assert await caught.until_over() == "transport_replaced"
        await asyncio.sleep(0.2)
        assert ari.connections == 1
        assert not ari.has_asked("DELETE channels/c1"), "the other one serves him now"
        ari.channels.clear()
        ari.has_application = False
        await eventually(line.connected.is_set)
        assert ari.connections == 2
