"""A short run of the benchmark: it gives sensible figures, and the worker's memory stays flat."""

from app.bench.recognition import measure_recognition


def test_memory_stays_flat_over_many_messages_and_the_worker_keeps_most_of_vosks_speed() -> None:
    figures = measure_recognition(messages_per_round=2, rounds=1, delay_messages=2, memory_messages=20, memory_from=5)
    assert figures["memory_messages"] == 20
    assert figures["worker_rss_mb_last"] - figures["worker_rss_mb_first"] < 2
    assert figures["fork_peak_mb_last"] - figures["fork_peak_mb_first"] < 20
    assert 15 < figures["long_message_s"] < 40
    assert figures["long_throughput_ratio"] > 0.1, "a gross check: speed is a matter of the benchmark"
    assert 0 < figures["delay_p95_ms"] < 2000, "likewise"
    assert figures["two_workers_speedup"] > 0.5, "likewise"
