"""A citizen who says his telephone number and his door, and the transcript that was made of it, by hand."""

from datetime import datetime

from asr import repository
from asr.domain.audio.audio_quality import AudioQuality, QualityFlag
from asr.domain.privacy.redaction import Redaction, RedactionKind
from asr.domain.reading.pieces import Piece, PieceKind, Reading
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.transcript import TranscriptFacts, TranscriptStatus
from asr.domain.words import Word
from tests.api.world import LeftMessage, World
from ticketing.domain.lifecycle import TicketAction
from ticketing.service import Actor

NUMBER = "13800138000"
SPOKEN = "幺三八零零幺三八零零零"
DOOR = "2号楼501"
SPOKEN_DOOR = "二号楼五零一"
SECRETS = (NUMBER, SPOKEN, DOOR, SPOKEN_DOOR)
MASKED = "人民路［门牌］路灯不亮，电话［电话］"
PHONE_SPAN_MS = (500, 700)


def transcript(recording_id: str, at: datetime) -> TranscriptFacts:
    """人民路2号楼501路灯不亮，电话13800138000; one second of sound."""
    words = (
        Word("人民路", 0, 100, 0.95),
        Word(SPOKEN_DOOR, 100, 200, 0.9),
        Word("路灯", 300, 400, 0.98),
        Word("不亮", 400, 450, 0.98),
        Word("电话", 450, 500, 0.99),
        Word(SPOKEN, *PHONE_SPAN_MS, 0.9),
    )
    reading = Reading(
        (
            Piece("人民路", 0, 1),
            Piece(DOOR, 1, 2, PieceKind.NUMBER),
            Piece("路灯", 2, 3),
            Piece("不亮", 3, 4),
            Piece("，", 4, 4, PieceKind.PUNCTUATION),
            Piece("电话", 4, 5),
            Piece(NUMBER, 5, 6, PieceKind.NUMBER),
        )
    )
    phone, door = reading.text.index(NUMBER), reading.text.index(DOOR)
    lamp = Evidence(door + len(DOOR), door + len(DOOR) + 4, 2, 4, 300, 450)
    said_place = Evidence(0, door + len(DOOR), 0, 2, 0, 200)
    said_number = Evidence(phone, phone + len(NUMBER), 5, 6, *PHONE_SPAN_MS)
    return TranscriptFacts(
        recording_id=recording_id,
        status=TranscriptStatus.READY,
        text="".join(word.text for word in words),
        words=words,
        mean_confidence=0.95,
        model="mini-cn",
        model_version="3",
        failure_code=None,
        took_ms=5,
        created_at=at,
        reading=reading,
        slots=(
            Slot(SlotKind.CATEGORY, "lighting", "市政照明", 0.95, (lamp,), "category.lamp"),
            Slot(SlotKind.PLACE, f"人民路{DOOR}", f"人民路{DOOR}", 0.6, (said_place,), "gazetteer", needs_person=True),
            Slot(SlotKind.PHONE_NUMBER, f"+86{NUMBER}", NUMBER, 0.9, (said_number,), "numbers.phone"),
        ),
        redactions=(
            Redaction(RedactionKind.ADDRESS, door, door + len(DOOR), "［门牌］", 1, 2, 100, 200),
            Redaction(RedactionKind.PHONE_NUMBER, phone, phone + len(NUMBER), "［电话］", 5, 6, *PHONE_SPAN_MS),
        ),
        rules_version="by-hand",
        audio_quality=AudioQuality((QualityFlag.TOO_QUIET,), 1000, 450, 0, 300, -45.0, -30.0, 0.0, 1),
    )


def say(world: World) -> LeftMessage:
    """A recognised message with secrets in it; no ticket yet."""
    left = world.leave_message(is_recognised=False)
    with world.services.db.transaction() as tx:
        repository.add(tx.session, transcript(left.recording_id, world.clock.now()))
    return left


def said_ticket(world: World, *, accepted_by: str | None = "ann") -> tuple[str, LeftMessage]:
    """The ticket of such a message, offered to ann (`ann` and `ben` are at their seats) and accepted by her."""
    world.be_available("ann", "ben")
    left = say(world)
    world.services.flow.open_ticket(left.message_id)
    ticket_id = world.services.tickets.ticket_of_message(left.message_id)
    assert ticket_id is not None
    if accepted_by:
        world.services.tickets.act(ticket_id, TicketAction.ACCEPT, Actor(world.ids[accepted_by]))
    return ticket_id, left
