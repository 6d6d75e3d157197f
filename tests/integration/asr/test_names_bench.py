"""The measurement of names in small: real voices, the real model and the rules that ship."""

from app.bench.names import measure_names
from config.settings import ROOT


def test_names_are_measured_before_and_after_their_correction() -> None:
    measured = measure_names(ROOT / "asr" / "models" / "mini-cn", sentences=10, large=500)
    figures = {figure.name: figure.value for figure in measured}
    assert figures["names_heard"] <= figures["names_read"] <= 100
    assert 0 <= figures["names_cer_corrected"] <= figures["names_cer_raw"] < 50
    assert figures["gazetteer_200k_read_p95_ms"] > 0
