"""A whole hotline of its own in a scratch folder: free ports, short waits, nothing left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.runner import wait_until_ready
from config.settings import ROOT, Settings, load_settings
from kit.errors import Unavailable
from kit.net import free_port_block

_QUICK = {
    "ticket_accept_s = 180.0": "ticket_accept_s = {accept_s}",
    "call_accept_s = 20.0": "call_accept_s = {accept_s}",
    "delay_s = 600.0": "delay_s = 0.0",
    "interrupted = [5]": "interrupted = [0.05]",
    "broken_off = [30]": "broken_off = [0.05]",
    'windows = [["09:00", "12:00"], ["14:00", "20:00"]]': 'windows = [["00:00:00", "23:59:59.999999"]]',
}
"""A demonstration cannot wait for three minutes, nor for the morning."""


class HouseFailed(Unavailable):
    code = "demo.house_failed"


@dataclass(frozen=True, slots=True)
class House:
    """A running hotline; `passwords` by login, as its first run printed them."""

    folder: Path
    settings: Settings
    passwords: Mapping[str, str]
    runner: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.web_port}"

    @property
    def sip_uri(self) -> str:
        return f"sip:{self.settings.line_number}@127.0.0.1:{self.settings.sip_port}"

    def processes(self) -> dict[int, str]:
        """Command lines of this house's living processes, by process id."""
        return processes_of(self.runner.pid)

    def process_ids(self, name: str) -> list[int]:
        """Ids of its living processes started as `hotline <name>`."""
        return [pid for pid, command in self.processes().items() if command.split()[-1:] == [name]]


@contextmanager
def hotline_house(
    folder: Path,
    *,
    trunk_port: int,
    accept_s: float = 5.0,
    extra: Mapping[str, str] | None = None,
    ready_within_s: float = 120,
) -> Iterator[House]:
    """Start `hotline run` in `folder`; stopped, with every process it started, at the block's end."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = _environment(folder, trunk_port, accept_s) | dict(extra or {})
    with _as_environment(environment):
        settings = load_settings()
    first_run = subprocess.run(
        [sys.executable, "-m", "app.cli", "first-run", "--json"],
        env=environment, cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if first_run.returncode != 0:
        raise HouseFailed(f"first run failed: {first_run.stderr[-2000:]}")
    passwords = json.loads(first_run.stdout.splitlines()[-1])
    with (folder / "run.log").open("wb") as log:
        runner = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run"], env=environment, cwd=ROOT, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(settings, timeout_s=ready_within_s)
        yield House(folder, settings, passwords, runner, environment)
    finally:
        _stop(runner)


def processes_of(session: int) -> dict[int, str]:
    """Command lines of the living processes of a session (Linux /proc): nobody leaves it by forking or renaming."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, _, _, session_id = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it ended while we looked
        if int(session_id) == session and state != "Z":
            found[int(entry.name)] = command
    return found


def _environment(folder: Path, trunk_port: int, accept_s: float) -> dict[str, str]:
    policy = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    for usual, quick in _QUICK.items():
        if usual not in policy:
            raise HouseFailed(f"config/policy.toml no longer says: {usual}")
        policy = policy.replace(usual, quick.format(accept_s=accept_s))
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    first = free_port_block(45)
    rtp = first + 5
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
    for key in ("DATABASE_URL", "REDIS_URL"):
        inherited.pop(key, None)
    return inherited | {
        "HOTLINE_DATA_DIR": str(folder / "var"),
        "HOTLINE_POLICY_FILE": str(folder / "policy.toml"),
        "HOTLINE_WEB_PORT": str(first),
        "HOTLINE_REDIS_PORT": str(first + 1),
        "HOTLINE_SIP_HOST": "127.0.0.1",
        "HOTLINE_SIP_PORT": str(first + 2),
        "HOTLINE_LISTENER_PORT": str(first + 3),
        "HOTLINE_BROWSER_PORT": str(first + 4),
        "HOTLINE_RTP_PORT_MIN": str(rtp),
        "HOTLINE_RTP_PORT_MAX": str(rtp + 39),
        "HOTLINE_TRUNK": f"127.0.0.1:{trunk_port}",
    }


@contextmanager
def _as_environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _stop(runner: subprocess.Popen[bytes]) -> None:
    runner.send_signal(signal.SIGINT)
    try:
        runner.wait(30)
    except subprocess.TimeoutExpired:
        runner.kill()
        runner.wait()
        raise HouseFailed("the hotline did not stop within 30 s") from None
    if left := processes_of(runner.pid):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        raise HouseFailed(f"processes left behind: {sorted(left.values())}")
