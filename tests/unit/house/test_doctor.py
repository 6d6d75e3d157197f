"""The doctor names each thing that is missing, and the setting that would repair it."""

import socket
from pathlib import Path
from typing import Any

import pytest

from app.doctor import Finding, Health, examine, run_doctor
from app.migrate import migrate
from config.settings import Settings
from kit.net import free_port


def settings_in(folder: Path, **changes: Any) -> Settings:
    ports = ("web_port", "listener_port", "browser_port", "redis_port", "sip_port")
    free = {"sip_host": "127.0.0.1"} | {name: free_port() for name in ports}
    (folder / "dist").mkdir(exist_ok=True)
    (folder / "dist" / "index.html").touch()
    usual = {"data_dir": folder / "var", "database_url": "", "redis_url": "", "console_dir": folder / "dist"}
    return Settings.model_validate(usual | free | changes)


def finding(subject: str, settings: Settings) -> Finding:
    return next(each for each in examine(settings) if each.subject == subject)


def test_a_machine_before_its_first_run_has_no_problem(tmp_path: Path) -> None:
    findings = examine(settings_in(tmp_path))
    assert [each for each in findings if each.health == Health.PROBLEM] == []


def test_looking_changes_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    examine(settings)
    assert not settings.data_dir.exists()


@pytest.mark.parametrize(
    ("subject", "changes", "named"),
    [
        ("audio ports", {"rtp_port_min": 20000, "rtp_port_max": 20010, "max_calls": 100}, "HOTLINE_MAX_CALLS"),
        ("policy", {"policy_file": Path("no-such-policy.toml")}, "no-such-policy.toml"),
        ("clocks", {"clocks_file": Path("no-such-clocks.toml")}, "no-such-clocks.toml"),
        ("speech model", {"vosk_model": Path("no-such-model")}, "no-such-model"),
        ("ffmpeg", {"ffmpeg": "no-such-program-here"}, "HOTLINE_FFMPEG"),
        ("prompts", {"prompts_dir": Path("no-such-prompts")}, "hotline prompts build"),
        ("console", {"console_dir": Path("no-such-console")}, "make setup"),
        ("database", {"database_url": "postgresql+psycopg://hotline@127.0.0.1:1/hotline"}, "DATABASE_URL"),
        ("Redis", {"redis_url": "redis://127.0.0.1:1/0"}, "REDIS_URL"),
        ("ports", {"sip_host": "192.0.2.1"}, "HOTLINE_SIP_PORT"),
    ],
)
def test_each_fault_is_a_problem_that_names_its_remedy(
    tmp_path: Path, subject: str, changes: dict[str, Any], named: str
) -> None:
    found = finding(subject, settings_in(tmp_path, **changes))
    assert found.health == Health.PROBLEM
    assert named in found.says


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = finding("data folder", settings_in(tmp_path, data_dir=tmp_path / "file" / "var"))
    assert found.health == Health.PROBLEM
    assert "HOTLINE_DATA_DIR" in found.says


def test_a_port_that_another_program_holds_is_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as other:
        other.bind((settings.web_host, settings.web_port))
        other.listen()
        found = finding("ports", settings)
    assert found.health == Health.PROBLEM
    assert "HOTLINE_WEB_PORT" in found.says


def test_audio_ports_inside_the_systems_own_range_are_a_warning(tmp_path: Path) -> None:
    found = finding("audio ports", settings_in(tmp_path, rtp_port_min=32000, rtp_port_max=34000))
    assert found.health == Health.WARNING


def test_a_database_behind_its_migrations_is_a_problem(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    (settings.data_dir / "hotline.sqlite3").touch()
    found = finding("database", settings)
    assert found.health == Health.PROBLEM
    assert "make migrate" in found.says


def test_a_hotline_without_a_desk_is_a_problem(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    migrate(settings)
    found = finding("roster", settings)
    assert found.health == Health.PROBLEM
    assert "nobody would get a ticket" in found.says


def test_the_exit_status_tells_whether_there_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor(settings_in(tmp_path)) == 0
    assert run_doctor(settings_in(tmp_path, console_dir=Path("no-such-console"))) == 1
    assert "no-such-console" in capsys.readouterr().out


@pytest.mark.parametrize(("last_year", "health"), [(2020, Health.WARNING), (2999, Health.OK)])
def test_days_off_that_end_soon_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last_year: int, health: Health
) -> None:
    monkeypatch.setattr("app.doctor.known_through", lambda: last_year)
    found = finding("clocks", settings_in(tmp_path))
    assert (found.health, str(last_year) in found.says) == (health, True)
