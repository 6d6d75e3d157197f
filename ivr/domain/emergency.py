"""Words that a supervisor must learn of while the caller is still speaking."""

from collections.abc import Sequence

EMERGENCY_WORDS = (
    "着火", "起火", "火灾", "失火", "爆炸", "冒烟",
    "煤气泄漏", "燃气泄漏", "煤气味", "燃气味", "漏气",
    "受伤", "流血", "晕倒", "昏迷", "中毒", "溺水", "被困",
    "打人", "杀人", "抢劫", "持刀",
    "自杀", "跳楼", "不想活",
)  # fmt: skip


def emergency_words(text: str) -> Sequence[str]:
    """The words of the list that occur in the text, in the list's order."""
    return [word for word in EMERGENCY_WORDS if word in text]
