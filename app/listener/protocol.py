"""What is said on a listener's socket: a hello, sound, and texts; checked before anything believes it.

    → {"sample_rate": 8000, "phrases": ["留言", …] | null}
    ← {"ready": true, "model": "…", "unknown_phrases": []}
    → binary: 16-bit little-endian mono PCM, in pieces of any length
    ← {"partial": "留"}                        whenever it changes
    ← {"words": [{"text": "留言", "start_ms": 300, "end_ms": 810, "confidence": 0.98}], "final": true}
    → {"end": true}
    ← the last final words, if any, then {"done": true}

A stream that cannot be is told why, `{"refused": "…"}`, and closed.
"""

import json
from dataclasses import asdict, dataclass

from app.listener.limits import ListenerLimits
from asr.domain.live_text import LiveText
from kit.errors import Invalid

_RATES = range(8000, 48001)


class StreamRefused(Invalid):
    """The peer does not keep to the protocol; the message says at which word."""

    code = "listener.stream_refused"


@dataclass(frozen=True, slots=True)
class Hello:
    sample_rate: int
    phrases: tuple[str, ...] | None


def read_hello(message: str | bytes, limits: ListenerLimits) -> Hello:
    """Raises StreamRefused."""
    facts = _read_object(message)
    rate, phrases = facts.get("sample_rate"), facts.get("phrases")
    if type(rate) is not int or rate not in _RATES:
        raise StreamRefused("sample_rate")
    if phrases is None:
        return Hello(rate, None)
    if not isinstance(phrases, list) or not 0 < len(phrases) <= limits.phrases:
        raise StreamRefused("phrases")
    if not all(isinstance(phrase, str) and 0 < len(phrase) <= limits.phrase_length for phrase in phrases):
        raise StreamRefused("phrases")
    return Hello(rate, tuple(phrases))


def read_end(message: str) -> None:
    """The only text that may follow the hello; raises StreamRefused for any other."""
    if _read_object(message).get("end") is not True:
        raise StreamRefused("message")


def text_message(text: LiveText) -> str:
    if not text.is_final:
        return json.dumps({"partial": text.text}, ensure_ascii=False)
    words = [
        {name: value for name, value in asdict(word).items() if name in ("text", "start_ms", "end_ms", "confidence")}
        for word in text.words
    ]
    return json.dumps({"words": words, "final": True}, ensure_ascii=False)


def _read_object(message: str | bytes) -> dict[str, object]:
    if not isinstance(message, str):
        raise StreamRefused("sound before hello")
    try:
        facts = json.loads(message)
    except (ValueError, RecursionError):
        raise StreamRefused("json") from None
    if not isinstance(facts, dict):
        raise StreamRefused("json")
    return facts
