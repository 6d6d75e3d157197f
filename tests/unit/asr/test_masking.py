"""What leaves the seat: every layer without what identifies a person, every place still where it was."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from asr.domain.masking import HIDDEN, masked_label, masked_transcript
from asr.domain.privacy.redaction import Redaction, RedactionKind, masked
from asr.domain.reading.pieces import Piece, PieceKind, Reading
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.transcript import TranscriptFacts, TranscriptStatus
from asr.domain.words import Word

NUMBER = "13800138000"
SPOKEN = "幺三八零零幺三八零零零"


def transcript() -> TranscriptFacts:
    """人民路三号楼漏水，电话13800138000，谢谢"""
    texts = ["人民路", "三号楼", "漏水", "电话", *SPOKEN, "谢谢"]
    words = tuple(Word(text, 100 * at, 100 * at + 90, 0.9) for at, text in enumerate(texts))
    reading = Reading(
        (
            Piece("人民路", 0, 1),
            Piece("3号楼", 1, 2, PieceKind.NUMBER),
            Piece("漏水", 2, 3),
            Piece("，", 3, 3, PieceKind.PUNCTUATION),
            Piece("电话", 3, 4),
            Piece(NUMBER, 4, 15, PieceKind.NUMBER),
            Piece("，", 15, 15, PieceKind.PUNCTUATION),
            Piece("谢谢", 15, 16),
        )
    )
    slots = (
        Slot(SlotKind.CATEGORY, "housing", "住房", 0.9, (Evidence(6, 8, 2, 3, 200, 290),)),
        Slot(SlotKind.PLACE, "人民路3号楼", "人民路3号楼", 0.9, (Evidence(0, 6, 0, 2, 0, 190),)),
        Slot(SlotKind.PHONE_NUMBER, f"+86{NUMBER}", NUMBER, 0.9, (Evidence(11, 22, 4, 15, 400, 1490),)),
        Slot(SlotKind.MOOD, "calm", "平静", 0.9, (Evidence(23, 25, 15, 16, 1500, 1590),)),
    )
    redactions = (
        Redaction(RedactionKind.PHONE_NUMBER, 11, 22, "［电话］", 4, 15, 400, 1490),
        Redaction(RedactionKind.ADDRESS, 3, 6, "［门牌］", 1, 2, 100, 190),
    )
    return TranscriptFacts(
        recording_id="r",
        status=TranscriptStatus.READY,
        text="".join(texts),
        words=words,
        mean_confidence=0.9,
        model="m",
        failure_code=None,
        took_ms=1,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        reading=reading,
        slots=slots,
        redactions=redactions,
    )


def test_no_layer_keeps_a_digit_of_the_number() -> None:
    shown = masked_transcript(transcript())
    assert shown.reading.text == "人民路［门牌］漏水，电话［电话］，谢谢"
    assert shown.text == f"人民路{HIDDEN}漏水电话{HIDDEN * 11}谢谢"
    everything = repr((shown.text, shown.words, shown.reading, [(s.value, s.label) for s in shown.slots]))
    for secret in (NUMBER, "幺", "零", "三号楼", "3号楼"):
        assert secret not in everything


def test_hidden_words_keep_their_time_and_confidence() -> None:
    original, shown = transcript(), masked_transcript(transcript())
    assert [(word.start_ms, word.end_ms, word.confidence) for word in shown.words] == [
        (word.start_ms, word.end_ms, word.confidence) for word in original.words
    ]
    assert [word.text == HIDDEN for word in shown.words] == [1 <= at < 2 or 4 <= at < 15 for at in range(16)]


def test_the_mask_is_one_piece_with_the_words_it_hides() -> None:
    pieces = masked_transcript(transcript()).reading.pieces
    assert Piece("［电话］", 4, 15) in pieces
    assert Piece("［门牌］", 1, 2) in pieces


def test_evidence_follows_the_text() -> None:
    shown = masked_transcript(transcript())
    said = {slot.kind: [shown.reading.text[e.start_char : e.end_char] for e in slot.evidence] for slot in shown.slots}
    assert said[SlotKind.CATEGORY] == ["漏水"]
    assert said[SlotKind.MOOD] == ["谢谢"]
    assert said[SlotKind.PLACE] == ["人民路［门牌］"]
    assert said[SlotKind.PHONE_NUMBER] == ["［电话］"]


def test_a_slot_shows_no_more_than_the_text() -> None:
    shown = {slot.kind: (slot.value, slot.label) for slot in masked_transcript(transcript()).slots}
    assert shown[SlotKind.PLACE] == ("", "人民路［门牌］")
    assert shown[SlotKind.PHONE_NUMBER] == ("", "［电话］")
    assert shown[SlotKind.CATEGORY] == ("housing", "住房")


def test_a_telephone_number_is_hidden_even_where_no_redaction_lies() -> None:
    bare = replace(transcript(), redactions=())
    [slot] = [slot for slot in masked_transcript(bare).slots if slot.kind is SlotKind.PHONE_NUMBER]
    assert (slot.value, slot.label) == ("", HIDDEN)


def test_a_slot_that_repeats_a_secret_from_elsewhere_is_hidden() -> None:
    told = Slot(SlotKind.DEPARTMENT, "d", f"联系{NUMBER}", 0.9, ())
    shown = masked_transcript(replace(transcript(), slots=(told,)))
    assert (shown.slots[0].value, shown.slots[0].label) == ("", HIDDEN)


def test_without_redactions_nothing_changes_but_the_telephone_number() -> None:
    plain = replace(transcript(), redactions=(), slots=())
    assert masked_transcript(plain) == plain


def test_a_typed_telephone_number_is_hidden_whole() -> None:
    assert masked_label(SlotKind.PHONE_NUMBER, NUMBER) == HIDDEN
    assert masked_label(SlotKind.PLACE, "人民路") == "人民路"


@given(st.data())
def test_pieces_and_masks_make_the_same_text_wherever_the_redactions_lie(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.text("甲乙丙12", max_size=4), min_size=1, max_size=8))
    pieces = tuple(Piece(text, at, at + 1) for at, text in enumerate(texts))
    reading = Reading(pieces)
    length = len(reading.text)
    edges = sorted(set(data.draw(st.lists(st.integers(0, length), max_size=8))))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    redactions = tuple(
        Redaction(RedactionKind.PLATE, start, end, data.draw(st.sampled_from(["■", "［车牌］"])), 0, 0, 0, 0)
        for start, end in pairs
    )
    facts = replace(transcript(), reading=reading, slots=(), redactions=redactions)
    shown = masked_transcript(facts)
    assert shown.reading.text == masked(reading.text, redactions)
    for before, after in zip(redactions, shown.redactions, strict=True):
        assert shown.reading.text[after.start_char : after.end_char] == before.mask
