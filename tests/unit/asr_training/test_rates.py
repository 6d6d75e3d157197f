"""Rates and their intervals."""

import pytest

from asr.training.rates import Heard, character_error_rate, share


def test_errors_are_edits_per_character_said() -> None:
    pairs = [Heard("路灯坏了", "路灯坏了"), Heard("停水了", "停了"), Heard("谢谢", "谢谢您")]
    assert character_error_rate(pairs).value == pytest.approx(2 / 9)


def test_the_interval_holds_the_rate_and_narrows_with_more_cases() -> None:
    few = character_error_rate([Heard("路灯坏了", "路灯坏"), Heard("停水了", "停水了")] * 5)
    many = character_error_rate([Heard("路灯坏了", "路灯坏"), Heard("停水了", "停水了")] * 100)
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_no_case_in_many_is_not_never() -> None:
    never = share(0, 60)
    assert never.low == 0
    assert 0.04 < never.high < 0.07
    assert share(60, 60).high == pytest.approx(1.0)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        share(0, 0)
