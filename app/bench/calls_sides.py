"""The two processes that `calls.py` compares: the line with its calls, and a bare loop that moves the same packets."""

import asyncio
import struct
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from app.bench.orders import obey
from app.bench.side import settle_down
from config.logging_setup import configure_logging
from config.settings import ROOT
from ivr.adapters.embedded_sip import Count, EmbeddedSipConfig, EmbeddedSipLine
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, Clip, Recorded

_PROMPT = Clip("menu", ROOT / "config" / "prompts" / "zh-CN" / "menu.wav")
_LONGEST_RECORDING_S = 600
_FRAME_S = 0.02
_FRAME_SAMPLES = 160
_HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was left of the calls: the sound heard in each recording, and oddities of the whole run."""

    heard_ms: list[int]
    late_ticks: int
    late_packets: int


# ---- the line's side


def hold_calls(orders: Connection, folder: str, most_calls: int, core: int | None) -> None:
    """A line that prompts every caller without end and records him as long as he stays. Tells its port first."""
    settle_down(core)
    configure_logging(level="ERROR", as_json=False, process="bench-line")
    asyncio.run(_hold_calls(orders, Path(folder), most_calls))


async def _hold_calls(orders: Connection, folder: Path, most_calls: int) -> None:
    line = EmbeddedSipLine(EmbeddedSipConfig(host="127.0.0.1", port=0, max_calls=most_calls))
    recorded: list[Recorded] = []

    async def hold(call: CallControl) -> None:
        await call.answer()
        recording = asyncio.create_task(
            call.record(folder / f"{call.call_id}.wav", max_s=_LONGEST_RECORDING_S, stop_on="")
        )
        try:
            while True:
                await call.play([_PROMPT], interrupt_on="")
        except CallerHungUp:
            recorded.append(await recording)

    line.on_call = hold
    await line.start()
    orders.send(line.port)
    await obey(orders, lambda: len(line.live_calls))
    await line.stop()
    orders.send(
        Kept([each.speech_ms for each in recorded], line.counters[Count.LATE_TICKS], line.counters[Count.LATE_RTP])
    )


# ---- the bare side


class _Deaf(asyncio.DatagramProtocol):
    """Takes what comes and does nothing with it."""


def move_packets(orders: Connection, to_ports: list[int], core: int | None) -> None:
    """What anybody would write to send audio by asyncio: one timer every 20 ms, one packet per call."""
    settle_down(core)
    asyncio.run(_move_packets(orders, to_ports))


async def _move_packets(orders: Connection, to_ports: list[int]) -> None:
    loop = asyncio.get_running_loop()
    ends = [(await loop.create_datagram_endpoint(_Deaf, local_addr=("127.0.0.1", 0)))[0] for _ in to_ports]
    payload, sent, due = b"\xd5" * _FRAME_SAMPLES, 0, loop.time() + _FRAME_S

    def tick() -> None:
        nonlocal sent, due
        for number, (end, port) in enumerate(zip(ends, to_ports, strict=True)):
            header = _HEADER.pack(0x80, 8, sent & 0xFFFF, sent * _FRAME_SAMPLES & 0xFFFFFFFF, number)
            end.sendto(header + payload, ("127.0.0.1", port))
        sent, due = sent + 1, due + _FRAME_S
        loop.call_at(due, tick)

    loop.call_at(due, tick)
    orders.send(None)
    await obey(orders, lambda: len(ends))
    for end in ends:
        end.close()
    orders.send(None)
