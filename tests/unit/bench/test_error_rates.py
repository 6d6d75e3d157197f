"""Error rates as figures."""

from app.bench.error_rates import measure_error_rates, perfectly_heard, raw_text
from app.bench.figures import Figure


def test_an_ideal_hearing_reads_as_what_was_said() -> None:
    assert raw_text(perfectly_heard(["路灯", "坏", "了"])) == "路灯坏了"


def test_a_figure_with_an_interval_shows_it() -> None:
    figure = Figure("cer", "errors", 3.0, "%", None, (2.0, 4.5))
    assert figure.shown_value == "3 (2 to 4.5)"
    assert figure.as_json() == {"value": 3.0, "unit": "%", "low": 2.0, "high": 4.5}


def test_raw_and_corrected_rates_stand_side_by_side() -> None:
    figures = measure_error_rates(lambda recognised: recognised.text.replace("停水", "断水") + "。", count=1)
    names = [figure.name for figure in figures]
    assert names[:2] == ["cer_clean_raw", "cer_clean_corrected"]
    assert all(figure.interval is not None for figure in figures)
