"""How soon a spoken word is on the screen of the person who talks, beyond what the recogniser itself takes.

The same sentence is spoken to the running hotline's own listener, and to a person through a call. What is compared is
the moment at which so many characters stood there, whichever they were.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from app.bench.figures import Aim, Figure, percentile
from app.bench.live_speech import say_to_listener
from app.bench.seat_delay import SeatNotReached, SeatPhone, phone_line, reach, wrap_up
from app.demo.house import House
from app.demo.seat import Seat, SeatSawNothing, signed_in_seat
from ivr.adapters.sound import encode
from kit import speech_synthesis

_AGENT = "agent-a"
_SENTENCE = "您好，我想反映一下人民路路灯不亮的问题，已经三天了，希望尽快解决，谢谢。"
_VOICES = ("m3", "f4", "Annie")
_LAST_WORDS_S = 3.0
_AIM_MS = 700.0


def measure_word_delay(house: House, *, voices: Sequence[str] = _VOICES) -> list[Figure]:
    """Raises SeatNotReached when nothing could be compared."""
    added = asyncio.run(_measure(house, voices))
    if not added:
        raise SeatNotReached("no word came to the screen")
    text = "word spoken → on the screen, beyond the recogniser,"
    p50, p95 = (round(percentile(added, share)) for share in (0.5, 0.95))
    return [
        Figure("word_characters", "characters compared", len(added), "characters"),
        Figure("word_screen_p50_ms", f"{text} p50", p50, "ms"),
        Figure("word_screen_p95_ms", f"{text} p95", p95, "ms", Aim.below(_AIM_MS)),
    ]


async def _measure(house: House, voices: Sequence[str]) -> list[float]:
    listener = f"ws://127.0.0.1:{house.settings.listener_port}"
    added: list[float] = []
    async with (
        phone_line("801") as seat_line,
        phone_line("13900000001") as caller,
        signed_in_seat(house.url, _AGENT, house.passwords[_AGENT]) as seat,
    ):
        phone = SeatPhone(seat_line)
        seat_line.on_call = phone.take
        await seat.put("/me/phone", {"phone": f"sip:801@127.0.0.1:{seat_line.port}"})
        for voice in voices:
            sound = speech_synthesis.synthesise(_SENTENCE, voice=voice, rate_wpm=200)
            began, _, texts = await say_to_listener(listener, sound)
            alone = there_at(began, [_as_spoken(at, text) for at, text in texts])
            _, call = await reach(house, caller, phone)
            await asyncio.sleep(1)  # until both are connected
            began = time.monotonic()
            call.stream.play(encode(sound, call.stream.encoding))
            seen = await _words_on_screen(seat, len(sound) / 16000 + _LAST_WORDS_S)
            await call.hang_up()
            await wrap_up(seat)
            through = there_at(began, seen)
            both = min(len(alone), len(through))
            added += [1000 * (through[number] - alone[number]) for number in range(both)]
        await seat.put("/me/phone", {"phone": None})
    return added


def _as_spoken(at: float, text: dict[str, Any]) -> tuple[float, str, bool]:
    """Moment, text, and whether it is final."""
    if "words" in text:
        return at, "".join(word["text"] for word in text["words"]), True
    return at, text.get("partial", ""), False


async def _words_on_screen(seat: Seat, for_s: float) -> list[tuple[float, str, bool]]:
    seen, deadline = [], time.monotonic() + for_s
    while (left := deadline - time.monotonic()) > 0:
        try:
            event = await seat.next_event("talk.words", left)
        except SeatSawNothing:
            break
        if event["side"] == "citizen":
            seen.append((time.monotonic(), event["text"], bool(event["is_final"])))
    return seen


def there_at(began: float, texts: Sequence[tuple[float, str, bool]]) -> list[float]:
    """Seconds after the beginning at which the first, the second, … character stood there."""
    there: list[float] = []
    final = 0
    for at, text, is_final in texts:
        length = final + len(text)
        there += [at - began] * (length - len(there))
        if is_final:
            final = length
    return there
