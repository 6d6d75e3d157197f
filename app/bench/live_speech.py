"""How many callers one core understands while they speak, and how soon a spoken word is there."""

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from app.bench.figures import Aim, Figure, percentile
from app.bench.live_speech_side import listen_on_one_core
from kit import speech_synthesis
from kit.errors import Unavailable
from kit.net import free_port

_SENTENCE = "您好，我想反映一下人民路路灯不亮的问题，已经三天了，希望尽快解决，谢谢。"
_VOICES = ("m3", "f4", "Annie", "Denis")
_LEVELS = (1, 8, 16, 24, 32, 40)
_PIECE_S = 0.1
_PIECE = int(speech_synthesis.SAMPLE_RATE * _PIECE_S) * 2
_HELD_WITHIN_S = 0.5
"""A stream is held in real time when its last words are there so soon after its last sound."""
_READY_WITHIN_S = 20.0
_AIM_STREAMS = 2  # what Vosk's maintainer states for one core
_spawn = multiprocessing.get_context("spawn")


class ListenerSilent(Unavailable):
    code = "bench.listener_silent"


@dataclass(frozen=True, slots=True)
class _Heard:
    """Of one stream."""

    end_lag_s: float
    word_lags_s: list[float]
    """From the end of each word to the first partial text that has it."""


def measure_live_speech(
    *, levels: Sequence[int] = _LEVELS, sentence: str = _SENTENCE, held_within_s: float = _HELD_WITHIN_S
) -> list[Figure]:
    """Raise the number of streams until they are no longer held in real time; one child of a listener, one core."""
    sounds = [speech_synthesis.synthesise(sentence, voice=voice, rate_wpm=200) for voice in _VOICES]
    held: dict[int, list[_Heard]] = {}
    with _listener(max(levels)) as url:
        for level in levels:
            heard = asyncio.run(_speak_at_once(url, sounds, level))
            if len(heard) < level or percentile([each.end_lag_s for each in heard], 1.0) > held_within_s:
                break
            held[level] = heard
    most = max(held, default=0)
    figures = [Figure("live_streams_per_core", "held in real time", most, "streams", Aim.at_least(_AIM_STREAMS))]
    for level in sorted({min(held), most} if held else ()):
        figures += _lag_figures(held[level], level)
    return figures


def _lag_figures(heard: Sequence[_Heard], level: int) -> list[Figure]:
    words = [1000 * lag for each in heard for lag in each.word_lags_s]
    ends = [1000 * each.end_lag_s for each in heard]
    key, of = f"live_{level}", f"{level} stream{'s' if level > 1 else ''}:"
    return [
        Figure(f"{key}_partial_p50_ms", f"{of} word spoken → partial text, p50", round(percentile(words, 0.5)), "ms"),
        Figure(f"{key}_partial_p95_ms", f"{of} word spoken → partial text, p95", round(percentile(words, 0.95)), "ms"),
        Figure(f"{key}_end_p95_ms", f"{of} end of speech → last words, p95", round(percentile(ends, 0.95)), "ms"),
    ]


@contextmanager
def _listener(streams: int) -> Iterator[str]:
    """A listener on the last core; the callers share the others (or the same one, where there is only one)."""
    cores = sorted(os.sched_getaffinity(0))
    port = free_port()
    process = _spawn.Process(target=listen_on_one_core, args=(port, cores[-1], streams))
    process.start()
    os.sched_setaffinity(0, cores[:-1] or cores)
    try:
        url = f"ws://127.0.0.1:{port}"
        asyncio.run(_ready(url))
        yield url
    finally:
        os.sched_setaffinity(0, cores)
        process.terminate()
        process.join()


async def _ready(url: str) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            await (await _opened(url)).close()
        except (OSError, WebSocketException, TimeoutError):
            await asyncio.sleep(0.1)
        else:
            return
    raise ListenerSilent(f"the listener did not serve within {_READY_WITHIN_S:.0f} s")


async def _opened(url: str) -> ClientConnection:
    connection = await connect(url, compression=None, proxy=None, ping_interval=None)
    await connection.send(json.dumps({"sample_rate": speech_synthesis.SAMPLE_RATE, "phrases": None}))
    answer = json.loads(await asyncio.wait_for(connection.recv(), 2))
    if answer.get("ready") is not True:
        raise ConnectionRefusedError(str(answer))
    return connection


async def _speak_at_once(url: str, sounds: Sequence[bytes], streams: int) -> list[_Heard]:
    """Those streams that came to their end; each begins at another moment of the first piece."""
    speaking = [_speak(url, sounds[number % len(sounds)], _PIECE_S * number / streams) for number in range(streams)]
    heard = await asyncio.gather(*speaking, return_exceptions=True)
    return [each for each in heard if isinstance(each, _Heard)]


async def _speak(url: str, sound: bytes, begins_after_s: float) -> _Heard:
    await asyncio.sleep(begins_after_s)
    began, ended, texts = await say_to_listener(url, sound)
    return _Heard(texts[-1][0] - ended, word_lags_s(began, texts))


async def say_to_listener(url: str, sound: bytes) -> tuple[float, float, list[tuple[float, dict[str, Any]]]]:
    """Speak in real time: when it began and ended, and every text with its moment of arrival."""
    async with await _opened(url) as connection:
        began = time.monotonic()
        listening = asyncio.create_task(_listen(connection))
        for number, at in enumerate(range(0, len(sound), _PIECE), start=1):
            await asyncio.sleep(max(0.0, began + number * _PIECE_S - time.monotonic()))  # a piece exists once spoken
            await connection.send(sound[at : at + _PIECE])
        await connection.send('{"end": true}')
        ended = time.monotonic()
        return began, ended, await listening


async def _listen(connection: ClientConnection) -> list[tuple[float, dict[str, Any]]]:
    """Everything that was said, each with its moment of arrival."""
    texts = []
    async for message in connection:
        texts.append((time.monotonic(), json.loads(message)))
        if "done" in texts[-1][1]:
            break
    return texts


def word_lags_s(began: float, texts: Sequence[tuple[float, dict[str, Any]]]) -> list[float]:
    """For each final word, from its end to the first partial text that had it and all before it as they remained."""
    lags, partials = [], []
    for at, text in texts:
        if "partial" in text:
            partials.append((at, text["partial"]))
        elif "words" in text:
            spoken = ""
            for word in text["words"]:
                spoken += word["text"]
                there_at = next((arrived for arrived, partial in partials if partial.startswith(spoken)), at)
                lags.append(there_at - began - word["end_ms"] / 1000)
            partials = []
    return lags
