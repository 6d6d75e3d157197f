"""`hotline bench`: measure the promised figures on the machine at hand, as a table and as one JSON object.

A figure that misses its aim is shown as such and changes nothing else; only one that could not be measured does.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from app.bench.answer_delay import measure_answer_delay
from app.bench.calls import measure_calls
from app.bench.clock_tick import measure_clock_tick
from app.bench.error_rates import measure_error_rates, reading_text
from app.bench.figures import Figure, figure_table
from app.bench.held_talks import measure_held_talks
from app.bench.live_speech import measure_live_speech
from app.bench.machine import CpuTimes, describe_machine, machine_line
from app.bench.names import measure_names
from app.bench.seat_delay import measure_seat_delay
from app.bench.speech import measure_speech
from app.bench.storm import measure_storm
from app.bench.ticket_delay import measure_ticket_delay
from app.bench.understanding import measure_understanding
from app.bench.upload_delay import measure_upload_delay
from app.bench.word_delay import measure_word_delay
from app.demo.house import House, hotline_house
from config.logging_setup import configure_logging
from config.settings import ROOT
from kit.net import free_port

_READY_WITHIN_S = 120
_WIDTH = 100
"""Of what is written to a file or a pipe."""

CALLS = "Calls held at once, one process on one core"
TALKS = "Talks with an agent, bridged and recorded, on one core"
ANSWER = "Answer delay"
TICKET = "Hang-up to ticket"
UPLOAD = "Upload to transcript"
SEAT = "Calls with a person"
STORM = "Thirty calls a second for a minute"
SPEECH = "Recognition throughput"
DELAY = "Transcript delay"
MEMORY = "Memory of the speech worker"
LIVE = "Live speech, one listener's child on one core"
ERRORS = "Characters heard wrong, per condition (95 % interval)"
NAMES = "Names of places in the reading text"
TYPED = "Understanding of typed messages"
CLOCKS = "Clocks of many open tickets, SQLite"
SPOKEN = "Understanding of messages that were spoken and recognised"


def run_bench(*, as_json: bool) -> int:
    """Exit status 0 when everything could be measured."""
    configure_logging(level="ERROR", as_json=False, process="bench")
    stream = sys.stderr if as_json else sys.stdout
    terminal = Console(file=stream, highlight=False, width=None if stream.isatty() else _WIDTH)
    bench, before = Bench(terminal), CpuTimes.now()
    folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    try:
        bench.measure([CALLS], lambda: [measure_calls(folder)])
        bench.measure([TALKS], lambda: [measure_held_talks(folder / "talks")])
        with bench.surviving([ANSWER, TICKET, UPLOAD, SEAT, STORM]), _bench_house(folder) as house:
            bench.measure([ANSWER], lambda: [measure_answer_delay(house, folder)])
            bench.measure([TICKET], lambda: [measure_ticket_delay(house, folder)])
            bench.measure([UPLOAD], lambda: [measure_upload_delay(house, folder)])
            bench.measure([SEAT], lambda: [[*measure_seat_delay(house), *measure_word_delay(house)]])
            bench.measure([STORM], lambda: [measure_storm(house, folder)])
        bench.measure([SPEECH, DELAY, MEMORY], lambda: list(measure_speech()))
        bench.measure([LIVE], lambda: [measure_live_speech()])
        bench.measure([ERRORS], lambda: [measure_error_rates(reading_text)])
        bench.measure([NAMES], lambda: [measure_names(ROOT / "asr" / "models" / "mini-cn")])
        bench.measure([TYPED, SPOKEN], lambda: list(measure_understanding()))
        bench.measure([CLOCKS], lambda: [measure_clock_tick(folder)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    after = CpuTimes.now()
    machine, took_s = describe_machine(before, after), round(after.at_s - before.at_s, 1)
    terminal.print(figure_table(bench.sections))
    terminal.print(f"{took_s:.0f} s; {machine_line(machine)}")
    if as_json:
        sys.stdout.write(json.dumps(result(bench, machine, took_s), ensure_ascii=False) + "\n")
    return 1 if bench.failures else 0


class Bench:
    """Figures so far, by section, and why the others are missing."""

    def __init__(self, terminal: Console) -> None:
        self._terminal = terminal
        self.sections: dict[str, list[Figure]] = {}
        self.failures: dict[str, str] = {}

    def measure(self, titles: list[str], measurement: Callable[[], list[list[Figure]]]) -> None:
        """Fill these sections; when it fails, the others are still measured."""
        with self.surviving(titles):
            started = time.monotonic()
            self.sections |= zip(titles, measurement(), strict=True)
            self._terminal.print(f"{time.monotonic() - started:6.1f} s  {', '.join(titles)}")

    @contextmanager
    def surviving(self, titles: list[str]) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the edge: what broke is shown, and the exit status says so
            self._terminal.print_exception()
            self.failures |= {title: f"{type(error).__name__}: {error}" for title in titles}


@contextmanager
def _bench_house(folder: Path) -> Iterator[House]:
    """A whole hotline with the shipped policy, but an agent who may hold any number of tickets."""
    policy = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    usual = "capacity = 20 "
    assert usual in policy, f"config/policy.toml no longer says: {usual}"
    changed = folder / "policy.toml"
    changed.write_text(policy.replace(usual, "capacity = 1000 "), encoding="utf-8")
    rtp = {"HOTLINE_RTP_PORT_MIN": "20000", "HOTLINE_RTP_PORT_MAX": "20998"}  # a storm needs more than a house does
    extra = {"HOTLINE_POLICY_FILE": str(changed), **rtp}
    nobody = free_port()
    with hotline_house(folder / "house", trunk_port=nobody, extra=extra, ready_within_s=_READY_WITHIN_S) as house:
        yield house


def result(bench: Bench, machine: dict[str, Any], took_s: float) -> dict[str, Any]:
    figures = {figure.name: figure.as_json() for section in bench.sections.values() for figure in section}
    missed = [name for name, facts in figures.items() if facts.get("is_met") is False]
    return {
        "ok": not bench.failures,
        "figures": figures,
        "missed_aims": missed,
        "not_measured": bench.failures,
        "machine": machine,
        "took_s": took_s,
    }
