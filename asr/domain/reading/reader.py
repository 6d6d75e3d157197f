"""From recognised words to the reading text: each turn by itself, each piece tied to the words it came from."""

import string
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from asr.domain.reading.figures import find_figures
from asr.domain.reading.heard_turn import HeardTurn
from asr.domain.reading.hesitations import turns, words_read
from asr.domain.reading.name_search import find_names
from asr.domain.reading.numerals import NUMERAL_CHARACTERS
from asr.domain.reading.pieces import Piece, PieceKind, Reading
from asr.domain.reading.punctuation import Place, final_mark, mark_at
from asr.domain.reading.reading_rules import ReadingRules
from asr.domain.rules import Rules
from asr.domain.words import Speaker, Word

_LOOK_AHEAD = 8
"""Characters after a place that may say that a clause begins there."""
_NUMERAL_ENDS = frozenset(NUMERAL_CHARACTERS + string.digits)
_TURN = {Speaker.CITIZEN: "市民：", Speaker.AGENT: "坐席："}


def read(words: Sequence[Word], rules: Rules) -> Reading:
    """The same words and the same rules give the same reading."""
    has_two_sides = len({word.speaker for word in words if word.text.strip()}) > 1
    pieces: list[Piece] = []
    for turn in turns(words):
        if has_two_sides:
            label = _TURN[words[turn[0]].speaker]
            pieces.append(Piece(f"\n{label}" if pieces else label, turn[0], turn[0], PieceKind.TURN))
        heard = HeardTurn.of(words, words_read(words, turn, rules.reading.hesitations))
        pieces += _punctuated(heard, _pieces(heard, _edits(heard, rules)), rules.reading)
    return Reading(tuple(pieces))


@dataclass(frozen=True, slots=True)
class _Edit:
    """The characters [start, end) are read as `text`."""

    start: int
    end: int
    text: str
    kind: PieceKind


def _edits(heard: HeardTurn, rules: Rules) -> list[_Edit]:
    names = find_names(heard.text, heard.spans, rules.gazetteer)
    edits = [_Edit(each.start, each.end, each.name, PieceKind.NAME) for each in names if each.is_whole_words]
    figures = find_figures(heard.text, rules.reading.figures, [range(each.start, each.end) for each in names])
    edits += [_Edit(each.start, each.end, each.figures, PieceKind.NUMBER) for each in figures]
    return sorted(edits, key=lambda edit: edit.start)


def _pieces(heard: HeardTurn, edits: Sequence[_Edit]) -> Iterator[Piece]:
    """Whole words: what is changed in a part of a word takes the rest of the word along."""
    waiting = deque(edits)
    place = 0
    while place < len(heard.spans):
        end, inside = place + 1, []
        while waiting and waiting[0].start < heard.spans[end - 1][1]:
            inside.append(waiting.popleft())
            while end < len(heard.spans) and heard.spans[end][0] < inside[-1].end:
                end += 1
        text, at = "", heard.spans[place][0]
        for edit in inside:
            text += heard.plain(at, edit.start) + edit.text
            at = edit.end
        text += heard.plain(at, heard.spans[end - 1][1])
        kind = inside[0].kind if inside else PieceKind.WORDS
        yield Piece(text, heard.indexes[place], heard.indexes[end - 1] + 1, kind)
        place = end


def _punctuated(heard: HeardTurn, pieces: Iterable[Piece], rules: ReadingRules) -> Iterator[Piece]:
    start_of = {index: start for index, (start, _end) in zip(heard.indexes, heard.spans, strict=True)}
    turn = clause = ""
    before: Piece | None = None
    for piece in pieces:
        mark = _mark_between(heard, before, piece, clause, start_of[piece.first_word], rules) if before else ""
        if before and mark:
            yield Piece(mark, before.end_word, before.end_word, PieceKind.PUNCTUATION)
            piece = replace(piece, text=piece.text.removeprefix(" "))  # a latin word needs no space after a mark
            clause = ""
        yield piece
        turn, clause, before = turn + piece.text, clause + piece.text, piece
    if before and (mark := final_mark(turn, clause, heard.words[before.end_word - 1].text, rules.punctuation)):
        yield Piece(mark, before.end_word, before.end_word, PieceKind.PUNCTUATION)


def _mark_between(heard: HeardTurn, before: Piece, piece: Piece, clause: str, start: int, rules: ReadingRules) -> str:
    if before.kind is PieceKind.NAME and piece.kind is PieceKind.NUMBER:
        return ""  # a road and its house number
    if before.text[-1] in _NUMERAL_ENDS and rules.figures.measures.longest_at(piece.text, 0):
        return ""  # three … people
    mark = mark_at(
        Place(
            clause=clause,
            last_word=heard.words[before.end_word - 1].text,
            next_word=heard.words[piece.first_word].text,
            following=heard.plain(start, start + _LOOK_AHEAD),
            silence_ms=heard.silence_ms(before.end_word - 1, piece.first_word),
        ),
        rules.punctuation,
    )
    if before.text[-1:].isdigit() and piece.text[:1].isdigit():
        return mark or "，"
    are_numbers = before.kind is piece.kind is PieceKind.NUMBER
    return "" if are_numbers and mark == "，" else mark  # parts of an address, of a date
