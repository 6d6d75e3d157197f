"""The real runner with the real processes: started, killed, restarted, stopped, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.doctor import Health, examine
from app.processes import PROCESSES
from app.readiness import NotReady, line_is_ready, listener_is_ready, running_processes, wait_until_ready, web_is_ready
from app.runner import environment_of
from config.settings import ROOT, Settings
from kit.net import free_port, free_port_block
from tests.support.waiting import eventually

START_S = 90
STOP_S = 60
NAMES = {"redis", "worker-1", "listener", "scheduler", "web", "telephony"}


def settings_in(folder: Path) -> Settings:
    audio = free_port_block(20)
    return Settings.model_validate(
        {
            "data_dir": folder / "var",
            "database_url": "",
            "redis_url": "",
            "web_port": free_port(),
            "listener_port": free_port(),
            "browser_port": free_port(),
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
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return clean | environment_of(settings)


@contextmanager
def runners_in(folder: Path) -> Iterator[Callable[[], Runner]]:
    """Starts the hotline in this folder and waits until it is ready; whatever happens, it is gone afterwards."""
    settings = settings_in(folder)
    runners: list[Runner] = []
    families: list[psutil.Process] = []

    def start() -> Runner:
        runner = Runner(settings, folder / "output")
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


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One running hotline for the tests that leave it running."""
    with runners_in(tmp_path_factory.mktemp("hotline")) as start:
        yield start()


def test_a_killed_process_comes_back_and_the_others_go_on(hotline: Runner) -> None:
    before = hotline.ids()
    os.kill(before["web"], signal.SIGKILL)
    eventually(lambda: hotline.ids().get("web", before["web"]) != before["web"], START_S)
    wait_until_ready(hotline.settings, START_S)
    unharmed = NAMES - {"web"}
    assert {name: hotline.ids()[name] for name in unharmed} == {name: before[name] for name in unharmed}


def test_a_second_runner_in_the_same_folder_is_refused_and_harms_nothing(hotline: Runner) -> None:
    second = Runner(hotline.settings, hotline.output.with_name("second"))
    assert second.process.wait(START_S) == 2
    assert "runner.already_running" in second.said()
    assert "HOTLINE_DATA_DIR" in second.said()
    assert web_is_ready(hotline.settings)
    assert line_is_ready(hotline.settings)
    eventually(lambda: listener_is_ready(hotline.settings), START_S)


def test_every_process_logs_under_its_name_and_into_its_file(hotline: Runner) -> None:
    logs = hotline.settings.data_dir / "logs"
    eventually(lambda: all((logs / f"{name}.log").stat().st_size > 0 for name in NAMES), START_S)
    eventually(lambda: all(re.search(rf"^{name} +\| .", hotline.said(), re.MULTILINE) for name in NAMES), START_S)


def test_the_doctor_finds_the_running_hotline_in_order(hotline: Runner) -> None:
    findings = {finding.subject: finding for finding in examine(hotline.settings)}
    for subject in ("ports", "database", "Redis", "roster"):
        assert findings[subject].health == Health.OK, findings[subject]


def test_every_way_to_stop_leaves_no_process_behind(tmp_path: Path) -> None:
    """Ctrl-C in order, the telephone line first and Redis last; and even a runner that is killed."""
    with runners_in(tmp_path) as start:
        runner = start()
        family = runner.family()
        runner.process.send_signal(signal.SIGINT)
        assert runner.process.wait(STOP_S) == 0
        assert [process for process in family if process.is_running()] == []
        stopped = re.findall(r"^runner +\| (\S+) stopped$", runner.said(), re.MULTILINE)
        assert stopped == ["telephony", "web", "scheduler", "listener", "worker-1", "redis"]
        assert running_processes(runner.settings) == {}

        again = start()
        assert again.said().count("shown only now") == 1, "passwords are shown at the first run only"
        family = again.family()
        again.process.kill()
        again.process.wait(STOP_S)
        assert psutil.wait_procs(family, timeout=STOP_S)[1] == []
        assert running_processes(again.settings) == {}


@pytest.mark.parametrize(
    ("setting", "port_of", "kind"),
    [
        ("HOTLINE_SIP_PORT", "sip_port", socket.SOCK_DGRAM),
        ("HOTLINE_SIP_PORT", "sip_port", socket.SOCK_STREAM),
        ("HOTLINE_WEB_PORT", "web_port", socket.SOCK_STREAM),
        ("HOTLINE_LISTENER_PORT", "listener_port", socket.SOCK_STREAM),
        ("HOTLINE_BROWSER_PORT", "browser_port", socket.SOCK_STREAM),
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
