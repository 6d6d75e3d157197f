"""The real telephony process on a real Asterisk: ready, serving, killed; and then Asterisk serves alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app.demo.baresip import baresip_phone, phone_ports
from app.readiness import line_is_ready
from app.runner import environment_of
from app.schema import METADATA
from config.settings import ROOT, Settings
from ivr.domain.call import CallOutcome
from ivr.models import Call
from kit.db import Database
from kit.net import free_port
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.support.asterisk import PASSWORD, Asterisk
from tests.support.waiting import eventually as eventually_so


def settings_on(asterisk: Asterisk, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": folder / "var", "database_url": "", "redis_url": "", "redis_port": free_port(),
            "listener_port": free_port(), "browser_port": free_port(),
            "line": "asterisk", "ari_url": asterisk.ari_url, "ari_password": PASSWORD,
            "media_port": asterisk.media_port, "away_dir": str(asterisk.away), "trunk": "carrier",
        }
    )  # fmt: skip


@contextmanager
def telephony(settings: Settings, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "telephony"], cwd=ROOT, env=clean | environment_of(settings),
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_message_is_taken_by_us_and_after_a_kill_by_asterisk(asterisk: Asterisk, tmp_path: Path) -> None:
    settings = settings_on(asterisk, tmp_path)
    settings.data_dir.mkdir()
    books = Database(settings.effective_database_url)
    METADATA.create_all(books.engine)
    silence = write_wav(tmp_path / "silence.wav", tone(60, amplitude=0))
    speech = write_wav(tmp_path / "speech.wav", tone(40))
    address = f"sip:12345@127.0.0.1:{asterisk.sip_port}"

    spool = settings.data_dir / "spool"

    def outcomes() -> list[CallOutcome | None]:
        with books.reading() as session:
            return list(session.scalars(select(Call.outcome)))

    with telephony(settings, tmp_path / "telephony.log") as process:
        eventually_so(lambda: line_is_ready(settings), within_s=20)
        async with baresip_phone(tmp_path / "phone", phone_ports(), number="13900000001", silence=silence) as phone:
            await phone.dial(address)
            await phone.wait_for("CALL_ESTABLISHED", timeout_s=8)
            await phone.hearing()
            await phone.press("1")
            await eventually(lambda: any('"wish": "message"' in each.read_text() for each in spool.glob("*/call.json")))
            await phone.press("5")  # who has heard enough goes on to the beep
            await eventually(lambda: any(spool.glob("*/message.wav")))
            await phone.speak(speech)
            await eventually(lambda: any(each.stat().st_size > 30_000 for each in spool.glob("*/message.wav")))
            await phone.hang_up()
            await eventually(lambda: outcomes() == [CallOutcome.MESSAGE_LEFT])
        process.kill()
        process.wait()
        eventually_so(lambda: not line_is_ready(settings), within_s=5)
        async with baresip_phone(tmp_path / "other", phone_ports(), number="13900000002", silence=silence) as phone:
            await phone.dial(address)
            await phone.wait_for("CALL_ESTABLISHED", timeout_s=8)
            await eventually(lambda: any(asterisk.away.glob("*.wav")))
            await phone.hang_up()
            await eventually(lambda: any(asterisk.away.glob("*.done")))
    books.dispose()
    for each in asterisk.away.iterdir():
        each.unlink()
