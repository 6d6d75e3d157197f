"""The words the model knows, and how each is read: numbered pinyin as it is really spoken."""

import functools
import random
import re
from collections.abc import Iterable
from pathlib import Path

from asr.training.sentences import PhraseBook, phrase_book
from asr.training.spoken_numbers import DIGITS, LETTERS, MAKERS, YAO
from asr.training.units import NotASyllable, split_syllable
from kit.spoken_chinese import TextNotSpeakable, pinyin_of

Reading = tuple[str, ...]
"""Syllables of one word."""

OTHER_READING_COST = 0.3
RAISED_TONE_COST = 0.7
"""In nats: a third tone at a word's end that was raised before a third tone of the next word."""

_HANZI = re.compile(r"[\u4e00-\u9fff]+")
_GENERAL_WORD = re.compile(r"[\u4e00-\u9fff]{2,4}")
_LEVEL_1_ROWS, _CELLS = range(0xB0, 0xD8), range(0xA1, 0xFF)
_MAKER_DRAWS = 300

_READINGS = {
    "行": "xing2|hang2", "得": "de5|dei3|de2", "地": "di4|de5", "了": "le5|liao3", "着": "zhe5|zhao2",
    "都": "dou1|du1", "还": "hai2|huan2", "只": "zhi3|zhi1", "为": "wei4|wei2", "长": "chang2|zhang3",
    "重": "zhong4|chong2", "一": "yi1|yi2|yi4", "不": "bu4|bu2", "哪": "na3|nei3", "那": "na4|nei4",
    "这": "zhe4|zhei4", "谁": "shei2|shui2", "个": "ge4|ge5", "大": "da4|dai4", "好": "hao3|hao4", "乐": "le4|yue4",
    "数": "shu4|shu3", "倒": "dao3|dao4", "差": "cha4|chai1", "发": "fa1|fa4", "少": "shao3|shao4",
    "处": "chu4|chu3", "种": "zhong3|zhong4", "过": "guo4|guo5", "便": "bian4|pian2", "曾": "zeng1|ceng2",
    "单": "dan1|shan4", "任": "ren4|ren2", "落": "luo4|la4", "幺": "yao1", "没": "mei2|mo4", "给": "gei3|ji3",
    "嗯": "en1|en4|en5", "哎": "ai1|ai4", "啊": "a1|a5", "呃": "e4|e2", "被": "bei4", "吗": "ma5", "吧": "ba5",
    "呢": "ne5", "的": "de5|di4", "和": "he2", "喂": "wei4|wei2", "说": "shuo1", "调": "diao4|tiao2",
    "薄": "bao2|bo2", "血": "xue4|xie3", "露": "lu4|lou4", "朝": "chao2|zhao1", "尽": "jin4|jin3",
    "弹": "dan4|tan2", "传": "chuan2|zhuan4", "参": "can1|shen1", "干": "gan4|gan1", "间": "jian1|jian4",
    "教": "jiao4|jiao1", "角": "jiao3|jue2", "觉": "jue2|jiao4", "空": "kong1|kong4", "量": "liang4|liang2",
    "难": "nan2|nan4", "宁": "ning2|ning4", "强": "qiang2|qiang3", "切": "qie4|qie1", "散": "san4|san3",
    "省": "sheng3|xing3", "盛": "sheng4|cheng2", "似": "si4|shi4", "提": "ti2|di1", "相": "xiang1|xiang4",
    "兴": "xing1|xing4", "应": "ying1|ying4", "占": "zhan4|zhan1", "正": "zheng4|zheng1", "中": "zhong1|zhong4",
    "转": "zhuan3|zhuan4", "钻": "zuan1|zuan4", "挑": "tiao1|tiao3", "石": "shi2|dan4", "卡": "ka3|qia3",
    "率": "lv4|shuai4", "台": "tai2", "什么": "shen2 me5", "怎么": "zen3 me5", "对不起": "dui4 bu4 qi3",
    "知道": "zhi1 dao4", "地方": "di4 fang5",
}  # fmt: skip
"""Main reading first. Elsewhere the dictionary's own reading stands alone."""


@functools.cache
def main_reading(word: str) -> Reading:
    """Raises NotASyllable or TextNotSpeakable for what cannot be said in these units."""
    return readings(word)[0][0]


@functools.cache
def readings(word: str) -> tuple[tuple[Reading, float], ...]:
    """Each reading with its cost in nats: the main one, others, and those with a raised third tone at the end."""
    written = _READINGS.get(word) or pinyin_of(word)
    costs: dict[Reading, float] = {}
    for text in written.split("|"):
        costs.setdefault(tuple(text.split()), OTHER_READING_COST if costs else 0.0)
    for reading, cost in list(costs.items()):
        for syllable in reading:
            split_syllable(syllable)
        if reading[-1].endswith("3"):
            costs.setdefault((*reading[:-1], f"{reading[-1][:-1]}2"), cost + RAISED_TONE_COST)
    return tuple(costs.items())


def everyday_characters() -> list[str]:
    """The 3755 characters of level 1 in GB 2312."""
    codes = (bytes([row, cell]) for row in _LEVEL_1_ROWS for cell in _CELLS)
    characters = (code.decode("gb2312", errors="ignore") for code in codes)
    return [character for character in characters if character]


def general_words(dictionary: Path, count: int) -> dict[str, int]:
    """The most frequent words of two to four hanzi in a list of `word frequency kind`, with their frequencies."""
    found: dict[str, int] = {}
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, frequency, *kind = line.split()
        if _GENERAL_WORD.fullmatch(word) and not (kind and kind[0] in _NAMES_OF_PEOPLE):
            found[word] = int(frequency)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count])


_NAMES_OF_PEOPLE = ("nr", "nrt", "nrfg")


def domain_words(book: PhraseBook | None = None) -> set[str]:
    """Words of the phrase book and of spoken numbers."""
    rng = random.Random(0)
    made = {word for maker in MAKERS.values() for _ in range(_MAKER_DRAWS) for word in maker(rng)}
    return (
        (book or phrase_book()).words() | made | set(DIGITS) | set(LETTERS) | {YAO, "两", "十", "百", "千", "万", "亿"}
    )


def vocabulary(words: Iterable[str]) -> list[str]:
    """These words, their characters and the everyday characters: all that can be read, in a fixed order."""
    wanted = set(words) | set(everyday_characters())
    wanted |= {character for word in wanted if _HANZI.fullmatch(word) for character in word}
    return sorted(word for word in wanted if _is_readable(word))


def _is_readable(word: str) -> bool:
    try:
        readings(word)
    except (NotASyllable, TextNotSpeakable):
        return False
    return True
