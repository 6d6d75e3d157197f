"""The menus of the line as data. Never deeper than one level (GB/T 33358-2016 discourages a menu tree)."""

from dataclasses import dataclass
from enum import StrEnum

from ivr.domain.prompts import Prompt
from ivr.domain.question import Question

REPEAT_KEY = "*"


class Wish(StrEnum):
    """What the caller wants from this call."""

    AGENT = "agent"
    MESSAGE = "message"
    CALLBACK = "callback"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Menu(Question[Wish]):
    """A question about the caller's wish, and what silence means (None: nothing is wanted)."""

    on_silence: Wish | None = None


_NAMES = {
    Wish.AGENT: Prompt.SAID_AGENT,
    Wish.MESSAGE: Prompt.SAID_MESSAGE,
    Wish.CALLBACK: Prompt.SAID_CALLBACK,
    Wish.PROGRESS: Prompt.SAID_PROGRESS,
}
_MESSAGE_OR_CALLBACK = {
    "留言": Wish.MESSAGE,
    "要留言": Wish.MESSAGE,
    "我要留言": Wish.MESSAGE,
    "回电": Wish.CALLBACK,
    "回电话": Wish.CALLBACK,
    "给我回电": Wish.CALLBACK,
}

MAIN_MENU = Menu(
    prompt=Prompt.MENU,
    keys={"0": Wish.AGENT, "1": Wish.MESSAGE, "2": Wish.CALLBACK, "3": Wish.PROGRESS},
    phrases=_MESSAGE_OR_CALLBACK
    | {
        "人工": Wish.AGENT,
        "转人工": Wish.AGENT,
        "话务员": Wish.AGENT,
        "找话务员": Wish.AGENT,
        "查进度": Wish.PROGRESS,
        "查工单": Wish.PROGRESS,
        "查工单进度": Wish.PROGRESS,
    },
    names=_NAMES,
    on_silence=Wish.AGENT,
)

BUSY_MENU = Menu(
    prompt=Prompt.SEATS_BUSY,
    keys={"1": Wish.MESSAGE, "2": Wish.CALLBACK},
    phrases=_MESSAGE_OR_CALLBACK,
    names=_NAMES,
    on_silence=None,
)
