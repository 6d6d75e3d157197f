import pytest

from asr.domain.reading.numerals import cardinal, digit_string, in_figures


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("零", 0), ("两", 2), ("十", 10), ("十五", 15), ("一十五", 15), ("二十", 20), ("九十九", 99),
        ("一百", 100), ("一百零二", 102), ("一百一十八", 118), ("一百十八", 118), ("两百", 200),
        ("三千五百", 3500), ("三千零五", 3005), ("三千零二十", 3020), ("两千零二十六", 2026), ("一万", 10_000),
        ("一万零五百", 10_500), ("两万三千五百", 23_500), ("一万五千三百二十一", 15_321), ("三十万", 300_000),
        ("一亿二千万", 120_000_000), ("三亿", 300_000_000), ("一百二", 120), ("二百五", 250), ("三千五", 3500),
        ("一千五百八", 1580), ("一万二", 12_000), ("十二万八", 128_000),
    ],
)  # fmt: skip
def test_a_well_formed_number_has_its_value(said: str, value: int) -> None:
    assert cardinal(said) == value


@pytest.mark.parametrize(
    "said",
    [
        "",
        "万",
        "千万",
        "百",
        "三四十",
        "五六百",
        "一两万",
        "百八十",
        "三五",
        "一二三",
        "两十",
        "零五",
        "一万零",
        "幺",
        "十十",
        "三百两",
    ],
)
def test_an_estimate_or_a_stray_unit_has_none(said: str) -> None:
    assert cardinal(said) is None


@pytest.mark.parametrize("value", [*range(1, 130), 999, 1000, 1001, 1010, 1100, 2026, 9999, 10_000, 10_001, 100_100])
def test_every_number_said_in_full_is_understood(value: int) -> None:
    assert cardinal(_in_full(value)) == value


def test_digits_are_read_one_by_one_with_yao_for_one() -> None:
    assert digit_string("幺三八零〇一") == "138001"
    assert digit_string("十八") is None
    assert digit_string("") is None


@pytest.mark.parametrize(
    ("value", "figures"),
    [
        (12_000, "12000"),
        (10_000, "1万"),
        (300_000, "30万"),
        (5_000_000, "500万"),
        (120_000_000, "1亿2000万"),
        (3500, "3500"),
    ],
)
def test_round_myriads_keep_their_unit(value: int, figures: str) -> None:
    assert in_figures(value) == figures


def _in_full(value: int) -> str:
    if value >= 10_000:
        rest = value % 10_000
        return _in_full(value // 10_000) + "万" + ("零" if 0 < rest < 1000 else "") + (_in_full(rest) if rest else "")
    said, zero = "", False
    for unit, worth in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = value // worth % 10
        if digit:
            said += ("零" if zero and said else "") + "零一二三四五六七八九"[digit] + unit
        zero = not digit
    return said
