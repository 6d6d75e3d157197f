"""The menus of the line as data. Never deeper than one level (GB/T 33358-2016 discourages a menu tree)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.domain.prompts import Prompt

REPEAT_KEY = "*"


class Wish(StrEnum):
    """What the caller wants from this call."""

    AGENT = "agent"
    MESSAGE = "message"
    CALLBACK = "callback"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Menu:
    """One question: what is said, which key means what, and what silence means (None: nothing is wanted)."""

    prompt: Prompt
    keys: Mapping[str, Wish]
    on_silence: Wish | None


MAIN_MENU = Menu(
    prompt=Prompt.MENU,
    keys={"0": Wish.AGENT, "1": Wish.MESSAGE, "2": Wish.CALLBACK, "3": Wish.PROGRESS},
    on_silence=Wish.AGENT,
)

BUSY_MENU = Menu(
    prompt=Prompt.SEATS_BUSY,
    keys={"1": Wish.MESSAGE, "2": Wish.CALLBACK},
    on_silence=None,
)
