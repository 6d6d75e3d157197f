"""The names of a whole province: how long that takes is a figure of the benchmark, here it has to be right."""

import random

from asr.adapters.gazetteer_file import read_gazetteer
from asr.domain.reading.pieces import PieceKind
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.words import Word

_STEMS = "翠屏云溪鹿鸣听涛古槐砚望舒青禾柳石桥集杨澜庭墨池归雁揽月拾沐采薇朗润枕衔染坊瓦窑砖塔双井湾春晓棠梨"
_ENDINGS = ("路", "街", "小区", "花园", "社区", "村")
_NAMES = 200_000


def test_two_hundred_thousand_names_are_found_by_spelling_and_by_sound() -> None:
    chance = random.Random(7)
    names = {"澜江翠屏小区": None}
    while len(names) < _NAMES:
        names["".join(chance.choices(_STEMS, k=4)) + chance.choice(_ENDINGS)] = None
    rows = [f"{name},road,某某社区,云溪街道,0101" for name in names if name == "澜江翠屏小区" or "江" not in name]
    gazetteer = read_gazetteer("\n".join(["name,kind,community,town,grid", *rows]), "gazetteer.csv")
    assert len(gazetteer) == _NAMES

    heard = ["住", "在", "兰", "江", "崔", "平", "小区"]
    words = [Word(text, 200 * at, 200 * at + 200, 1.0) for at, text in enumerate(heard)]
    reading = read(words, Rules("", gazetteer=gazetteer))
    assert reading.text == "住在澜江翠屏小区"
    assert [piece.kind for piece in reading.pieces][-1] is PieceKind.NAME
    sample = chance.sample(list(names), 200)
    assert all(gazetteer.longest_at(f"在{name}附近", 1) == name for name in sample)
    assert all(name in gazetteer.sounding_like(gazetteer.syllables(name)) for name in sample)
