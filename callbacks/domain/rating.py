"""What the citizen answers 满意度评价: validity, what is still missing, and what follows for the ticket."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callbacks.domain.errors import RatingWrong

BEST_LEVEL = 1
WORST_LEVEL = 5


class RatingSource(StrEnum):
    KEYS = "keys"
    VOICE = "voice"  # at least one of the answers that count was spoken
    PERSON = "person"


class TicketVerdict(StrEnum):
    """What a rating does to its ticket."""

    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Answers:
    """Solved? and satisfied? (1 very satisfied … 5 very dissatisfied); None: not answered yet."""

    solved: bool | None = None
    satisfaction: int | None = None

    def __post_init__(self) -> None:
        if self.satisfaction is not None and not BEST_LEVEL <= self.satisfaction <= WORST_LEVEL:
            raise RatingWrong("satisfaction is a level from 1 to 5", satisfaction=self.satisfaction)

    @property
    def is_empty(self) -> bool:
        return self.solved is None and self.satisfaction is None

    @property
    def is_complete(self) -> bool:
        return self.solved is not None and self.satisfaction is not None

    @property
    def count_as_rating(self) -> bool:
        """Complete, or a plain 'not solved': whoever hangs up after that has said enough to reopen."""
        return self.is_complete or self.solved is False

    def continue_from(self, earlier: "Answers") -> bool:
        """Whether these are the answers of a conversation that stood at `earlier`: nothing changed, and not nothing."""
        same_solved = earlier.solved is None or earlier.solved == self.solved
        same_level = earlier.satisfaction is None or earlier.satisfaction == self.satisfaction
        return same_solved and same_level and not earlier.is_empty

    def filled_up_from(self, other: "Answers") -> "Answers":
        """These answers; what is missing here is taken from `other`."""
        return Answers(
            solved=other.solved if self.solved is None else self.solved,
            satisfaction=other.satisfaction if self.satisfaction is None else self.satisfaction,
        )


def verdict(solved: bool, satisfaction: int | None, dissatisfied_from: int) -> tuple[TicketVerdict, str]:
    """Closed or reopened, with the reason (a stable word): not solved, or a level that counts as dissatisfied."""
    if not solved:
        return TicketVerdict.REOPEN, "not_solved"
    if satisfaction is not None and satisfaction >= dissatisfied_from:
        return TicketVerdict.REOPEN, "dissatisfied"
    return TicketVerdict.CLOSE, "rated"


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """One rating as the books have it, with what follows from it."""

    id: str
    task_id: str
    ticket_id: str
    round: int
    solved: bool
    satisfaction: int | None
    source: RatingSource
    recorded_by_person_id: str | None
    at: datetime
    verdict: TicketVerdict
    reason: str
    """Why: `rated`, `not_solved` or `dissatisfied`."""
