"""A transcript as it may leave the seat: of the same shape, without what identifies a person.

Hidden words keep their places and times, so that the text can still be followed while the sound plays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from asr.domain.chinese_text import joined
from asr.domain.privacy.redaction import Redaction, RedactionKind, masked
from asr.domain.reading.pieces import Piece, Reading
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.transcript import TranscriptFacts, TranscriptStatus
from asr.domain.words import Word

HIDDEN = "＊＊"

SAID_IN_OWN_WORDS = frozenset({SlotKind.PHONE_NUMBER, SlotKind.PLACE, SlotKind.TIME, SlotKind.PEOPLE_AFFECTED})
"""Their value and label repeat what was said; those of the other kinds come from the rules' closed lists."""
_ALWAYS_HIDDEN = frozenset({SlotKind.PHONE_NUMBER})
_SHORTEST_SECRET = 3


def can_be_masked(status: TranscriptStatus | None) -> bool:
    """Whether it is known what to hide. Without a transcript, or with a failed one, there is only the original."""
    return status in (TranscriptStatus.READY, TranscriptStatus.EMPTY)


def masked_transcript(facts: TranscriptFacts) -> TranscriptFacts:
    """Every layer with every redaction applied; the redactions themselves now point into the masked reading text."""
    cuts = _Cuts.of(facts.redactions)
    words = masked_words(facts.words, facts.redactions)
    return replace(
        facts,
        text=joined(word.text for word in words) if facts.redactions else facts.text,
        words=words,
        reading=Reading(tuple(_masked_pieces(facts.reading, cuts.redactions))),
        slots=tuple(_masked_slot(slot, facts.reading.text, cuts) for slot in facts.slots),
        redactions=cuts.moved(),
    )


def masked_words(words: Sequence[Word], redactions: Sequence[Redaction]) -> tuple[Word, ...]:
    hidden = {index for redaction in redactions for index in range(redaction.first_word, redaction.end_word)}
    return tuple(replace(word, text=HIDDEN) if index in hidden else word for index, word in enumerate(words))


def redacted_as(redactions: Sequence[Redaction], start_char: int, end_char: int) -> RedactionKind | None:
    """What the characters [start, end) of the text are hidden as, if they are."""
    return next((each.kind for each in redactions if each.start_char < end_char and each.end_char > start_char), None)


def masked_label(kind: SlotKind, masked_text: str) -> str:
    """What a person typed for a slot, for those without access; `masked_text` is it with redactions applied."""
    return HIDDEN if kind in _ALWAYS_HIDDEN else masked_text


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the text changes its length."""

    redactions: tuple[Redaction, ...]

    @classmethod
    def of(cls, redactions: Sequence[Redaction]) -> "_Cuts":
        return cls(tuple(sorted(redactions, key=lambda each: each.start_char)))

    def place(self, char: int, *, is_end: bool) -> int:
        """The same place in the masked text; one inside a redaction moves to the mask's edge."""
        shift = 0
        for cut in self.redactions:
            if char >= cut.end_char:
                shift += len(cut.mask) - (cut.end_char - cut.start_char)
            elif char > cut.start_char:
                return cut.start_char + shift + (len(cut.mask) if is_end else 0)
        return char + shift

    def moved(self) -> tuple[Redaction, ...]:
        return tuple(
            replace(
                each,
                start_char=self.place(each.start_char, is_end=False),
                end_char=self.place(each.end_char, is_end=True),
            )
            for each in self.redactions
        )

    def touch(self, evidence: Evidence) -> bool:
        return any(
            (each.start_char < evidence.end_char and each.end_char > evidence.start_char)
            or (each.first_word < evidence.end_word and each.end_word > evidence.first_word)
            for each in self.redactions
        )


def _masked_pieces(reading: Reading, redactions: Sequence[Redaction]) -> Iterator[Piece]:
    """Pieces lose what lies in a redaction; its mask becomes one piece with the words of the redaction."""
    at, ahead = 0, list(redactions)
    for piece in reading.pieces:
        end, kept_from = at + len(piece.text), at
        while ahead and ahead[0].start_char < end:
            cut = ahead[0]
            yield from _part(piece, at, kept_from, cut.start_char)
            if cut.start_char >= at:
                yield Piece(cut.mask, cut.first_word, cut.end_word)
            kept_from = min(cut.end_char, end)
            if cut.end_char > end:
                break
            ahead.pop(0)
        yield from _part(piece, at, kept_from, end)
        at = end


def _part(piece: Piece, at: int, start: int, end: int) -> Iterator[Piece]:
    """Of a piece that begins at `at`, the characters [start, end) of the whole text."""
    if start < end:
        yield replace(piece, text=piece.text[start - at : end - at])


def _masked_slot(slot: Slot, text: str, cuts: _Cuts) -> Slot:
    """`text` is the reading text before anything was hidden."""
    evidence = tuple(
        replace(
            each,
            start_char=cuts.place(each.start_char, is_end=False),
            end_char=cuts.place(each.end_char, is_end=True),
        )
        for each in slot.evidence
    )
    if not _reveals(slot, text, cuts):
        return replace(slot, evidence=evidence)
    hidden, label = masked(text, cuts.redactions), HIDDEN
    if slot.kind in SAID_IN_OWN_WORDS and any(cuts.touch(each) for each in slot.evidence):
        label = "".join(hidden[each.start_char : each.end_char] for each in evidence[:1]) or HIDDEN
    return replace(slot, evidence=evidence, value="", label=label)


def _reveals(slot: Slot, text: str, cuts: _Cuts) -> bool:
    if slot.kind in _ALWAYS_HIDDEN:
        return True
    if slot.kind in SAID_IN_OWN_WORDS and any(cuts.touch(each) for each in slot.evidence):
        return True
    secrets = (text[each.start_char : each.end_char] for each in cuts.redactions)
    return any(len(secret) >= _SHORTEST_SECRET and (secret in slot.value or secret in slot.label) for secret in secrets)
