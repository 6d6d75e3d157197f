import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.reading.sounds import SYLLABLE_LOST, distance, rough, syllable_distance

ACCENTS = [
    "zhong1 zong1",
    "chang2 cang2",
    "shan1 san1",
    "nan2 lan2",
    "hu2 fu2",
    "ren2 len2",
    "xin1 xing1",
    "chen2 cheng2",
    "shan1 shang1",
]
OTHERS = ["ba1 qiu4", "lu4 jie1", "ren2 tian1", "ma3 xi3"]


@pytest.mark.parametrize("pair", ACCENTS)
def test_an_accent_is_a_small_difference_and_roughly_the_same_sound(pair: str) -> None:
    one, other = pair.split()
    assert 0 < syllable_distance(one, other) <= 0.15
    assert rough(one) == rough(other)


@pytest.mark.parametrize("pair", OTHERS)
def test_another_syllable_is_a_large_one(pair: str) -> None:
    one, other = pair.split()
    assert syllable_distance(one, other) > 0.5
    assert rough(one) != rough(other)


def test_a_tone_is_less_than_an_accent_and_an_accent_less_than_another_sound() -> None:
    assert syllable_distance("ma1", "ma3") < syllable_distance("zi1", "zhi1") < syllable_distance("ba1", "pa1")


@pytest.mark.parametrize(
    ("one", "other"), [("yi1", "qi1"), ("yuan2", "quan2"), ("wei1", "gui1"), ("you3", "jiu3"), ("wen2", "kun2")]
)
def test_a_final_is_the_same_whatever_its_spelling(one: str, other: str) -> None:
    assert syllable_distance(one, other) <= 0.64


def test_a_syllable_too_many_or_too_few_costs_the_same() -> None:
    long, short = ["ren2", "min2", "lu4"], ["ren2", "lu4"]
    assert distance(long, short) == distance(short, long) == SYLLABLE_LOST
    assert distance(["a"], ["b", "c", "d"]) == 3


_SYLLABLES = st.lists(
    st.sampled_from(["ren2", "min2", "lu4", "zhong1", "zong1", "xin1", "xing1", "nv3", "er2", "abc", "，"]),
    min_size=1,
    max_size=5,
)


@given(_SYLLABLES, _SYLLABLES)
def test_distance_is_symmetric_and_zero_for_the_same(one: list[str], other: list[str]) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, one) == 0
    assert distance(one, other) >= 0
