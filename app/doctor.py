"""`hotline doctor`: what this machine still lacks, before a caller finds out. Looks, and changes nothing."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import redis
from rich.console import Console
from rich.table import Table

from app.clock_rules import load_clock_rules
from app.migrate import missing_revisions
from app.model_choice import ModelChoice
from app.queue import JobQueue
from app.readiness import running_processes
from app.runner import ports, redis_server, why_not_bindable
from app.views.database_health import DATABASE_AWAY
from asr.adapters.model_files import model_identity
from asr.adapters.model_probe import probe_model
from config.policy import load_policy
from config.settings import Settings
from ivr.domain.menu import BUSY_MENU, MAIN_MENU
from ivr.domain.revisit import CONFIRMED, SATISFIED, SOLVED
from ivr.ports import SAMPLE_RATE
from ivr.prompt_book import PromptBook
from kit.db import Database
from kit.errors import HotlineError
from ticketing.adapters.china_days import known_through

_FREE_BYTES = 2 * 1024**3
"""About a day and a half of one message after the other."""
_EPHEMERAL_PORTS = range(32768, 61000)
_AHEAD = timedelta(days=1)
_FAR_AHEAD = timedelta(days=21)
"""The limits that begin now end by then."""
_MARKS = {"ok": "green", "warning": "yellow", "problem": "red"}


class Health(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    health: Health
    says: str


Answer = tuple[Health, str]


def run_doctor(settings: Settings) -> int:
    """Print a table of findings; 1 when one of them is a problem."""
    findings = examine(settings)
    table = Table("", "subject", "finding")
    for finding in findings:
        table.add_row(f"[{_MARKS[finding.health]}]{finding.health}[/]", finding.subject, finding.says)
    Console().print(table)
    return 1 if any(finding.health == Health.PROBLEM for finding in findings) else 0


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which a newcomer would repair things."""
    return [Finding(subject, *_answer(check, settings)) for subject, check in _CHECKS.items()]


def _answer(check: Callable[[Settings], Answer], settings: Settings) -> Answer:
    try:
        return check(settings)
    except HotlineError as error:
        return Health.PROBLEM, error.message
    except DATABASE_AWAY:
        return Health.PROBLEM, "the database does not answer (DATABASE_URL)"
    except Exception as error:  # noqa: BLE001 - edge: a check that breaks is a finding, not the end of the visit
        return Health.PROBLEM, f"{type(error).__name__}: {error}"


# ---- the machine


def _python(_settings: Settings) -> Answer:
    found = ".".join(map(str, sys.version_info[:3]))
    return (Health.OK if sys.version_info >= (3, 11) else Health.PROBLEM), f"{found} (3.11 or newer is needed)"


def _data_folder(settings: Settings) -> Answer:
    folder = settings.data_dir.resolve()
    home = next(each for each in (folder, *folder.parents) if each.exists())
    if not home.is_dir() or not os.access(home, os.W_OK | os.X_OK):
        return Health.PROBLEM, f"{home} cannot be written to (HOTLINE_DATA_DIR)"
    return Health.OK, str(folder) if folder.exists() else f"{folder}, made at the first run"


def _disk(settings: Settings) -> Answer:
    folder = settings.data_dir.resolve()
    free = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
    says = f"{free / 1024**3:.1f} GiB free for recordings"
    return (Health.OK, says) if free >= _FREE_BYTES else (Health.PROBLEM, f"{says}, 2 GiB is the least")


def _ports(settings: Settings) -> Answer:
    if running_processes(settings):
        return Health.OK, "held by the hotline that is running"
    taken = []
    for setting, host, port, kind in ports(settings):
        reason = why_not_bindable(host, port, kind)
        if reason:
            taken.append(f"{setting}: {kind.name} {host}:{port}: {reason}")
    return (Health.PROBLEM, "; ".join(taken)) if taken else (Health.OK, "free")


def _audio_ports(settings: Settings) -> Answer:
    low, high = settings.rtp_port_min, settings.rtp_port_max
    span = f"HOTLINE_RTP_PORT_MIN..MAX {low}-{high}"
    if high - low + 1 < 2 * settings.max_calls:
        return Health.PROBLEM, f"{span}: HOTLINE_MAX_CALLS {settings.max_calls} needs {2 * settings.max_calls} ports"
    if low < _EPHEMERAL_PORTS.stop and high >= _EPHEMERAL_PORTS.start:
        return Health.WARNING, f"{span} overlaps the ports that the system gives out by itself (32768-60999)"
    return Health.OK, span


def _espeak(_settings: Settings) -> Answer:
    if shutil.which("espeak-ng"):
        return Health.OK, "there"
    return Health.WARNING, "not installed: only `hotline prompts build`, `hotline call --say` and the demo need it"


def _ffmpeg(settings: Settings) -> Answer:
    from app.bootstrap import ffmpeg

    return Health.OK, ffmpeg(settings).version()


# ---- the hotline's own parts


def _policy(settings: Settings) -> Answer:
    load_policy(settings.policy_file)
    return Health.OK, str(settings.policy_file)


def _clocks(settings: Settings) -> Answer:
    rules = load_clock_rules(settings, load_policy(settings.policy_file).zone)
    kinds, last_year = ", ".join(spec.kind for spec in rules.specs), known_through()
    if (datetime.now(UTC) + _FAR_AHEAD).year > last_year:
        return Health.WARNING, (
            f"{kinds}; days off are known through {last_year} only, then statutory holidays without make-up days"
            " (newer package `holidays`, or name the days in clocks.toml)"
        )
    return Health.OK, f"{kinds}; days off known through {last_year}"


def _speech_model(settings: Settings) -> Answer:
    in_use = ModelChoice(settings)
    choice, folder = in_use.current(), in_use.folder()
    report = probe_model(folder)
    identity = model_identity(folder)
    says = f"{identity.name} {identity.version} loads, {report.sample_rate} Hz"
    if choice.rolled_back:
        return Health.WARNING, f"{says}; {choice.rolled_back.model} did not load and was taken back"
    return Health.OK, says


def _spoken_answers(settings: Settings) -> Answer:
    """A phrase that the model lacks a character of can only be pressed."""
    from app.listener.models import ModelsInUse  # loads Vosk

    questions = (MAIN_MENU, BUSY_MENU, SOLVED, SATISFIED, CONFIRMED)
    phrases = {phrase for question in questions for phrase in question.phrases}
    model = ModelsInUse(settings).load()
    unknown = model.open(SAMPLE_RATE, sorted(phrases)).unknown_phrases
    if unknown:
        return Health.WARNING, f"{model.name} cannot hear: {', '.join(unknown)}; keys work"
    return Health.OK, f"{len(phrases)} phrases can be heard"


def _speech_rules(settings: Settings) -> Answer:
    from app.cli_slots import summary
    from asr.adapters.rule_files import checked_rules

    rules, wrong = checked_rules(settings.speech_rules_dir)
    if rules is None:
        return Health.PROBLEM, "; ".join(error.message for error in wrong)
    return Health.OK, summary(rules)


def _prompts(settings: Settings) -> Answer:
    missing = PromptBook.load(settings.prompts_dir).missing()
    if missing:
        return Health.PROBLEM, f"no sound for: {', '.join(missing)} (make them: hotline prompts build)"
    return Health.OK, "every announcement has a sound"


def _console(settings: Settings) -> Answer:
    if (settings.console_dir / "index.html").exists():
        return Health.OK, "built"
    return Health.PROBLEM, f"not built in {settings.console_dir} (build it: make setup)"


# ---- what it leans on


def _database(settings: Settings) -> Answer:
    if _is_before_first_run(settings):
        return Health.OK, "SQLite, made at the first run"
    database = Database(settings.effective_database_url)
    try:
        missing = missing_revisions(database)
    finally:
        database.dispose()
    if missing:
        return Health.PROBLEM, f"{len(missing)} migrations behind (bring it up to date: make migrate)"
    return Health.OK, f"{database.engine.dialect.name}, tables up to date"


def _is_before_first_run(settings: Settings) -> bool:
    return not settings.database_url and not (settings.data_dir / "hotline.sqlite3").exists()


def _redis(settings: Settings) -> Answer:
    if not settings.redis_url and not running_processes(settings):
        if Path(redis_server()).exists():
            return Health.OK, "embedded, started by `hotline run`"
        return Health.PROBLEM, "the embedded server is missing (install it: make setup)"
    connection = redis.Redis.from_url(settings.effective_redis_url, socket_timeout=2, socket_connect_timeout=2)
    try:
        version = connection.info("server")["redis_version"]
    except redis.RedisError:
        return Health.PROBLEM, "does not answer (REDIS_URL, or HOTLINE_REDIS_PORT of the embedded one)"
    finally:
        connection.close()
    if int(str(version).split(".")[0]) < 5:
        return Health.PROBLEM, f"version {version}, 5 or newer is needed"
    return Health.OK, f"version {version} answers"


def _recognisers(settings: Settings) -> Answer:
    if not settings.redis_url and not running_processes(settings):
        return Health.OK, "not running"
    resting = JobQueue(settings.effective_redis_url).resting_workers()
    if resting:
        since = min(resting.values()).astimezone().strftime("%H:%M:%S")
        return Health.PROBLEM, f"{len(resting)} worker(s) rest since {since}: nothing could be recognised (worker log)"
    return Health.OK, "no worker rests"


def _roster(settings: Settings) -> Answer:
    from app.bootstrap import build_services

    if _is_before_first_run(settings):
        return Health.OK, "a first shift is made at the first run"
    services = build_services(settings)
    now = services.clock.now()
    desks = services.duty.desks()
    bare = [desk.name for desk in desks if services.duty.uncovered(desk.id, now, now + _AHEAD)]
    services.db.dispose()
    if not desks:
        return Health.PROBLEM, "no desk: nobody would get a ticket"
    if bare:
        return Health.PROBLEM, f"minutes without a shift in the next 24 hours: {', '.join(bare)}"
    return Health.OK, f"{len(desks)} desk(s) covered for the next 24 hours"


def _trunk(settings: Settings) -> Answer:
    if settings.trunk:
        return Health.OK, f"callbacks go to {settings.trunk}"
    return Health.WARNING, "HOTLINE_TRUNK is empty: the system calls nobody back, people are asked to"


_CHECKS: dict[str, Callable[[Settings], Answer]] = {
    "Python": _python,
    "data folder": _data_folder,
    "disk": _disk,
    "ports": _ports,
    "audio ports": _audio_ports,
    "espeak-ng": _espeak,
    "ffmpeg": _ffmpeg,
    "policy": _policy,
    "clocks": _clocks,
    "speech model": _speech_model,
    "spoken answers": _spoken_answers,
    "speech rules": _speech_rules,
    "prompts": _prompts,
    "console": _console,
    "database": _database,
    "Redis": _redis,
    "recognisers": _recognisers,
    "roster": _roster,
    "trunk": _trunk,
}
