"""Names of everything the line can say; the words and sounds live in config/prompts."""

from collections.abc import Sequence
from enum import StrEnum


class Prompt(StrEnum):
    """One key per sound. Scripts use these names only, so that a check can prove that none is missing."""

    # inbound
    GREETING = "greeting"  # who we are, and the recording notice
    MENU = "menu"
    WRONG_KEY = "wrong_key"
    NOT_UNDERSTOOD = "not_understood"
    SEATS_BUSY = "seats_busy"
    WILL_CALL_BACK = "will_call_back"
    MESSAGE_PROMPT = "message_prompt"
    BEEP = "beep"
    MESSAGE_FULL = "message_full"
    MESSAGE_RECEIVED = "message_received"
    TICKET_NUMBER_IS = "ticket_number_is"
    REPEAT_NUMBER = "repeat_number"
    NUMBER_LATER = "number_later"
    CALLBACK_PROMISED = "callback_promised"
    NUMBER_WITHHELD = "number_withheld"
    RECORDING_FAILED = "recording_failed"
    CALL_AGAIN_LATER = "call_again_later"
    APOLOGY = "apology"
    TIME_UP = "time_up"
    GOODBYE = "goodbye"

    # inbound: waiting for a person
    SEAT_CONNECTING = "seat_connecting"
    QUEUE_NUMBER = "queue_number"  # "you are number", a digit, QUEUE_PLACE
    QUEUE_PLACE = "queue_place"
    QUEUE_LONG = "queue_long"
    QUEUE_WAIT = "queue_wait"  # "about", a digit, QUEUE_MINUTES
    QUEUE_MINUTES = "queue_minutes"
    QUEUE_WAIT_LONG = "queue_wait_long"
    QUEUE_CHOICES = "queue_choices"
    SEAT_LOST = "seat_lost"
    HOLD_MUSIC = "hold_music"

    # inbound: progress of a ticket
    PROGRESS_NONE = "progress_none"
    PROGRESS_UNAVAILABLE = "progress_unavailable"
    PROGRESS_SEVERAL = "progress_several"
    PROGRESS_WRONG = "progress_wrong"
    PROGRESS_NEWEST = "progress_newest"
    PROGRESS_TICKET = "progress_ticket"
    PROGRESS_AFTER = "progress_after"
    STATUS_NEW = "status_new"
    STATUS_ACCEPTED = "status_accepted"
    STATUS_RESOLVED = "status_resolved"
    STATUS_REVISIT = "status_revisit"
    STATUS_CLOSED = "status_closed"
    STATUS_REOPENED = "status_reopened"
    STATUS_OTHER = "status_other"

    # callback
    REVISIT_OPENING = "revisit_opening"
    REVISIT_TICKET = "revisit_ticket"
    REVISIT_SOLVED = "revisit_solved"
    REVISIT_SATISFIED = "revisit_satisfied"
    REVISIT_NOTED = "revisit_noted"
    REVISIT_NO_ANSWER = "revisit_no_answer"
    REVISIT_THANKS = "revisit_thanks"
    REVISIT_AGAIN = "revisit_again"

    # asking back what was said: "you said", the answer, "right?"
    VOICE_YOU_SAID = "voice_you_said"
    VOICE_RIGHT = "voice_right"
    SAID_AGENT = "said_agent"
    SAID_MESSAGE = "said_message"
    SAID_CALLBACK = "said_callback"
    SAID_PROGRESS = "said_progress"
    SAID_SOLVED = "said_solved"
    SAID_NOT_SOLVED = "said_not_solved"
    SAID_LEVEL_1 = "said_level_1"
    SAID_LEVEL_2 = "said_level_2"
    SAID_LEVEL_3 = "said_level_3"
    SAID_LEVEL_4 = "said_level_4"
    SAID_LEVEL_5 = "said_level_5"

    # digits, the telephone way (1 is read "yāo")
    DIGIT_0 = "digit_0"
    DIGIT_1 = "digit_1"
    DIGIT_2 = "digit_2"
    DIGIT_3 = "digit_3"
    DIGIT_4 = "digit_4"
    DIGIT_5 = "digit_5"
    DIGIT_6 = "digit_6"
    DIGIT_7 = "digit_7"
    DIGIT_8 = "digit_8"
    DIGIT_9 = "digit_9"


_STATUS = {
    "new": Prompt.STATUS_NEW,
    "accepted": Prompt.STATUS_ACCEPTED,
    "resolved": Prompt.STATUS_RESOLVED,
    "revisit": Prompt.STATUS_REVISIT,
    "closed": Prompt.STATUS_CLOSED,
    "reopened": Prompt.STATUS_REOPENED,
}


def spoken_status(status: str) -> Prompt:
    """What is said of a ticket in this status; a status this line does not know is "in hand"."""
    return _STATUS.get(status, Prompt.STATUS_OTHER)


def spelled(number: str) -> Sequence[Prompt]:
    """Digit by digit; letters and dashes are left out, China's country code too (people do not dial it)."""
    return [Prompt(f"digit_{char}") for char in number.removeprefix("+86") if char in "0123456789"]


def digits_of(number: str) -> str:
    """The part of a number that can be spoken and keyed in."""
    return "".join(char for char in number if char in "0123456789")
