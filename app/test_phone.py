"""`hotline call`: an operator calls any line from the command line and sees how it behaves."""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from app.bootstrap import audio_converter, recogniser
from app.demo.voice import synthesise
from config.settings import Settings
from ivr.adapters.embedded_sip.test_phone import TestCallReport, place_test_call
from kit.errors import Invalid


class CallOptionsWrong(Invalid):
    code = "call.options_wrong"


def run_test_call(
    settings: Settings, *, to: str, number: str, say: str, wav: Path | None, keys: str, as_json: bool
) -> int:
    """Place one call and report it; exit status 0 when it was answered."""
    if say and wav:
        raise CallOptionsWrong("--say and --wav: only one voice at a time")
    if wav is not None and not wav.is_file():
        raise CallOptionsWrong(f"--wav: no such file: {wav}")
    folder = Path(tempfile.mkdtemp(prefix="hotline-call-"))
    if say:
        wav = folder / "said.wav"
        synthesise(say, wav, voice="")
    report = asyncio.run(place_test_call(to, heard_wav=folder / "heard.wav", wav=wav, keys=keys, number=number))
    facts = asdict(report) | {"heard_wav": str(report.heard_wav), "heard_text": _heard_text(settings, report)}
    if as_json:
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    else:
        table = Table("", Column("", overflow="fold"), show_header=False)
        for name, value in facts.items():
            table.add_row(name, "" if value is None else str(value))
        Console().print(table)
    return 0 if report.answer_ms is not None else 1


def _heard_text(settings: Settings, report: TestCallReport) -> str:
    """What the line said, as the configured speech model understands it."""
    if report.heard_ms == 0:
        return ""
    model = recogniser(settings)
    sound = audio_converter(settings).decode(report.heard_wav, model.sample_rate)
    return model.recognise(sound.sides[0].pcm, model.sample_rate).text
