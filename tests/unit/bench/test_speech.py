"""What the speech worker promises: nearly the bare loop's speed, and memory that stays flat."""

from app.bench.speech import memory_figures, throughput_figures

THROUGHPUT = {
    "message_s": 8.0,
    "throughput_ratio": 0.97,
    "worker_realtime_factor": 0.023,
    "bare_realtime_factor": 0.022,
    "overhead_ms_per_message": 5.0,
}


def test_the_ratio_is_judged_for_short_messages_and_for_long_ones() -> None:
    measured = {f"{length}_{name}": value for length in ("short", "long") for name, value in THROUGHPUT.items()}
    measured["long_throughput_ratio"] = 0.9
    judged = {figure.name: figure.is_met for figure in throughput_figures(measured) if figure.aim}
    assert judged == {"recognition_short_throughput_ratio": True, "recognition_long_throughput_ratio": False}


def test_growth_is_judged_for_the_worker_and_for_its_forks() -> None:
    measured = {
        "memory_messages": 300,
        "worker_rss_mb_first": 100.0,
        "worker_rss_mb_last": 100.0,
        "fork_peak_mb_first": 100.0,
        "fork_peak_mb_last": 110.0,
    }
    judged = {figure.name: (figure.value, figure.is_met) for figure in memory_figures(measured) if figure.aim}
    assert judged == {"memory_worker_rss_mb_growth": (0.0, True), "memory_fork_peak_mb_growth": (10.0, False)}
