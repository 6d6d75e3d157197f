"""The way to Asterisk is cut, shorter and longer than our patience; Asterisk itself is killed: in a talk, in the line.

Time is compressed: a "long" cut lasts several times the patience for calls without sound (`gone_after_s`, here 0.3 s
instead of 10 s), and less than that for talks (10 min).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.domain.call import CallOutcome
from tests.contracts.eventually import eventually
from tests.integration.asterisk.conftest import cut_sound
from tests.journeys.conftest import Hotline
from tests.journeys.living_line import AGENT_HZ, CITIZEN_HZ, LivingLine, asterisk_line, living
from tests.support.asterisk import Asterisk, running_asterisk
from tests.support.cuttable_way import CuttableWay, cuttable_way
from ticketing.domain.seat_call import SeatCallStatus

S = SeatCallStatus
_PATIENCE_S = 0.3
SHORT_S, LONG_S = 0.1, 1.5

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """An Asterisk that these tests may kill."""
    with running_asterisk(tmp_path_factory.mktemp("mortal")) as running:
        yield running


class CutHouse:
    """A living line whose way to ARI can be cut."""

    def __init__(self, house: LivingLine, way: CuttableWay) -> None:
        self.house = house
        self._way = way

    async def cut(self, *, with_sound: bool = False) -> None:
        self._way.cut()
        if with_sound:
            cut_sound(self.house.line)  # type: ignore[arg-type]
        await eventually(lambda: not self.house.line.connected.is_set())  # type: ignore[attr-defined]

    async def mend(self) -> None:
        self._way.mend()
        await eventually(self.house.line.connected.is_set)  # type: ignore[attr-defined]


@asynccontextmanager
async def cut_house(hotline: Hotline, asterisk: Asterisk, folder: Path) -> AsyncIterator[CutHouse]:
    port = urlsplit(asterisk.ari_url).port
    assert port is not None
    async with cuttable_way(port) as way:
        url = asterisk.ari_url.replace(f":{port}", f":{way.port}")
        config = replace(asterisk.config(), url=url, gone_after_s=_PATIENCE_S, retry_up_to_s=0.2)
        async with living(hotline, asterisk_line(config), folder, sip_port=asterisk.sip_port) as house:
            yield CutHouse(house, way)
            way.mend()
    assert await asyncio.to_thread(asterisk.left_behind) == []


@pytest.mark.parametrize(
    ("seconds", "with_sound"),
    [(SHORT_S, False), (LONG_S, True)],
    ids=["short", "long, sound too"],
)
async def test_a_talk_goes_on_through_a_cut_and_its_end_is_known(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path, seconds: float, with_sound: bool
) -> None:
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen, agent = await house.talking()
        await cuttable.cut(with_sound=with_sound)
        await asyncio.sleep(seconds)
        assert await agent.person.hears(CITIZEN_HZ)
        assert await citizen.person.hears(AGENT_HZ)
        assert house.statuses() == [S.TALKING]
        await cuttable.mend()
        assert await agent.person.hears(CITIZEN_HZ)
        await citizen.phone.hang_up()
        await agent.phone.wait_for("CALL_CLOSED", timeout_s=8)
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
        (recording,) = house.recordings()
        assert (recording.channels, recording.is_partial) == (2, False)
        assert recording.duration_ms > 1000 * (1 + seconds), "Asterisk recorded on meanwhile"


@pytest.mark.parametrize(("who", "seconds"), [("citizen", SHORT_S), ("both", LONG_S)])
async def test_a_talk_that_ended_during_a_cut_is_closed_with_its_recording(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path, who: str, seconds: float
) -> None:
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen, agent = await house.talking()
        await cuttable.cut(with_sound=True)
        await citizen.phone.hang_up()
        if who == "both":
            await agent.phone.hang_up()
        await asyncio.sleep(seconds)
        await cuttable.mend()
        await agent.phone.wait_for("CALL_CLOSED", timeout_s=8)
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
        (recording,) = house.recordings()
        assert (recording.channels, recording.is_partial) == (2, False)


async def test_who_loses_his_agent_during_a_cut_is_given_another(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    """Whether he hung up or his telephone broke, nobody can say any more."""
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen, agent = await house.talking()
        other = await house.seat(hotline.b)
        await cuttable.cut()
        await agent.phone.hang_up()
        await cuttable.mend()
        await other.phone.pick_up(8)
        await other.person.hum(AGENT_HZ + 300)
        assert await citizen.person.hears(AGENT_HZ + 300)
        await citizen.phone.hang_up()
        await house.until_over()
        assert len(house.recordings()) == 1


async def test_who_waits_keeps_his_place_through_a_cut_and_nobody_is_blamed(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen = await house.citizen()
        await house.until(S.WAITING)
        await cuttable.cut()
        agent = await house.seat(hotline.a)  # he comes when nobody can ring him
        await asyncio.sleep(LONG_S)
        assert hotline.services.duty.is_available(hotline.a)
        await cuttable.mend()
        await agent.phone.pick_up(8)
        await agent.person.hum(AGENT_HZ)
        assert await citizen.person.hears(AGENT_HZ)
        await citizen.phone.hang_up()
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])


async def test_who_hung_up_in_the_line_during_a_cut_is_missed_and_called_back(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen = await house.citizen()
        await house.until(S.WAITING)
        await cuttable.cut()
        await citizen.phone.hang_up()
        await asyncio.sleep(LONG_S)
        await cuttable.mend()
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.MISSED], [S.ABANDONED])
        hotline.pass_time()
        assert len(house.tasks()) == 1


async def test_a_cut_of_the_sound_alone_is_not_noticed_in_a_talk(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with cut_house(hotline, asterisk, tmp_path) as cuttable:
        house = cuttable.house
        citizen, agent = await house.talking()
        cut_sound(house.line)  # type: ignore[arg-type]
        assert await agent.person.hears(CITIZEN_HZ)
        await agent.phone.hang_up()
        await citizen.phone.wait_for("CALL_CLOSED", timeout_s=15)  # after he was told goodbye
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
        assert not house.recordings()[0].is_partial


async def test_asterisk_killed_ends_a_talk_and_a_wait_and_both_are_owned(
    hotline: Hotline, mortal: Asterisk, tmp_path: Path
) -> None:
    """One talks, one waits; when Asterisk is back the recording is fetched, and the next caller is served."""
    async with cut_house(hotline, mortal, tmp_path) as cuttable:
        house = cuttable.house
        spool = mortal.folder / "spool" / "recording"
        await house.talking()
        await house.citizen("13900000002")
        await house.until(S.TALKING, S.WAITING)
        await eventually(lambda: all(each.stat().st_size > 16_000 for each in spool.glob("*.wav")))
        await asyncio.to_thread(mortal.kill)
        await eventually(lambda: S.ABANDONED in house.statuses())
        await asyncio.to_thread(mortal.start)
        await house.until_over()
        assert sorted(str(each) for each in house.outcomes()) == [CallOutcome.MISSED, CallOutcome.TALKED]
        assert sorted(house.statuses()) == [S.ABANDONED, S.WRAP_UP]
        assert house.recordings()[0].duration_ms > 500
        hotline.pass_time()
        assert [task.phone for task in house.tasks()] == ["+8613900000002"]
        again = await house.citizen("13900000003")
        await house.until_waiting("+8613900000003")
        await again.phone.hang_up()
        await house.until_over()
