"""What the speech worker promises: nearly the bare loop's speed, and memory that stays flat."""

from app.bench.speech import delay_figures, memory_figures, throughput_figures

THROUGHPUT = {
    "message_s": 8.0,
    "throughput_ratio": 0.97,
    "worker_realtime_factor": 0.023,
    "bare_realtime_factor": 0.022,
    "overhead_ms_per_message": 5.0,
}


def test_the_ratio_is_judged_for_short_messages_and_for_long_ones() -> None:
    measured = {f"{length}_{name}": value for length in ("short", "long") for name, value in THROUGHPUT.items()}
    measured |= {"two_workers_speedup": 1.8, "two_bare_loops_speedup": 1.95, "two_workers_throughput_ratio": 0.98}
    measured["long_throughput_ratio"] = 0.9
    judged = {figure.name: figure.is_met for figure in throughput_figures(measured) if figure.aim}
    assert judged == {
        "recognition_short_throughput_ratio": True,
        "recognition_long_throughput_ratio": False,
        "recognition_two_workers_speedup": False,
        "recognition_two_workers_throughput_ratio": True,
    }


def test_the_delay_is_judged_by_its_95th_percentile() -> None:
    judged = {each.name: each.is_met for each in delay_figures({"delay_p50_ms": 20.0, "delay_p95_ms": 251.0})}
    assert judged == {"transcript_delay_p50_ms": None, "transcript_delay_p95_ms": False}


def test_growth_is_judged_for_the_worker_and_for_its_forks() -> None:
    measured = {
        "memory_messages": 1000,
        "memory_from": 50,
        "worker_rss_mb_first": 100.0,
        "worker_rss_mb_last": 100.0,
        "fork_peak_mb_first": 100.0,
        "fork_peak_mb_last": 110.0,
    }
    judged = {figure.name: (figure.value, figure.is_met) for figure in memory_figures(measured) if figure.aim}
    assert judged == {"memory_worker_rss_mb_ratio": (1.0, True), "memory_fork_peak_mb_ratio": (1.1, False)}
