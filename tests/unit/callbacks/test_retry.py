"""The ladder: each outcome climbs its own rungs, it always ends, and always with a person."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import LadderWrong
from callbacks.domain.retry import Ladder, can_be_dialled

LADDER = Ladder.from_minutes({"busy": [10, 30], "no_answer": [60], "invalid_number": [], "not_dialled": [0, 0]})
FAILURES = sorted(set(Disposition) - {Disposition.ANSWERED})
MINUTES = st.lists(st.floats(0, 10_000, allow_nan=False), max_size=5)
LADDERS = st.dictionaries(st.sampled_from([each.value for each in FAILURES]), MINUTES).map(Ladder.from_minutes)

BUSY, NO_ANSWER = Disposition.BUSY, Disposition.NO_ANSWER


def test_an_outcome_uses_its_waits_one_after_the_other_then_a_person_takes_over() -> None:
    assert LADDER.wait_after([BUSY]) == timedelta(minutes=10)
    assert LADDER.wait_after([BUSY, BUSY]) == timedelta(minutes=30)
    assert LADDER.wait_after([BUSY, BUSY, BUSY]) is None


def test_other_outcomes_in_between_use_up_no_rung_of_this_one() -> None:
    assert LADDER.wait_after([NO_ANSWER, BUSY]) == timedelta(minutes=10)
    assert LADDER.wait_after([BUSY, NO_ANSWER, BUSY]) == timedelta(minutes=30)
    assert LADDER.wait_after([Disposition.NOT_DIALLED, NO_ANSWER]) == timedelta(minutes=60)


def test_an_outcome_without_rungs_goes_to_a_person_at_once() -> None:
    assert LADDER.wait_after([Disposition.INVALID_NUMBER]) is None
    assert LADDER.wait_after([Disposition.REJECTED]) is None  # not in the table at all


def test_what_was_never_dialled_is_tried_again_at_once_but_not_for_ever() -> None:
    never = Disposition.NOT_DIALLED
    assert LADDER.wait_after([never]) == timedelta(0)
    assert LADDER.wait_after([never, never]) == timedelta(0)
    assert LADDER.wait_after([never, never, never]) is None


@given(LADDERS, st.lists(st.sampled_from(FAILURES), min_size=100, max_size=100))
def test_whatever_happens_the_ladder_ends_with_a_person(ladder: Ladder, outcomes: list[Disposition]) -> None:
    history: list[Disposition] = []
    for outcome in outcomes:
        history.append(outcome)
        wait = ladder.wait_after(history)
        if wait is None:
            break
        assert wait >= timedelta(0)
    assert ladder.wait_after(history) is None
    assert len(history) <= ladder.max_attempts


@given(LADDERS, st.data())
def test_it_ends_also_when_late_reports_rewrite_earlier_outcomes(ladder: Ladder, data: st.DataObject) -> None:
    history: list[Disposition] = []
    for _ in range(ladder.max_attempts):
        history.append(data.draw(st.sampled_from(FAILURES)))
        if ladder.wait_after(history) is None:
            return
        history[-1] = data.draw(st.sampled_from(FAILURES))  # the process spoke after all, and said otherwise
    pytest.fail("more attempts than the ladder has rungs")


def test_an_outcome_that_is_always_rewritten_does_not_keep_its_first_rung_for_ever() -> None:
    ladder = Ladder.from_minutes({"interrupted": [5], "no_answer": [30, 60]})
    history = [NO_ANSWER, NO_ANSWER, NO_ANSWER]  # each was decided on as interrupted, and corrected later
    assert ladder.wait_after([*history, Disposition.INTERRUPTED]) is None


@pytest.mark.parametrize("word", ["answered", "asleep", ""])
def test_a_word_that_is_no_outcome_to_retry_after_is_named(word: str) -> None:
    with pytest.raises(LadderWrong, match=rf"callbacks\.ladder\.{word}") as refusal:
        Ladder.from_minutes({word: [1]})
    assert refusal.value.details == {"key": word}


def test_a_negative_wait_is_refused() -> None:
    with pytest.raises(LadderWrong, match="busy"):
        Ladder.from_minutes({"busy": [-1]})


@pytest.mark.parametrize(
    ("phone", "can"),
    [
        ("+8613900000001", True),
        ("13900000001", True),
        ("8001", True),
        ("sip:citizen@127.0.0.1:5070", False),
        ("*7213900000001", False),
        ("110#", False),
        ("１３９００００００００１", False),
        ("12", False),
        ("anonymous", False),
        (" Unknown ", False),
        ("", False),
    ],
)
def test_only_telephone_numbers_are_dialled_by_a_machine(phone: str, can: bool) -> None:
    assert can_be_dialled(phone) is can
