"""`hotline reading`: try the rules of the reading text on typed words."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from asr.domain.chinese_text import joined
from asr.domain.reading.pieces import Reading
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.words import Word
from config.settings import load_settings

reading_cli = typer.Typer(no_args_is_help=True, help="The rules of the reading text.")

_CHARACTER_MS = 200
_PAUSES_MS = {"，": 300, ",": 300, "、": 300, "。": 700, ".": 700, "？": 700, "?": 700, "！": 700, "!": 700}
_TOKEN = re.compile(rf"[{re.escape(''.join(_PAUSES_MS))}]|[^\s{re.escape(''.join(_PAUSES_MS))}]+")
_CHARACTER = re.compile(r"[A-Za-z0-9]+|\S")


@reading_cli.command("try")
def reading_try(
    text: Annotated[str, typer.Argument(help="Words with spaces between them, as a recogniser gives them")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Read words as a voice message; a comma stands for a short pause, a full stop for a long one."""
    from asr.adapters.rule_files import RuleFiles

    typer.echo(tried(text, RuleFiles(load_settings().speech_rules_dir).rules(), as_json=as_json))


def tried(text: str, rules: Rules, *, as_json: bool) -> str:
    """The reading text, and each piece that differs from what was heard."""
    words = list(_words(text))
    reading = read(words, rules)
    changes = list(_changes(words, reading))
    if as_json:
        return json.dumps({"text": reading.text, "changes": changes}, ensure_ascii=False)
    return "\n".join([reading.text, *(f"  {each['kind']:<8} {each['heard']} → {each['read']}" for each in changes)])


def _words(text: str) -> Iterator[Word]:
    """Without any space each character is a word."""
    tokens = _TOKEN if " " in text.strip() else _CHARACTER
    at_ms = 0
    for token in tokens.findall(text.strip()):
        if token in _PAUSES_MS:
            at_ms += _PAUSES_MS[token]
        else:
            yield Word(token, at_ms, at_ms + _CHARACTER_MS * len(token), 1.0)
            at_ms += _CHARACTER_MS * len(token)


def _changes(words: list[Word], reading: Reading) -> Iterator[dict[str, Any]]:
    read_until = 0
    for piece in reading.pieces:
        if piece.first_word == piece.end_word:
            continue
        if unread := joined(word.text for word in words[read_until : piece.first_word]):
            yield {"kind": "unread", "heard": unread, "read": ""}
        heard = joined(word.text for word in words[piece.first_word : piece.end_word])
        if heard != piece.text.strip():
            yield {"kind": piece.kind.value, "heard": heard, "read": piece.text}
        read_until = piece.end_word
    if unread := joined(word.text for word in words[read_until:]):
        yield {"kind": "unread", "heard": unread, "read": ""}
