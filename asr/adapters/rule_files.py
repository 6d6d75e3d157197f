"""The rules of understanding, read from the folder config/speech, and read again when somebody edits them."""

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

import structlog

from asr.domain.category_rules import read_categories
from asr.domain.department_rules import read_departments
from asr.domain.detail_rules import read_details
from asr.domain.emergency_rules import read_emergencies
from asr.domain.errors import RuleFileWrong
from asr.domain.mood_rules import read_moods
from asr.domain.redaction_rules import read_redaction_rules
from asr.domain.rules import Rules
from asr.domain.slot_rules import read_slot_rules
from asr.domain.urgency_rules import read_urgency

log = structlog.get_logger(__name__)
Read = TypeVar("Read")

FILES = (
    "categories.toml",
    "departments.toml",
    "details.toml",
    "emergencies.toml",
    "moods.toml",
    "redaction.toml",
    "slots.toml",
    "urgency.toml",
)
_LOOK_EVERY_S = 1.0

_Stamp = tuple[tuple[str, int, int, int], ...]
"""Name, time, size and number of every file: what tells that one was edited or replaced."""


class RuleFiles:
    """Implements RuleBook. The first reading must succeed; later a wrong edit is logged, and the old rules stay."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._reading = threading.Lock()
        self._rules: Rules | None = None
        self._stamp: _Stamp = ()
        self._looked_at = 0.0

    def rules(self) -> Rules:
        """Raises RuleFileWrong when the files were never right in this process."""
        rules = self._rules
        if rules is None:
            with self._reading:
                return self._rules or self._first_rules()
        if self._monotonic() - self._looked_at >= _LOOK_EVERY_S and self._reading.acquire(blocking=False):
            try:  # whoever comes meanwhile takes the old rules, and waits for nothing
                self._look_again(rules)
            finally:
                self._reading.release()
        return self._rules or rules

    def _first_rules(self) -> Rules:
        self._stamp = stamp_of(self._folder)
        self._looked_at = self._monotonic()
        self._rules = load_rules(self._folder)
        return self._rules

    def _look_again(self, old: Rules) -> None:
        stamp = stamp_of(self._folder)
        if stamp != self._stamp:
            try:
                new = load_rules(self._folder)
            except RuleFileWrong as error:
                log.error("asr.rules.refused", file=error.file, line=error.line, reason=error.reason)  # noqa: TRY400
            else:
                if stamp_of(self._folder) != stamp:
                    return  # somebody is still writing: next time
                if new.version != old.version:
                    log.info("asr.rules.adopted", version=new.version)
                self._rules = new
            self._stamp = stamp
        self._looked_at = self._monotonic()


def stamp_of(folder: Path) -> _Stamp:
    stamps = []
    for name in FILES:
        try:
            facts = (folder / name).stat()
        except OSError:
            stamps.append((name, 0, 0, 0))
        else:
            stamps.append((name, facts.st_mtime_ns, facts.st_size, facts.st_ino))
    return tuple(stamps)


def load_rules(folder: Path) -> Rules:
    """All files as one set; raises the first RuleFileWrong."""
    rules, wrong = checked_rules(folder)
    if rules is None:
        raise wrong[0]
    return rules


def checked_rules(folder: Path) -> tuple[Rules | None, list[RuleFileWrong]]:
    """The rules, or what is wrong: the first error of every file."""
    texts: dict[str, str] = {}
    wrong: list[RuleFileWrong] = []
    digest = hashlib.sha256()
    for name in FILES:
        try:
            content = (folder / name).read_bytes()
            texts[name] = content.decode()
        except OSError as error:
            wrong.append(RuleFileWrong(name, 0, error.strerror or "cannot be read"))
        except UnicodeDecodeError as error:
            wrong.append(RuleFileWrong(name, content[: error.start].count(b"\n") + 1, "is not UTF-8"))
        else:
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return _read(_Texts(texts, wrong), digest.hexdigest()[:12]), wrong


class _Texts:
    """The files, each read by its parser; what is wrong is collected."""

    def __init__(self, texts: Mapping[str, str], wrong: list[RuleFileWrong]) -> None:
        self._texts = texts
        self._wrong = wrong

    def read(self, name: str, parser: Callable[[str, str], Read]) -> Read | None:
        if name not in self._texts:
            return None
        try:
            return parser(self._texts[name], name)
        except RuleFileWrong as error:
            self._wrong.append(error)
            return None


def _read(texts: _Texts, version: str) -> Rules | None:
    """A file that speaks of what another one defines is read only when that one is right."""
    slots = texts.read("slots.toml", read_slot_rules)
    details = texts.read("details.toml", read_details)
    moods = texts.read("moods.toml", read_moods)
    redaction = texts.read("redaction.toml", read_redaction_rules)
    emergencies = texts.read("emergencies.toml", read_emergencies)
    departments = texts.read("departments.toml", read_departments)
    categories = departments and texts.read("categories.toml", _knowing(read_categories, departments.by_key))
    urgency = (
        categories
        and emergencies
        and texts.read(
            "urgency.toml", lambda text, name: read_urgency(text, name, categories.keys, emergencies.kinds.keys())
        )
    )
    if not (slots and details and moods and redaction and emergencies and departments and categories and urgency):
        return None
    return Rules(
        version=version,
        slots=slots,
        categories=categories,
        departments=departments,
        urgency=urgency,
        emergencies=emergencies,
        moods=moods,
        details=details,
        redaction=redaction,
    )


def _knowing(
    parser: Callable[[str, str, Collection[str]], Read], known: Collection[str]
) -> Callable[[str, str], Read]:
    return lambda text, name: parser(text, name, known)
