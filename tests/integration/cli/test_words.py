"""The `hotline` command as an operator meets it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.demo.baresip import baresip_phone, phone_ports
from app.demo.citizen import Sound
from config.settings import ROOT


def _hotline(*words: str, data: Path, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOTLINE_DATA_DIR": str(data), "HOTLINE_LOG_LEVEL": "ERROR", **(more or {})}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_wrong_setting_stops_the_start_up_and_is_named(tmp_path: Path) -> None:
    for word in ("run", "web", "telephony", "worker", "scheduler", "migrate"):
        done = _hotline(word, data=tmp_path, more={"HOTLINE_SIP_PORT": "none"})
        assert done.returncode == 2, word
        assert "HOTLINE_SIP_PORT" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_first_run_prints_passwords_once(tmp_path: Path) -> None:
    first = _hotline("first-run", "--json", data=tmp_path)
    assert set(json.loads(first.stdout)) == {"admin", "banzhang", "agent-a", "agent-b"}
    assert json.loads(_hotline("first-run", "--json", data=tmp_path).stdout) == {}
    listed = _hotline("people", "list", data=tmp_path).stdout
    assert "banzhang" in listed
    fresh = _hotline("people", "password", "banzhang", data=tmp_path).stdout.strip()
    assert fresh not in first.stdout


def test_corrections_are_exported_masked_or_not_without_a_reason(tmp_path: Path) -> None:
    _hotline("migrate", data=tmp_path)
    pairs = tmp_path / "pairs.jsonl"
    done = _hotline("corrections", "export", str(pairs), data=tmp_path)
    assert (done.returncode, done.stdout.strip(), pairs.read_text()) == (0, "0", "")
    refused = _hotline("corrections", "export", str(pairs), "--original", data=tmp_path)
    assert (refused.returncode, "corrections.reason_missing" in refused.stderr) == (2, True)


def test_the_shipped_announcements_are_complete(tmp_path: Path) -> None:
    done = _hotline("prompts", "check", data=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


async def test_the_test_phone_reports_an_answered_call_and_what_was_heard(tmp_path: Path) -> None:
    ports = phone_ports()
    talk = Sound(tmp_path / "talk.wav", b"\x00\x20\x00\xe0" * 8000, 60)
    async with baresip_phone(tmp_path / "phone", ports, number="12345", silence=talk.path) as answering:
        words = ("call", "--to", f"sip:12345@127.0.0.1:{ports.sip}", "--keys", "1,#", "--json")
        calling = asyncio.create_task(asyncio.to_thread(_hotline, *words, data=tmp_path))
        await answering.pick_up(timeout_s=30)
        await answering.wait_for("CALL_CLOSED", timeout_s=60)
        done = await calling
    report = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0
    assert report["digits_sent"] == "1#"
    assert report["ended_by"] == "phone"
    assert report["heard_ms"] > 500


def test_the_test_phone_says_that_nobody_answers(tmp_path: Path) -> None:
    done = _hotline("call", "--to", "sip:12345@127.0.0.1:9", "--json", data=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["ended_by"] == "not_answered"


def test_wrong_words_of_the_test_phone_are_named(tmp_path: Path) -> None:
    both = _hotline("call", "--to", "sip:1@127.0.0.1", "--say", "你好", "--wav", "x.wav", data=tmp_path)
    assert (both.returncode, "call.options_wrong" in both.stderr) == (2, True)
    keys = _hotline("call", "--to", "sip:1@127.0.0.1", "--keys", "12,x", data=tmp_path)
    assert (keys.returncode, "test_phone.keys_wrong" in keys.stderr) == (2, True)
