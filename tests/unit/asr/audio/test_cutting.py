from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from asr.domain.audio.cutting import FRAME_MS, CutRules, Stretch, cut

RULES = CutRules(from_s=9, part_min_s=3, part_max_s=6)
SPEECH, PAUSE = -20.0, -60.0
levels = st.lists(st.floats(-96, 0), max_size=3000)


def sound(*pieces: tuple[float, float]) -> list[float]:
    """Levels of pieces of so many seconds."""
    return [level for seconds, level in pieces for _ in range(round(seconds * 1000 / FRAME_MS))]


@given(levels)
def test_the_stretches_cover_everything_without_gap_or_overlap(levels: list[float]) -> None:
    stretches = cut(levels, RULES)
    assert stretches[0].start_ms == 0
    assert stretches[-1].end_ms == len(levels) * FRAME_MS
    assert all(one.end_ms == next_one.start_ms for one, next_one in pairwise(stretches))


@given(levels)
def test_no_part_is_longer_than_allowed_or_too_short(levels: list[float]) -> None:
    stretches = cut(levels, RULES)
    if len(levels) * FRAME_MS <= RULES.from_s * 1000:
        assert len(stretches) == 1
    else:
        assert all(3000 <= part.length_ms <= 6000 for part in stretches[:-1])
        assert 1500 <= stretches[-1].length_ms <= 6000


@given(levels)
def test_the_same_sound_is_always_cut_in_the_same_places(levels: list[float]) -> None:
    assert cut(levels, RULES) == cut(list(levels), RULES)


def test_the_cut_lies_in_the_middle_of_the_longest_pause_in_reach() -> None:
    levels = sound((3.5, SPEECH), (0.3, PAUSE), (0.5, SPEECH), (0.6, PAUSE), (6, SPEECH))
    first, *_ = cut(levels, RULES)
    assert abs(first.end_ms - 4600) <= FRAME_MS


def test_a_gap_as_in_a_word_is_not_preferred_to_the_quietest_place() -> None:
    levels = sound((4, SPEECH), (0.06, PAUSE), (1, SPEECH), (6, SPEECH))
    first, *_ = cut(levels, RULES)
    assert 4000 - FRAME_MS <= first.end_ms <= 4060 + FRAME_MS


def test_pauses_are_found_over_noise() -> None:
    levels = sound((4, -20), (0.4, -32), (7, -20), (0.4, -32), (1, -20))
    first, *_ = cut(levels, RULES)
    assert 4000 < first.end_ms < 4400


def test_a_recording_up_to_the_limit_stays_whole() -> None:
    assert cut(sound((9, SPEECH)), RULES) == [Stretch(0, 9000)]
