"""The speech worker's figures (`recognition.py` measures them), with what the project promises of them."""

from collections.abc import Mapping

from app.bench.figures import Aim, Figure
from app.bench.recognition import measure_recognition

_AIM_RATIO = 0.95
_AIM_GROWTH_PERCENT = 5.0


def measure_speech() -> tuple[list[Figure], list[Figure]]:
    """Throughput against a bare Vosk loop, and memory over many messages."""
    measured = measure_recognition(messages_per_round=4, rounds=6)
    return throughput_figures(measured), memory_figures(measured)


def throughput_figures(measured: Mapping[str, float]) -> list[Figure]:
    figures = []
    for length in ("short", "long"):
        of = f"messages of {measured[f'{length}_message_s']:.0f} s:"
        values = {name: measured[f"{length}_{name}"] for name in _THROUGHPUT}
        figures += [
            Figure(f"recognition_{length}_{name}", f"{of} {text}", values[name], unit, aim)
            for name, (text, unit, aim) in _THROUGHPUT.items()
        ]
    return figures


def memory_figures(measured: Mapping[str, float]) -> list[Figure]:
    """`first`: after a tenth of the messages. The worker waits and watches; its forks recognise."""
    figures = [Figure("memory_messages", "messages", measured["memory_messages"], "messages")]
    for key, who in (("worker_rss_mb", "worker, resident"), ("fork_peak_mb", "its forks, peak")):
        first, last = measured[f"{key}_first"], measured[f"{key}_last"]
        growth = round(100 * (last - first) / first, 1)
        figures += [
            Figure(f"memory_{key}_first", f"{who}, first tenth", first, "MB"),
            Figure(f"memory_{key}_last", f"{who}, at the end", last, "MB"),
            Figure(f"memory_{key}_growth", f"{who}, growth", growth, "%", Aim.below(_AIM_GROWTH_PERCENT)),
        ]
    return figures


_THROUGHPUT = {
    "throughput_ratio": ("throughput, worker : bare loop", "", Aim.at_least(_AIM_RATIO)),
    "worker_realtime_factor": ("worker's time per time of sound", "", None),
    "bare_realtime_factor": ("bare loop's time per time of sound", "", None),
    "overhead_ms_per_message": ("worker's extra time per message", "ms", None),
}
