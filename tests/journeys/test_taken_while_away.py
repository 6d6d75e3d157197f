"""The hotline is away, a real Asterisk takes a message by itself; when we are back it is a ticket, exactly once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.demo.baresip import baresip_phone, phone_ports
from callbacks.models import CallbackTask
from ivr.adapters.asterisk.away_folder import AwayFolder
from ivr.away_service import AwayService
from ivr.domain.call import CallOutcome
from ivr.models import Call, VoiceMessage
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.asterisk import Asterisk
from ticketing.models import Ticket


def _taking_in(hotline: Hotline, folder: Path) -> AwayService:
    services = hotline.services
    return AwayService(services.ivr, AwayFolder(folder), services.clock, "telephony-test")


def _rows(hotline: Hotline) -> tuple[list[Call], list[VoiceMessage], list[Ticket]]:
    with hotline.services.db.reading() as session:
        return (
            list(session.scalars(select(Call))),
            list(session.scalars(select(VoiceMessage))),
            list(session.scalars(select(Ticket))),
        )


async def test_a_message_taken_by_asterisk_alone_becomes_one_ticket(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    silence = write_wav(tmp_path / "silence.wav", tone(60, amplitude=0))
    speech = write_wav(tmp_path / "speech.wav", tone(1.5) + tone(30, amplitude=0))
    async with baresip_phone(tmp_path / "phone", phone_ports(), number=CITIZEN, silence=silence) as phone:
        await phone.dial(f"sip:12345@127.0.0.1:{asterisk.sip_port}")
        await phone.wait_for("CALL_ESTABLISHED", timeout_s=8)
        await eventually(lambda: any(asterisk.away.glob("*.wav")))
        await phone.speak(speech)
        await eventually(lambda: any(each.stat().st_size > 30_000 for each in asterisk.away.glob("*.wav")))
        assert _taking_in(hotline, asterisk.away).take_in() == 0, "it is not over yet"
        await phone.hang_up()
        await eventually(lambda: any(asterisk.away.glob("*.done")))

    assert _taking_in(hotline, asterisk.away).take_in() == 1
    assert list(asterisk.away.iterdir()) == []
    hotline.work()
    (call,), (message,), (ticket,) = _rows(hotline)
    assert (call.outcome, call.line, call.caller) == (CallOutcome.MESSAGE_LEFT, "12345", f"+86{CITIZEN}")
    assert message.duration_ms > 1500
    assert "路灯" in ticket.text
    assert ticket.voice_message_id == message.id


def _leave(folder: Path, name: str, *, with_sound: bool, is_done: bool = True, facts: str = "") -> None:
    """As the dialplan writes it."""
    folder.mkdir(exist_ok=True)
    recording = " recording=1772424010\n" if with_sound else ""
    (folder / f"{name}.call").write_text(facts or f"caller={CITIZEN} line=12345 started=1772424000\n{recording}")
    if with_sound:
        write_wav(folder / f"{name}.wav", tone(2))
    if is_done:
        (folder / f"{name}.done").write_text("ended=1772424020\n")


def test_taking_in_may_be_killed_before_the_folder_is_cleared(hotline: Hotline, tmp_path: Path) -> None:
    for _ in range(2):  # the second time as if nothing had been removed
        _leave(tmp_path / "away", "1772424000.1", with_sound=True)
        _taking_in(hotline, tmp_path / "away").take_in()
    hotline.work()
    assert [len(rows) for rows in _rows(hotline)] == [1, 1, 1]


def test_a_kill_between_the_journal_and_the_books_loses_nothing(
    hotline: Hotline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(tmp_path / "away", "1772424000.2", with_sound=True)
    with monkeypatch.context() as killed:
        killed.setattr(type(hotline.services.ivr), "file_call", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _taking_in(hotline, tmp_path / "away").take_in()
    _taking_in(hotline, tmp_path / "away").take_in()
    hotline.pass_time()
    hotline.work()
    assert [len(rows) for rows in _rows(hotline)] == [1, 1, 1]
    assert list((tmp_path / "away").iterdir()) == []


def test_who_hung_up_before_the_beep_is_called_back(hotline: Hotline, tmp_path: Path) -> None:
    _leave(tmp_path / "away", "1772424000.3", with_sound=False)
    _taking_in(hotline, tmp_path / "away").take_in()
    (call,), messages, _ = _rows(hotline)
    assert (call.outcome, messages) == (CallOutcome.MISSED, [])
    with hotline.services.db.reading() as session:
        assert [task.call_id for task in session.scalars(select(CallbackTask))] == [call.id]


def test_a_message_that_asterisk_died_over_is_taken_when_it_is_old(hotline: Hotline, tmp_path: Path) -> None:
    _leave(tmp_path / "away", "1772424000.4", with_sound=True, is_done=False)
    away = AwayFolder(tmp_path / "away")
    written_at = max(each.stat().st_mtime for each in (tmp_path / "away").iterdir())
    assert away.waiting(_instant(written_at + 60)) == []
    (call,) = away.waiting(_instant(written_at + 3600))
    assert (call.is_complete, call.caller) == (False, CITIZEN)


def test_facts_that_cannot_be_read_are_set_aside_and_hold_up_nobody(hotline: Hotline, tmp_path: Path) -> None:
    _leave(tmp_path / "away", "1772424000.5", with_sound=True, facts="caller=1 started=soon")
    _leave(tmp_path / "away", "1772424000.6", with_sound=True)
    assert _taking_in(hotline, tmp_path / "away").take_in() == 1
    assert sorted(each.name for each in (tmp_path / "away").iterdir()) == [
        "1772424000.5.done", "1772424000.5.unreadable", "1772424000.5.wav",
    ]  # fmt: skip


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
