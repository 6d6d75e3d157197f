"""A number goes to the line that its beginning names."""

from ivr.adapters.dial_plan import DialPlan
from ivr.adapters.simulated import SimulatedDialler


async def test_each_number_is_dialled_by_its_line_and_the_rest_by_the_usual_one() -> None:
    usual, browsers = SimulatedDialler({"13900000001": ()}), SimulatedDialler({"browser:1": ()})
    plan = DialPlan(usual, {"browser:": browsers})
    for number in ("13900000001", "browser:1"):
        call = await plan.dial(number, call_id="c1", ring_timeout_s=1)
        assert call.caller == number
    assert (usual.dialled, browsers.dialled) == (["13900000001"], ["browser:1"])
