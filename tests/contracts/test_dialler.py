"""What every telephone line must do with a number to call (ivr.ports.Dialler)."""

import pytest

from ivr.domain.errors import CallerHungUp
from ivr.ports import DialFailed, DialFailure
from tests.contracts.rigs import Rig


async def test_a_picked_up_call_is_live_and_bears_our_id(rig: Rig) -> None:
    async with rig.number_that(None) as (dialler, number):
        call = await dialler.dial(number, call_id="callback1", ring_timeout_s=5)
        assert (call.call_id, call.end_cause) == ("callback1", None)
        await call.hang_up()
        with pytest.raises(CallerHungUp):
            await call.read_digit(1)


@pytest.mark.parametrize("failure", list(DialFailure))
async def test_a_call_that_nobody_takes_says_why(rig: Rig, failure: DialFailure) -> None:
    async with rig.number_that(failure) as (dialler, number):
        with pytest.raises(DialFailed) as failed:
            await dialler.dial(number, call_id="callback1", ring_timeout_s=0.5)
        assert failed.value.failure is failure
        assert failed.value.cause
