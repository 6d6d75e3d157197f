"""The speech worker's figures (`recognition.py` measures them), with what the project promises of them."""

from collections.abc import Mapping

from app.bench.figures import Aim, Figure
from app.bench.recognition import measure_recognition

_AIM_RATIO = 0.97
_AIM_SPEEDUP = 1.9
_AIM_DELAY_MS = 250.0
_AIM_GROWTH = 1.05


def measure_speech() -> tuple[list[Figure], list[Figure], list[Figure]]:
    """Throughput against a bare Vosk loop, delay of single messages, and memory over many messages."""
    measured = measure_recognition(messages_per_round=4, rounds=6)
    return throughput_figures(measured), delay_figures(measured), memory_figures(measured)


def throughput_figures(measured: Mapping[str, float]) -> list[Figure]:
    figures = []
    for length in ("short", "long"):
        of = f"messages of {measured[f'{length}_message_s']:.0f} s:"
        values = {name: measured[f"{length}_{name}"] for name in _THROUGHPUT}
        figures += [
            Figure(f"recognition_{length}_{name}", f"{of} {text}", values[name], unit, aim)
            for name, (text, unit, aim) in _THROUGHPUT.items()
        ]
    return figures + [
        Figure(f"recognition_{name}", text, measured[name], "", aim) for name, (text, aim) in _TWO_WORKERS.items()
    ]


def delay_figures(measured: Mapping[str, float]) -> list[Figure]:
    """What `took_ms` of the transcript covers (reading the file, recognition, understanding) does not count."""
    text = "enqueued → stored, beyond recognition itself,"
    return [
        Figure("transcript_delay_p50_ms", f"{text} p50", measured["delay_p50_ms"], "ms"),
        Figure("transcript_delay_p95_ms", f"{text} p95", measured["delay_p95_ms"], "ms", Aim.below(_AIM_DELAY_MS)),
    ]


def memory_figures(measured: Mapping[str, float]) -> list[Figure]:
    """The worker waits and watches; its forks recognise."""
    figures = [Figure("memory_messages", "messages", measured["memory_messages"], "messages")]
    start = f"after {measured['memory_from']:.0f}"
    for key, who in (("worker_rss_mb", "worker, resident"), ("fork_peak_mb", "its forks, peak")):
        first, last = measured[f"{key}_first"], measured[f"{key}_last"]
        figures += [
            Figure(f"memory_{key}_first", f"{who}, {start}", first, "MB"),
            Figure(f"memory_{key}_last", f"{who}, at the end", last, "MB"),
            Figure(f"memory_{key}_ratio", f"{who}, end : {start}", round(last / first, 3), "", Aim.below(_AIM_GROWTH)),
        ]
    return figures


_THROUGHPUT = {
    "throughput_ratio": ("throughput, worker : bare loop", "", Aim.at_least(_AIM_RATIO)),
    "worker_realtime_factor": ("worker's time per time of sound", "", None),
    "bare_realtime_factor": ("bare loop's time per time of sound", "", None),
    "overhead_ms_per_message": ("worker's extra time per message", "ms", None),
}

_TWO_WORKERS = {
    "two_workers_speedup": ("throughput, two workers : one", Aim.at_least(_AIM_SPEEDUP)),
    "two_bare_loops_speedup": ("throughput, two bare loops : one", None),
    "two_workers_throughput_ratio": ("throughput, two workers : two bare loops", Aim.at_least(_AIM_RATIO)),
}
