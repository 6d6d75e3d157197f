"""Facts of calling back."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class CallbackTaskChanged(Event):
    task_id: str


@dataclass(frozen=True, slots=True)
class CallbackNeedsPerson(Event):
    """The ladder ended, or the task is one for people from the start: somebody must own it."""

    task_id: str


@dataclass(frozen=True, slots=True)
class RatingGiven(Event):
    """The citizen answered; the ticket is closed or reopened by it."""

    rating_id: str
    ticket_id: str


@dataclass(frozen=True, slots=True)
class CallbackGivenUp(Event):
    """Neither the system nor a person could reach the citizen: there will be no rating of this round."""

    task_id: str
    ticket_id: str
