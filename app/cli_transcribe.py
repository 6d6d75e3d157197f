"""`hotline transcribe`: the words of the command line; `app/transcribed_files.py` does the work."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from config.settings import load_settings


def transcribe(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Audio of any format; folders with all in them")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file and line.")] = False,
    words: Annotated[bool, typer.Option("--words", help="Each word with its time and confidence.")] = False,
) -> None:
    """Turn audio files into text, here and offline; exit status 1 when one of them could not be read."""
    from app.transcribed_files import quiet_logs, transcribe_files

    settings = load_settings()
    quiet_logs(settings.log_json)
    sys.exit(transcribe_files(settings, paths, as_json=as_json, with_words=words))
