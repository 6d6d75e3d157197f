"""The two questions of a revisit as data, and the yes or no that every asking back expects."""

from ivr.domain.prompts import Prompt
from ivr.domain.question import Question

SOLVED = Question(
    prompt=Prompt.REVISIT_SOLVED,
    keys={"1": True, "2": False},
    phrases={
        "解决了": True,
        "已经解决": True,
        "已经解决了": True,
        "没解决": False,
        "没有解决": False,
        "还没有解决": False,
    },
    names={True: Prompt.SAID_SOLVED, False: Prompt.SAID_NOT_SOLVED},
)

SATISFIED = Question(
    prompt=Prompt.REVISIT_SATISFIED,
    keys={"1": 1, "2": 2, "3": 3, "4": 4, "5": 5},
    phrases={
        "非常满意": 1,
        "满意": 2,
        "基本满意": 3,
        "一般": 3,
        "不满意": 4,
        "非常不满意": 5,
    },
    names={
        1: Prompt.SAID_LEVEL_1,
        2: Prompt.SAID_LEVEL_2,
        3: Prompt.SAID_LEVEL_3,
        4: Prompt.SAID_LEVEL_4,
        5: Prompt.SAID_LEVEL_5,
    },
    doubtful=frozenset({"一般"}),
)

CONFIRMED = Question(
    prompt=Prompt.VOICE_RIGHT,
    keys={"1": True, "2": False},
    phrases={"是": True, "是的": True, "对": True, "对的": True, "不是": False, "不对": False},
    names={},
)
