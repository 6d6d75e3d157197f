"""The real runner with the real processes: started, killed, restarted, stopped, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.processes import PROCESSES
from app.readiness import NotReady, line_is_ready, running_processes, wait_until_ready, web_is_ready
from config.settings import ROOT, Settings
from kit.net import free_port, free_port_block
from tests.support.waiting import eventually

START_S = 90
STOP_S = 60
NAMES = {"redis", "worker-1", "scheduler", "web", "telephony"}


def settings_in(folder: Path) -> Settings:
    audio = free_port_block(20)
    return Settings.model_validate(
        {
            "data_dir": folder / "var",
            "database_url": "",
            "redis_url": "",
            "web_port": free_port(),
            "redis_port": free_port(),
            "sip_host": "127.0.0.1",
            "sip_port": free_port(),
            "rtp_port_min": audio,
            "rtp_port_max": audio + 19,
            "max_calls": 10,
        }
    )


class Runner:
    """`hotline run` in a process of its own, as a person starts it."""

    def __init__(self, settings: Settings, output: Path) -> None:
        self.settings = settings
        self.output = output
        with output.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run"],
                cwd=ROOT,
                env=environment_for(settings),
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def ids(self) -> dict[str, int]:
        return running_processes(self.settings)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def said(self) -> str:
        return self.output.read_text(errors="replace")


def environment_for(settings: Settings) -> dict[str, str]:
    from app.runner import environment_of

    clean = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return clean | environment_of(settings)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Runner]]:
    """Starts the hotline of this test and waits until it is ready; whatever happens, it is gone afterwards."""
    settings = settings_in(tmp_path)
    runners: list[Runner] = []
    families: list[psutil.Process] = []

    def start() -> Runner:
        runner = Runner(settings, tmp_path / "output")
        runners.append(runner)
        eventually(lambda: runner.process.poll() is not None or set(runner.ids()) == NAMES | {"runner"}, START_S)
        assert runner.process.poll() is None, runner.said()
        families.extend(runner.family())
        wait_until_ready(settings, START_S)
        return runner

    yield start
    for runner in runners:
        if runner.process.poll() is None:
            runner.process.kill()
        runner.process.wait(STOP_S)
    for process in families:
        if process.is_running():
            process.kill()


def test_a_killed_process_comes_back_and_ctrl_c_stops_everything_in_order(start: Callable[[], Runner]) -> None:
    runner = start()
    before = runner.ids()
    assert set(before) == NAMES | {"runner"}

    os.kill(before["web"], signal.SIGKILL)
    eventually(lambda: runner.ids().get("web", before["web"]) != before["web"], START_S)
    wait_until_ready(runner.settings, START_S)
    unharmed = NAMES - {"web"}
    assert {name: runner.ids()[name] for name in unharmed} == {name: before[name] for name in unharmed}

    family = runner.family()
    runner.process.send_signal(signal.SIGINT)
    assert runner.process.wait(STOP_S) == 0
    assert [process for process in family if process.is_running()] == []
    stopped = re.findall(r"^runner +\| (\S+) (?:stopped|exited)$", runner.said(), re.MULTILINE)
    assert stopped[-5:] == ["telephony", "web", "scheduler", "worker-1", "redis"]
    assert running_processes(runner.settings) == {}


def test_passwords_are_shown_at_the_first_run_only(start: Callable[[], Runner]) -> None:
    runner = start()
    runner.process.terminate()
    runner.process.wait(STOP_S)
    assert runner.said().count("shown only now") == 1
    again = start()
    assert again.said().count("shown only now") == 1


def test_a_killed_runner_leaves_no_process_behind(start: Callable[[], Runner]) -> None:
    runner = start()
    family = runner.family()
    assert len(family) >= len(NAMES)
    runner.process.kill()
    runner.process.wait(STOP_S)
    gone, alive = psutil.wait_procs(family, timeout=STOP_S)
    assert alive == []
    assert len(gone) == len(family)


def test_a_second_runner_in_the_same_folder_is_refused_and_harms_nothing(start: Callable[[], Runner]) -> None:
    runner = start()
    second = Runner(runner.settings, runner.output.with_name("second"))
    assert second.process.wait(START_S) == 2
    assert "runner.already_running" in second.said()
    assert "HOTLINE_DATA_DIR" in second.said()
    assert web_is_ready(runner.settings)
    assert line_is_ready(runner.settings)


def test_every_process_logs_under_its_name_and_into_its_file(start: Callable[[], Runner]) -> None:
    runner = start()
    logs = runner.settings.data_dir / "logs"
    eventually(lambda: all((logs / f"{name}.log").stat().st_size > 0 for name in NAMES), START_S)
    eventually(lambda: all(re.search(rf"^{name} +\| .", runner.said(), re.MULTILINE) for name in NAMES), START_S)


@pytest.mark.parametrize(
    ("setting", "port_of", "kind"),
    [
        ("HOTLINE_SIP_PORT", "sip_port", socket.SOCK_DGRAM),
        ("HOTLINE_SIP_PORT", "sip_port", socket.SOCK_STREAM),
        ("HOTLINE_WEB_PORT", "web_port", socket.SOCK_STREAM),
        ("HOTLINE_REDIS_PORT", "redis_port", socket.SOCK_STREAM),
    ],
)
def test_a_port_in_use_stops_the_start_and_names_the_setting(
    tmp_path: Path, setting: str, port_of: str, kind: socket.SocketKind
) -> None:
    settings = settings_in(tmp_path)
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", getattr(settings, port_of)))
        if kind == socket.SOCK_STREAM:
            other.listen()
        runner = Runner(settings, tmp_path / "output")
        assert runner.process.wait(START_S) == 2
    assert "runner.port_taken" in runner.said()
    assert setting in runner.said()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    runner = Runner(settings_in(tmp_path), tmp_path / "output")
    assert runner.process.wait(START_S) == 2
    assert "HOTLINE_DATA_DIR" in runner.said()


def test_waiting_for_a_hotline_that_is_not_there_names_who_is_silent(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="web, telephony"):
        wait_until_ready(settings_in(tmp_path), timeout_s=0.2)


def test_names_in_the_status_file_are_those_of_the_processes() -> None:
    assert {process.name for process in PROCESSES} | {"redis"} == {name.removesuffix("-1") for name in NAMES}
