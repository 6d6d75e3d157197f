"""How well names of the gazetteer are read after they were heard, and how fast a very large gazetteer is searched."""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bench.figures import Aim, Figure, percentile
from app.demo.voice import HELD_OUT_VOICES, character_error_rate
from asr.adapters.gazetteer_file import read_gazetteer
from asr.adapters.reading_file import read_reading
from asr.adapters.vosk import VoskRecogniser
from asr.domain.reading.pieces import Piece, PieceKind, Reading
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.words import Word
from config.settings import ROOT
from kit.speech_synthesis import SAMPLE_RATE, synthesise

_SEED = 20260305
_SAID = (
    "您好我想反映一下{name}停水了",
    "我住在{name}路灯一直不亮",
    "{name}下水道堵塞希望尽快解决",
    "{name}附近工地施工噪音太大",
    "请问{name}什么时候来暖气",
)
_WITHOUT_NAMES = (
    "我们小区没有人管垃圾成堆",
    "路面坑洼不平已经有人摔倒了",
    "楼上邻居半夜吵闹影响休息",
    "公司拖欠工资老板不接电话",
    "请问居住证怎么办理需要什么材料",
    "物业不维修电梯大家意见很大",
    "停电了晚上根本睡不着",
    "孩子上学难希望能给个答复",
)
_LARGE = 200_000
_STEMS = (
    "翠屏云溪鹿鸣听涛古槐砚望舒青禾柳石桥集杨澜庭墨池归雁揽月拾沐采薇朗润枕衔染坊瓦窑砖塔双井湾春晓棠梨人民光明幸福"
)
_ENDINGS = ("路", "街", "小区", "花园", "社区", "村", "公寓", "菜市场")
_AIM_READ_MS = 20.0


@dataclass(frozen=True, slots=True)
class _Sentence:
    said: str
    name: str
    words: tuple[Word, ...]

    @property
    def heard(self) -> str:
        return "".join(word.text for word in self.words)


def measure_names(model_dir: Path, *, sentences: int = 200, large: int = _LARGE) -> list[Figure]:
    """Spoken by voices that the embedded model was not trained on."""
    rules = _shipped_rules()
    spoken = list(_spoken(model_dir, rules, sentences))
    named = [each for each in spoken if each.name]
    return [
        *_error_figures(spoken, rules),
        Figure(
            "names_heard", "names heard as they are written", _share(each.name in each.heard for each in named), "%"
        ),
        Figure("names_read", "names read as they are written", _share(_is_read(each, rules) for each in named), "%"),
        Figure(
            "names_wrong",
            "sentences in which a name nobody said took the place of words",
            _share(_is_wrong(each, rules) for each in spoken),
            "%",
        ),
        *_large_figures(rules, spoken, large),
    ]


def _spoken(model_dir: Path, rules: Rules, sentences: int) -> Iterable[_Sentence]:
    chance = random.Random(_SEED)
    recogniser = VoskRecogniser(model_dir)
    names = [name for name in rules.gazetteer.names if len(name) > 2]
    for number in range(sentences):
        name = "" if number % 5 == 4 else chance.choice(names)
        said = chance.choice(_SAID if name else _WITHOUT_NAMES).format(name=name)
        pcm = synthesise(said, voice=chance.choice(HELD_OUT_VOICES), rate_wpm=chance.randint(150, 220))
        yield _Sentence(said, name, recogniser.recognise(pcm, SAMPLE_RATE).words)


def _error_figures(spoken: Sequence[_Sentence], rules: Rules) -> list[Figure]:
    """Numbers are written in figures on both sides."""
    raw = [_errors(each, read(each.words, Rules("", rules.reading)), rules) for each in spoken]
    corrected = [_errors(each, read(each.words, rules), rules) for each in spoken]
    length = sum(len(each.said) for each in spoken)
    return [
        Figure("names_cer_raw", "CER of the machine text", round(100 * sum(raw) / length, 2), "%"),
        Figure("names_cer_corrected", "CER of the reading text", round(100 * sum(corrected) / length, 2), "%"),
    ]


def _errors(sentence: _Sentence, reading: Reading, rules: Rules) -> float:
    truth = read([Word(character, 0, 0, 1.0) for character in sentence.said], rules).text
    return character_error_rate(truth, reading.text) * len(sentence.said)


def _is_read(sentence: _Sentence, rules: Rules) -> bool:
    return sentence.name in read(sentence.words, rules).text


def _is_wrong(sentence: _Sentence, rules: Rules) -> bool:
    """A wrong word of the recogniser that happens to be a name does not count: nothing was put in its place."""
    names = (piece for piece in read(sentence.words, rules).pieces if piece.kind is PieceKind.NAME)
    return any(name.text not in sentence.said and name.text != _words_of(sentence, name) for name in names)


def _words_of(sentence: _Sentence, piece: Piece) -> str:
    return "".join(word.text for word in sentence.words[piece.first_word : piece.end_word])


def _share(answers: Iterable[bool]) -> float:
    listed = list(answers)
    return round(100 * sum(listed) / len(listed), 1)


def _large_figures(rules: Rules, spoken: Sequence[_Sentence], count: int) -> list[Figure]:
    chance = random.Random(_SEED)
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(chance.choices(_STEMS, k=chance.randint(2, 4))) + chance.choice(_ENDINGS)] = None
    text = "\n".join(["name,kind,community,town", *(f"{name},road,某某社区,云溪街道" for name in names)])
    started = time.perf_counter()
    many = Rules("", rules.reading, read_gazetteer(text, "gazetteer.csv"))
    built_s = time.perf_counter() - started
    took_ms = []
    for each in spoken:
        started = time.perf_counter()
        read(each.words, many)
        took_ms.append(1000 * (time.perf_counter() - started))
    return [
        Figure("gazetteer_200k_build_s", "200,000 names read and indexed", round(built_s, 1), "s"),
        Figure(
            "gazetteer_200k_read_p95_ms",
            "a message read with them, p95",
            round(percentile(took_ms, 0.95), 1),
            "ms",
            Aim.below(_AIM_READ_MS),
        ),
    ]


def _shipped_rules() -> Rules:
    folder = ROOT / "config" / "speech"
    reading = read_reading((folder / "reading.toml").read_text(encoding="utf-8"), "reading.toml")
    return Rules("", reading, read_gazetteer((folder / "gazetteer.csv").read_text(encoding="utf-8"), "gazetteer.csv"))
