"""Callers who talk with agents, bridged and recorded by side: our two lines against Asterisk's Queue and MixMonitor.

The same telephones (SIPp's signalling, `rtp_peer.py`'s sound) hold the same number of talks three times: on the
embedded line, on a real Asterisk that we steer, on the same Asterisk by its own dialplan. Everything that serves them
has one core, the telephones the other.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from app.bench import rtp_peer
from app.bench.figures import Figure, percentile
from app.bench.heard_window import COMPLETE, SETTLE_S, HeardWindow, heard_between, wait_until_heard
from app.bench.held_talks_sides import RecordedTalk, TalkPlan, hold_on_asterisk, hold_on_embedded_line
from app.bench.orders import BEGIN, END, STOP, Load
from app.bench.queue_pbx import QUEUE_LINE, QueuePbx, queue_pbx
from app.bench.side import ask, both_cores, side
from app.bench.sipp_callers import CallsFailed, SippCallers, sipp_agents, sipp_callers
from ivr.adapters.embedded_sip import EmbeddedSipConfig
from ivr.adapters.wav_recorder import measure_wav
from kit.net import free_port_block

_OUR_LINE = "12345"
_PER_SECOND = 10
_SLACK_S = 6.0
_FILED_WITHIN_S = 10.0
_STOP_WITHIN_S = 25.0
_GAP_MS = 20.0
"""A frame later than this leaves a gap at a telephone that keeps one frame in hand."""


@dataclass(frozen=True, slots=True)
class Window:
    """What was heard, and what was used of a core for it."""

    heard: HeardWindow
    cpu_percent: float
    """Everything that served the talks; `pbx_cpu_percent` of it was Asterisk."""
    pbx_cpu_percent: float
    telephones_cpu_percent: float
    """Not in the above."""
    telephones_late_p99_ms: float
    """How late they spoke themselves: Asterisk passes frames on as they come, a line that mixes has its own clock."""


@dataclass(frozen=True, slots=True)
class HeldTalks:
    """One way of holding them."""

    held: int
    window: Window


def measure_held_talks(
    folder: Path, *, talks: int = 20, window_s: float = 8.0, complete: float = COMPLETE
) -> list[Figure]:
    """`complete`: the share of the window that must be heard for a talk to count.

    Raises AsteriskMissing where the machine has no prepared Asterisk.
    """
    core, _ = both_cores()
    agents_port, members_port = free_port_block(2), free_port_block(2)
    with queue_pbx(folder / "pbx", agents=talks, agents_port=agents_port, members_port=members_port, core=core) as pbx:
        stage = _Stage(folder, talks, window_s, complete, agents_port, members_port, pbx)
        return talk_figures(talks, _on_embedded_line(stage), _on_our_asterisk(stage), _in_the_queue(stage))


def talk_figures(talks: int, embedded: HeldTalks, asterisk: HeldTalks, queue: HeldTalks) -> list[Figure]:
    pbx_each = _each(asterisk.window.pbx_cpu_percent, talks)
    return [
        *_figures("embedded", "embedded line", talks, embedded),
        *_figures("asterisk", "on Asterisk", talks, asterisk),
        Figure("talks_asterisk_pbx_cpu_per_call", "on Asterisk: of it Asterisk itself", pbx_each, "% of a core"),
        *_figures("queue", "Queue and MixMonitor", talks, queue),
        *_ratios("embedded", "embedded line", embedded, queue),
        *_ratios("asterisk", "on Asterisk", asterisk, queue),
    ]


def _figures(key: str, of: str, talks: int, way: HeldTalks) -> list[Figure]:
    window, heard = way.window, way.window.heard
    late = round(heard.late_percent(_GAP_MS), 2)
    telephones, spoke_late = round(window.telephones_cpu_percent, 1), round(window.telephones_late_p99_ms, 2)
    return [
        Figure(f"talks_{key}_held", f"{of}: held, heard and recorded both ways", way.held, f"of {talks} talks"),
        Figure(f"talks_{key}_cpu_per_call", f"{of}: CPU per call", _each(window.cpu_percent, talks), "% of a core"),
        Figure(f"talks_{key}_jitter_p99_ms", f"{of}: jitter p99", round(heard.jitter_ms(0.99), 2), "ms"),
        Figure(f"talks_{key}_jitter_p50_ms", f"{of}: jitter p50", round(heard.jitter_ms(0.5), 2), "ms"),
        Figure(f"talks_{key}_late_percent", f"{of}: frames over 20 ms late", late, "%"),
        Figure(f"talks_{key}_gap_frames", f"{of}: frames lost or silent", heard.lost_frames, "frames"),
        Figure(
            f"talks_{key}_telephones_late_p99_ms", f"{of}: the telephones spoke late themselves, p99", spoke_late, "ms"
        ),
        Figure(f"talks_{key}_telephones_cpu", f"{of}: the telephones' own CPU", telephones, "% of a core"),
    ]


def _ratios(key: str, of: str, way: HeldTalks, queue: HeldTalks) -> list[Figure]:
    cpu = way.window.cpu_percent / queue.window.cpu_percent
    jitter = way.window.heard.jitter_ms(0.99) / queue.window.heard.jitter_ms(0.99)
    return [
        Figure(f"talks_{key}_cpu_ratio", f"CPU, {of} : Queue and MixMonitor", round(cpu, 2)),
        Figure(f"talks_{key}_jitter_ratio", f"jitter p99, {of} : Queue and MixMonitor", round(jitter, 2)),
    ]


def _each(percent: float, talks: int) -> float:
    return round(percent / talks, 3)


# ---- the three ways


@dataclass(frozen=True, slots=True)
class _Stage:
    folder: Path
    talks: int
    window_s: float
    complete: float
    agents_port: int
    members_port: int
    pbx: QueuePbx

    def plan(self, name: str, agents: Sequence[str]) -> TalkPlan:
        return TalkPlan(self.folder / f"{name}-recordings", tuple(agents), both_cores()[0])


def _on_embedded_line(stage: _Stage) -> HeldTalks:
    config = EmbeddedSipConfig(host="127.0.0.1", port=0, max_calls=2 * stage.talks, stop_within_s=_STOP_WITHIN_S)
    agents = [f"sip:{name}@127.0.0.1:{stage.agents_port}" for name in stage.pbx.agents]
    with (
        side(hold_on_embedded_line, stage.plan("embedded", agents), config) as (orders, port),
        _telephones(stage, "embedded", port, _OUR_LINE) as telephones,
    ):
        window = _look(stage, telephones, orders)
        telephones.hang_up()
        return _held(stage, window, ask(orders, STOP))


def _on_our_asterisk(stage: _Stage) -> HeldTalks:
    agents = [f"PJSIP/{name}" for name in stage.pbx.agents]
    config = stage.pbx.config(calls=2 * stage.talks)
    with (
        side(hold_on_asterisk, stage.plan("asterisk", agents), config) as (orders, _),
        _telephones(stage, "asterisk", stage.pbx.sip_port, _OUR_LINE) as telephones,
    ):
        window = _look(stage, telephones, orders, stage.pbx)
        telephones.hang_up()
        return _held(stage, window, ask(orders, STOP))


def _in_the_queue(stage: _Stage) -> HeldTalks:
    with _telephones(stage, "queue", stage.pbx.sip_port, QUEUE_LINE, stage.members_port) as telephones:
        window = _look(stage, telephones, None, stage.pbx)
        telephones.hang_up()
    deadline = time.monotonic() + _FILED_WITHIN_S
    while stage.pbx.live_channels:
        if time.monotonic() > deadline:
            raise CallsFailed("calls are left in Asterisk's queue")
        time.sleep(0.1)
    citizens = sorted(stage.pbx.recordings.glob("*-citizen.wav"))
    return _held(stage, window, [_recorded_by_asterisk(path) for path in citizens])


def _recorded_by_asterisk(citizen: Path) -> RecordedTalk:
    agent = citizen.with_name(citizen.name.replace("-citizen", "-agent"))
    return RecordedTalk(measure_wav(citizen).speech_ms, measure_wav(agent).speech_ms)


def _held(stage: _Stage, window: Window, recorded: Sequence[RecordedTalk]) -> HeldTalks:
    enough_ms = stage.complete * stage.window_s * 1000
    return HeldTalks(held_talks(window.heard.is_whole, recorded, enough_ms), window)


def held_talks(is_whole: Sequence[bool], recorded: Sequence[RecordedTalk], enough_ms: float) -> int:
    """Talks whose both telephones heard everything and whose both sides were recorded; the citizens come first.

    Who talked with whom is not known: the weakest of the four counts.
    """
    half = len(is_whole) // 2
    return min(
        sum(is_whole[:half]),
        sum(is_whole[half:]),
        sum(talk.citizen_ms >= enough_ms for talk in recorded),
        sum(talk.agent_ms >= enough_ms for talk in recorded),
    )


# ---- the telephones


@dataclass(frozen=True, slots=True)
class _Telephones:
    peer: Connection
    callers: SippCallers
    hang_up_within_s: float

    def hang_up(self) -> None:
        """When their time has come. Raises CallsFailed."""
        self.callers.finish(self.hang_up_within_s)


@contextmanager
def _telephones(
    stage: _Stage, name: str, to_port: int, line: str, picked_up_at: int | None = None
) -> Iterator[_Telephones]:
    """Citizens call, and agents pick up and stay until the other side hangs up."""
    _, core = both_cores()
    ramp_s = stage.talks / _PER_SECOND
    hold_s = ramp_s + SETTLE_S + stage.window_s + _SLACK_S
    with (
        side(rtp_peer.speak_and_listen, 2 * stage.talks, core) as (peer, ports),
        sipp_agents(
            stage.folder / f"{name}-agents",
            port=picked_up_at or stage.agents_port,
            media_ports=ports[stage.talks :],
            core=core,
        ),
        sipp_callers(
            stage.folder / f"{name}-callers", to_port=to_port, media_ports=ports[: stage.talks],
            per_second=_PER_SECOND, hold_s=hold_s, core=core, line=line,
        ) as callers,
    ):  # fmt: skip
        yield _Telephones(peer, callers, hang_up_within_s=hold_s + ramp_s + 30)


def _look(stage: _Stage, telephones: _Telephones, orders: Connection | None, pbx: QueuePbx | None = None) -> Window:
    """Wait until everybody is heard, then look at `window_s` of it. `orders`: to our process, if it has a part."""
    peer = telephones.peer
    wait_until_heard(peer, 2 * stage.talks, is_over=lambda: telephones.callers.has_ended)
    if orders is not None:
        orders.send(BEGIN)
    ask(peer, rtp_peer.EFFORT)
    pbx_from_s = _cpu_s(pbx)
    from_s = time.time()
    time.sleep(stage.window_s)
    to_s = time.time()
    pbx_s = _cpu_s(pbx) - pbx_from_s
    effort: rtp_peer.Effort = ask(peer, rtp_peer.EFFORT)
    load: Load | None = ask(orders, END) if orders is not None else None
    ours = load.cpu_s / load.wall_s if load is not None else 0.0
    pbxs = pbx_s / (to_s - from_s)
    return Window(
        heard=heard_between(ask(peer, rtp_peer.SOUND), from_s, to_s, stage.complete),
        cpu_percent=100 * (ours + pbxs),
        pbx_cpu_percent=100 * pbxs,
        telephones_cpu_percent=100 * effort.cpu_s / (to_s - from_s),
        telephones_late_p99_ms=percentile(effort.lateness_ms, 0.99),
    )


def _cpu_s(pbx: QueuePbx | None) -> float:
    return pbx.cpu_s if pbx is not None else 0.0
