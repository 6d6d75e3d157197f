"""Words as a recogniser would give them, and the rules that ship with the hotline."""

from functools import cache

from asr.adapters.gazetteer_file import read_gazetteer
from asr.adapters.reading_file import read_reading
from asr.domain.rules import Rules
from asr.domain.words import Speaker, Word
from config.settings import ROOT

_MS_PER_CHARACTER = 200
_SPEAKERS = {"市民": Speaker.CITIZEN, "坐席": Speaker.AGENT}


def spoken(text: str) -> list[Word]:
    """`喂 /300 你好`: words in a row, with 300 ms of silence between them. `坐席:` lets the agent speak from there."""
    words: list[Word] = []
    at_ms, speaker = 0, Speaker.CITIZEN
    for part in text.split():
        if part.startswith("/"):
            at_ms += int(part[1:])
        elif part.endswith(":"):
            speaker = _SPEAKERS[part[:-1]]
        else:
            end_ms = at_ms + _MS_PER_CHARACTER * len(part)
            words.append(Word(part, at_ms, end_ms, 1.0, speaker))
            at_ms = end_ms
    return words


@cache
def shipped_rules() -> Rules:
    folder = ROOT / "config" / "speech"
    reading = read_reading((folder / "reading.toml").read_text(encoding="utf-8"), "reading.toml")
    gazetteer = read_gazetteer((folder / "gazetteer.csv").read_text(encoding="utf-8"), "gazetteer.csv")
    return Rules("shipped", reading, gazetteer)
