"""From a syllable to acoustic units, and from a word to Kaldi's phones."""

import pytest

from asr.training.phones import PHONES, phones_of, word_boundaries
from asr.training.units import CLASS_OF, UNITS, NotASyllable, split_syllable, units_of


@pytest.mark.parametrize(
    ("syllable", "parts"),
    [
        ("zhuang4", ("zh", "uang_4")),
        ("yi1", ("", "i_1")),
        ("wu3", ("", "u_3")),
        ("yuan2", ("", "van_2")),
        ("xue2", ("x", "ve_2")),
        ("jun1", ("j", "vn_1")),
        ("lv4", ("l", "v_4")),
        ("liu4", ("l", "iou_4")),
        ("gui4", ("g", "uei_4")),
        ("zi5", ("z", "ii1_5")),
        ("shi4", ("sh", "ii2_4")),
        ("er4", ("", "er_4")),
        ("kiu1", ("k", "iou_1")),
    ],
)
def test_a_syllable_is_its_initial_and_its_toned_final(syllable: str, parts: tuple[str, str]) -> None:
    assert split_syllable(syllable) == parts
    assert all(unit in CLASS_OF for unit in units_of(syllable))


@pytest.mark.parametrize("nonsense", ["", "zh4", "hello1", "ma6", "ma"])
def test_what_is_no_syllable_is_refused(nonsense: str) -> None:
    with pytest.raises(NotASyllable):
        split_syllable(nonsense)


def test_there_are_213_units_and_every_phone_names_one() -> None:
    assert len(UNITS) == 213
    assert {phone.acoustic_class for phone in PHONES} == set(range(213))


def test_phones_of_a_word_carry_their_place_in_it() -> None:
    assert [phone.name for phone in phones_of(("lu4", "deng1"))] == ["l_B", "u_4_I", "d_I", "eng_1_E"]
    assert [phone.name for phone in phones_of(("yi1",))] == ["i_1_S"]


def test_places_share_the_class_of_their_unit() -> None:
    begin, single = phones_of(("a1", "a1"))[0], phones_of(("a1",))[0]
    assert begin.number != single.number
    assert begin.acoustic_class == single.acoustic_class


def test_every_phone_has_two_transitions_of_its_own() -> None:
    numbers = [number for phone in PHONES for number in (phone.loop_id, phone.forward_id)]
    assert numbers == list(range(1, 2 * len(PHONES) + 1))


def test_word_boundaries_are_listed_for_every_phone() -> None:
    lines = word_boundaries().splitlines()
    assert len(lines) == len(PHONES)
    assert lines[0] == "1 nonword"
    assert {line.split()[1] for line in lines} == {"nonword", "begin", "internal", "end", "singleton"}
