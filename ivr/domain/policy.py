"""The limits of a phone conversation, filled from config/policy.toml by app/bootstrap.py."""

from dataclasses import dataclass

from ivr.domain.question import Gates

DEFAULT_GATES = Gates(accept_from=0.85, confirm_from=0.5)
"""Of spoken answers."""


@dataclass(frozen=True, slots=True)
class InboundPolicy:
    menu_silence_s: float
    message_max_s: float
    max_call_s: float
    wrong_key_limit: int = 3
    """So many wrong keys at one question count as silence."""
    number_repeat_s: float = 3.0
    """How long `*` may be pressed after the ticket number was read."""
    books_timeout_s: float = 2.0
    """A database that is silent for so long counts as away: the caller must not hear silence."""
    gates: Gates = DEFAULT_GATES


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    """Of callers in the line for a person."""

    announce_every_s: float
    """How often he is told where he stands."""
    limit_s: float
    """After so long in the line he is asked whether he wants to wait on."""
    talk_max_s: float
    guests_max: int = 3
    """So many third parties may be in one talk, those who are being rung included."""


@dataclass(frozen=True, slots=True)
class RevisitPolicy:
    answer_silence_s: float
    max_call_s: float
    dissatisfied_from: int
    """This level and worse: the ticket is handled again (5 is the worst)."""
    wrong_key_limit: int = 2
    gates: Gates = DEFAULT_GATES


@dataclass(frozen=True, slots=True)
class CallFilingPolicy:
    message_min_s: float
    speech_min_s: float = 0.2
    """Less sound than this is silence."""
