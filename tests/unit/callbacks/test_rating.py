"""What the answers of a citizen are worth, and what follows for the ticket."""

import itertools

import pytest

from callbacks.domain.errors import RatingWrong
from callbacks.domain.rating import Answers, TicketVerdict, verdict

YES_NO_UNKNOWN = (True, False, None)
LEVELS_OR_NONE = (1, 2, 3, 4, 5, None)


@pytest.mark.parametrize(("solved", "satisfaction"), list(itertools.product((True, False), LEVELS_OR_NONE)))
def test_a_ticket_closes_only_when_solved_and_not_dissatisfied(solved: bool, satisfaction: int | None) -> None:
    is_satisfied = satisfaction is None or satisfaction < 4
    expected = TicketVerdict.CLOSE if solved and is_satisfied else TicketVerdict.REOPEN
    assert verdict(solved, satisfaction, dissatisfied_from=4)[0] is expected


def test_the_reason_names_what_reopened_it() -> None:
    assert verdict(False, 1, 4) == (TicketVerdict.REOPEN, "not_solved")
    assert verdict(True, 4, 4) == (TicketVerdict.REOPEN, "dissatisfied")
    assert verdict(True, 3, 4) == (TicketVerdict.CLOSE, "rated")


@pytest.mark.parametrize(("solved", "satisfaction"), list(itertools.product(YES_NO_UNKNOWN, LEVELS_OR_NONE)))
def test_answers_count_when_complete_or_when_not_solved(solved: bool | None, satisfaction: int | None) -> None:
    is_complete = solved is not None and satisfaction is not None
    answers = Answers(solved, satisfaction)
    assert answers.is_complete is is_complete
    assert answers.count_as_rating is (is_complete or solved is False)


@pytest.mark.parametrize("level", [-1, 0, 6, 99])
def test_a_level_outside_one_to_five_is_refused(level: int) -> None:
    with pytest.raises(RatingWrong):
        Answers(True, level)


def test_only_what_is_missing_is_taken_from_the_earlier_call() -> None:
    assert Answers(None, 2).filled_up_from(Answers(True, 5)) == Answers(True, 2)
    assert Answers(False, None).filled_up_from(Answers(True, None)) == Answers(False, None)
    assert Answers().filled_up_from(Answers(False, 4)) == Answers(False, 4)
