"""From Chinese text to the numbered pinyin that espeak-ng's `cmn-latn-pinyin` voice speaks well."""

import re
import string
from collections.abc import Mapping

from pypinyin import Style, lazy_pinyin

from kit.errors import Invalid

_DIGITS = ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3")
_LETTER_SOUNDS = (
    "ei1 bi4 xi1 di4 yi4 ai2_fu5 ji4 ei2_chi5 ai4 zhei4 kai4 ai2_lou5 ai2_mu5 en1 ou1 pi4 kiu1 a4 ai2_si5 ti4 you1"
    " wei4 da2_bu5_liu5 ai2_ke5_si5 wai4 zei4"
)
_LETTERS = dict(zip(string.ascii_uppercase, _LETTER_SOUNDS.split(), strict=True))
_PAUSES = {
    "，": ",",
    "、": ",",
    "：": ",",
    "；": ",",
    "。": ".",
    "！": ".",
    "？": ".",
    "…": ".",
    ";": ",",
    ":": ",",
    "!": ".",
    ",": ",",
    ".": ".",
    "?": ".",
}
_SYLLABIC_NASALS = {"n": "en", "ng": "en", "m": "en", "hm": "heng", "hng": "heng"}
"""嗯 and its like: the voice needs a vowel."""
_SYLLABLE = re.compile(r"[a-z]+[1-5]")


class TextNotSpeakable(Invalid):
    """There is something in the text that has no pinyin, or nothing to say at all."""

    code = "speech_synthesis.text_not_speakable"


def pinyin_of(text: str, readings: Mapping[str, str] | None = None) -> str:
    """Syllables and pauses. Runs of digits are read as a telephone number is (1 is yāo), a single one as yī.

    `readings` gives the syllables of words that the dictionary gets wrong. Raises TextNotSpeakable.
    """
    words = sorted(readings or {}, key=len, reverse=True)
    pieces = re.compile("|".join([*map(re.escape, words), r"\d+", r"[A-Za-z]", r"[\u4e00-\u9fff]", "."]))
    clauses: list[str] = []
    syllables: list[str] = []
    hanzi = ""
    for piece in [*pieces.findall(text), ""]:
        if re.fullmatch(r"[\u4e00-\u9fff]", piece) and piece not in words:
            hanzi += piece
            continue
        syllables += _dictionary_reading(hanzi)
        hanzi = ""
        if readings and piece in readings:
            syllables += readings[piece].split()
        elif piece in _PAUSES or not piece:
            clauses.append(" ".join(_with_sandhi(syllables)) + _PAUSES.get(piece, ""))
            syllables = []
        elif not piece.isspace():
            syllables += _spelled(piece)
    spoken = " ".join(clause for clause in clauses if clause)
    wrong = [word for word in re.findall(r"[^\s,.]+", spoken) if not _SYLLABLE.fullmatch(word)]
    if wrong or not _SYLLABLE.search(spoken):
        raise TextNotSpeakable(f"no pinyin for {wrong or text!r}")
    return spoken


def _spelled(piece: str) -> list[str]:
    if piece.isascii() and piece.isdigit():
        return ["yao1" if digit == "1" and len(piece) > 1 else _DIGITS[int(digit)] for digit in piece]
    if piece.upper() in _LETTERS:
        return _LETTERS[piece.upper()].split("_")
    raise TextNotSpeakable(f"no pinyin for {piece!r}")


def _dictionary_reading(hanzi: str) -> list[str]:
    """`v` stands for ü, 5 for the neutral tone; 不 and 一 change their tone as in speech."""
    spoken = lazy_pinyin(hanzi, style=Style.TONE3, v_to_u=False, neutral_tone_with_five=True, tone_sandhi=True)
    return [_SYLLABIC_NASALS.get(syllable[:-1], syllable[:-1]) + syllable[-1] for syllable in spoken]


def _with_sandhi(syllables: list[str]) -> list[str]:
    """Across words: of two third tones in a row the first rises (nǐ hǎo → ní hǎo), and 不 before a fourth tone."""
    following = [*syllables, ""][1:]
    return [
        this[:-1] + "2"
        if (this.endswith("3") and after.endswith("3")) or (this == "bu4" and after.endswith("4"))
        else this
        for this, after in zip(syllables, following, strict=True)
    ]
