"""The gate of the public page counts over all web processes, and alone when Redis is away."""

import pytest

from app.bench.scratch_redis import ScratchRedis
from app.web_call_gate import TooManyWebCalls, WebCallGate
from tests.support.ports import free_port


def test_two_processes_let_six_calls_of_an_address_through_between_them(redis: ScratchRedis) -> None:
    gates = [WebCallGate(redis.url) for _ in range(2)]
    for number in range(6):
        gates[number % 2].pass_through("192.0.2.1")
    for gate in gates:
        with pytest.raises(TooManyWebCalls) as refused:
            gate.pass_through("192.0.2.1")
        retry_after_s = refused.value.details["retry_after_s"]
        assert isinstance(retry_after_s, int)
        assert 0 < retry_after_s <= 61
    gates[0].pass_through("192.0.2.2")


def test_without_redis_each_process_counts_for_itself() -> None:
    gate = WebCallGate(f"redis://127.0.0.1:{free_port()}/0")
    for _ in range(6):
        gate.pass_through("192.0.2.1")
    with pytest.raises(TooManyWebCalls):
        gate.pass_through("192.0.2.1")
