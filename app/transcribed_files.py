"""Files in, texts out, without database or queue: one process per core, each with the model in its memory."""

import functools
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from app.bootstrap import audio_converter, recogniser
from asr.adapters.rule_files import RuleFiles
from asr.domain.audio.audio_quality import AudioQuality
from asr.domain.errors import AudioUnreadable, RecognitionFailed
from asr.domain.transcript import Recognised
from asr.domain.understanding import Understanding, understand
from asr.service import heard_on_all_sides
from config.logging_setup import configure_logging
from config.settings import Settings
from kit.errors import HotlineError


@dataclass(frozen=True, slots=True)
class TranscribedFile:
    """Either `recognised` and what follows from it, or the error's code and message."""

    path: str
    recognised: Recognised | None = None
    understanding: Understanding | None = None
    quality: AudioQuality | None = None
    error: str | None = None
    message: str = ""


def transcribe_files(settings: Settings, paths: Sequence[Path], *, as_json: bool, with_words: bool) -> int:
    """Print every file's text in the order of the paths; exit status 0 when all could be read."""
    files = list(_files(paths))
    are_all_read = True
    with _transcribed(settings, files) as results, Progress(
        console=Console(stderr=True), disable=len(files) < 2, transient=True
    ) as progress:  # fmt: skip
        for done in progress.track(results, total=len(files), description="transcribing"):
            are_all_read &= done.error is None
            if as_json:
                sys.stdout.write(json.dumps(as_object(done), ensure_ascii=False) + "\n")
            else:
                _print(done, with_name=len(files) > 1, with_words=with_words)
            sys.stdout.flush()
    return 0 if are_all_read else 1


def quiet_logs(as_json: bool) -> None:
    """Every process of this word: only errors are logged, and stdout is for texts."""
    configure_logging(level="ERROR", as_json=as_json, process="transcribe")


def transcribe_file(settings: Settings, path: Path) -> TranscribedFile:
    """Raises what is wrong with this machine (ModelMissing, DecoderMissing); what is wrong with the file is told."""
    ear = recogniser(settings)
    try:
        sound = audio_converter(settings).decode(path, ear.sample_rate)
        recognised = heard_on_all_sides(ear, sound)
    except (AudioUnreadable, RecognitionFailed) as error:
        return TranscribedFile(str(path), error=error.code, message=error.message)
    understanding = understand(recognised.words, _rule_files(settings.speech_rules_dir).rules())
    return TranscribedFile(str(path), recognised, understanding, sound.quality)


def as_object(done: TranscribedFile) -> dict[str, object]:
    """For JSON: always the same keys."""
    heard, understood, quality = done.recognised, done.understanding, done.quality
    return {
        "path": done.path,
        "duration_ms": quality.duration_ms if quality else None,
        "model": heard.model if heard else None,
        "model_version": heard.model_version if heard else None,
        "text": heard.text if heard else None,
        "reading": understood.reading.text if understood else None,
        "words": [asdict(word) for word in heard.words] if heard else [],
        "slots": [asdict(slot) for slot in understood.slots] if understood else [],
        "redactions": [asdict(redaction) for redaction in understood.redactions] if understood else [],
        "rules_version": understood.rules_version if understood else None,
        "audio_quality": asdict(quality) if quality else None,
        "error": done.error,
        "message": done.message,
    }


def _print(done: TranscribedFile, *, with_name: bool, with_words: bool) -> None:
    name = f"{done.path}: " if with_name else ""
    if done.recognised is None or done.understanding is None:
        sys.stderr.write(f"hotline: {done.path}: {done.error}: {done.message}\n")
        return
    if done.quality and done.quality.flags:
        sys.stderr.write(f"hotline: {done.path}: audio quality: {', '.join(done.quality.flags)}\n")
    sys.stdout.write(f"{name}{done.understanding.reading.text}\n")
    if with_words:
        for word in done.recognised.words:
            span = f"{word.start_ms / 1000:8.2f} {word.end_ms / 1000:8.2f}"
            sys.stdout.write(f"{span} {word.confidence:5.2f} {word.speaker:8} {word.text}\n")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as named; of folders every file below them in order of name, but none that is hidden."""
    for path in paths:
        if path.is_dir():
            below = (each for each in sorted(path.rglob("*")) if each.is_file())
            yield from (each for each in below if not any(part[0] == "." for part in each.relative_to(path).parts))
        else:
            yield path


@contextmanager
def _transcribed(settings: Settings, files: Sequence[Path]) -> Iterator[Iterable[TranscribedFile]]:
    """Results in the files' order, as they come."""
    one = functools.partial(transcribe_file, settings)
    workers = min(len(files), len(os.sched_getaffinity(0)))
    if workers < 2:
        yield map(one, files)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), quiet_logs, (settings.log_json,)) as pool:
        try:
            yield pool.map(one, files)
        except HotlineError:
            pool.shutdown(cancel_futures=True)
            raise


@functools.cache
def _rule_files(folder: Path) -> RuleFiles:
    return RuleFiles(folder)
