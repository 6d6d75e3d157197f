"""What Supervisor is told: the order of things, no secrets, and paths taken literally."""

import configparser
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from app.processes import PROCESSES
from app.runner import DataFolderUnusable, environment_of, supervisor_config
from config.settings import Settings, load_settings


def settings_in(folder: Path, **changes: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder, "database_url": "", "redis_url": ""} | changes)


def programs(settings: Settings) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor_config(settings, runner=4711))
    return {name.removeprefix("program:"): dict(parser[name]) for name in parser if name.startswith("program:")}


def test_redis_starts_first_and_the_telephone_line_last(tmp_path: Path) -> None:
    found = programs(settings_in(tmp_path))
    order = sorted(found, key=lambda name: int(found[name]["priority"]))
    assert order == ["redis", "worker-1", "listener", "scheduler", "web", "telephony"]


def test_with_a_redis_server_of_its_own_nothing_is_embedded(tmp_path: Path) -> None:
    found = programs(settings_in(tmp_path, redis_url="redis://elsewhere/0"))
    assert set(found) == {"worker-1", "listener", "scheduler", "web", "telephony"}
    assert not any("--after" in program["command"] for program in found.values())


def test_there_are_as_many_workers_as_asked_for(tmp_path: Path) -> None:
    found = programs(settings_in(tmp_path, asr_workers=3))
    assert {name for name in found if name.startswith("worker")} == {"worker-1", "worker-2", "worker-3"}


def test_every_program_is_restarted_for_ever_and_stopped_with_its_children(tmp_path: Path) -> None:
    for program in programs(settings_in(tmp_path)).values():
        assert program["autorestart"] == "true"
        assert int(program["startretries"]) >= 1_000_000
        assert program["killasgroup"] == "true"
        assert "app.tether --parent 4711 " in program["command"]


def test_every_process_is_asked_to_stop_before_it_is_killed(tmp_path: Path) -> None:
    found = programs(settings_in(tmp_path))
    for process in PROCESSES:
        name = "worker-1" if process.name == "worker" else process.name
        assert found[name]["stopsignal"] == "TERM"
        assert int(found[name]["stopwaitsecs"]) == process.stop_within_s


def test_redis_writes_ahead_and_listens_on_loopback_only(tmp_path: Path) -> None:
    words = shlex.split(programs(settings_in(tmp_path))["redis"]["command"])
    options = dict(zip(words[words.index("--bind") :: 2], words[words.index("--bind") + 1 :: 2], strict=True))
    assert options["--bind"] == "127.0.0.1"
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "everysec"


def test_no_secret_is_written_into_the_configuration(tmp_path: Path) -> None:
    text = supervisor_config(
        settings_in(tmp_path, trunk_password="trunk-pass", database_url="postgresql+psycopg://u:db-pass@h/d"),
        runner=1,
    )
    assert "trunk-pass" not in text
    assert "db-pass" not in text


def test_a_path_with_blanks_and_percent_signs_is_taken_literally(tmp_path: Path) -> None:
    found = programs(settings_in(tmp_path / "100 % data"))
    assert found["web"]["stdout_logfile"] == str(tmp_path / "100 %% data" / "logs" / "web.log")


def test_a_path_that_would_be_read_as_a_comment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFolderUnusable, match="HOTLINE_DATA_DIR"):
        supervisor_config(settings_in(tmp_path / "a ;b"), runner=1)


def test_children_read_the_same_settings_from_their_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(
        tmp_path, sip_port=5999, sip_allowed_peers=["127.0.0.1/32", "192.0.2.0/24"], log_json=False, trunk="h:5060"
    )
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings
