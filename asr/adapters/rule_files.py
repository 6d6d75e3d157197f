"""The rules of understanding, read from the folder config/speech, and read again when somebody edits them."""

import functools
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import structlog

from asr.adapters.gazetteer_file import read_gazetteer
from asr.adapters.homophones import sounds_of
from asr.adapters.reading_file import read_reading
from asr.adapters.rule_text import text_of
from asr.domain.errors import RuleFileWrong
from asr.domain.privacy.redaction_rules import RedactionRules, read_redaction_rules
from asr.domain.reading.gazetteer import Gazetteer
from asr.domain.reading.reading_rules import ReadingRules
from asr.domain.rules import Rules
from asr.domain.slots.category_rules import CategoryRules, read_categories
from asr.domain.slots.department_rules import DepartmentRules, read_departments
from asr.domain.slots.detail_rules import DetailRules, read_details
from asr.domain.slots.emergency_rules import EmergencyRules, read_emergencies
from asr.domain.slots.mood_rules import MoodRules, read_moods
from asr.domain.slots.slot_rules import SlotRules, read_slot_rules
from asr.domain.slots.urgency_rules import UrgencyRules, read_urgency

log = structlog.get_logger(__name__)
Read = TypeVar("Read")

EMERGENCIES = "emergencies.toml"
FILES = (
    "categories.toml",
    "departments.toml",
    "details.toml",
    EMERGENCIES,
    "gazetteer.csv",
    "moods.toml",
    "reading.toml",
    "redaction.toml",
    "slots.toml",
    "urgency.toml",
)
_LOOK_EVERY_S = 1.0
_read_emergencies = functools.partial(read_emergencies, sounds=sounds_of)

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


def load_emergencies(folder: Path) -> EmergencyRules:
    """The one file, for who needs nothing else. Raises RuleFileWrong."""
    try:
        content = (folder / EMERGENCIES).read_bytes()
    except OSError as error:
        raise RuleFileWrong(EMERGENCIES, 0, error.strerror or "cannot be read") from None
    return _read_emergencies(text_of(content, EMERGENCIES), EMERGENCIES)


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
            texts[name] = text_of(content, name)
        except OSError as error:
            wrong.append(RuleFileWrong(name, 0, error.strerror or "cannot be read"))
        except RuleFileWrong as error:
            wrong.append(error)
        else:
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return _Files(texts, wrong).rules(digest.hexdigest()[:12]), sorted(wrong, key=lambda error: error.file)


class _Files:
    """Reads each text by its parser, and collects what is wrong."""

    def __init__(self, texts: Mapping[str, str], wrong: list[RuleFileWrong]) -> None:
        self._texts = texts
        self._wrong = wrong

    def rules(self, version: str) -> Rules | None:
        """A file that speaks of what another one defines is read only when that one is right."""
        rules = Rules(
            version=version,
            reading=self._read("reading.toml", read_reading) or ReadingRules(),
            gazetteer=self._read("gazetteer.csv", read_gazetteer) or Gazetteer(),
            slots=self._read("slots.toml", read_slot_rules) or SlotRules(),
            departments=self._read("departments.toml", read_departments) or DepartmentRules(),
            emergencies=self._read(EMERGENCIES, _read_emergencies) or EmergencyRules(),
            moods=self._read("moods.toml", read_moods) or MoodRules(),
            details=self._read("details.toml", read_details) or DetailRules(),
            redaction=self._read("redaction.toml", read_redaction_rules) or RedactionRules(),
        )
        if rules.departments.by_key:
            known = rules.departments.by_key
            categories = self._read("categories.toml", lambda text, name: read_categories(text, name, known))
            rules = replace(rules, categories=categories or CategoryRules())
        if rules.categories.subcategories and rules.emergencies.kinds:
            keys, kinds = rules.categories.keys, rules.emergencies.kinds
            urgency = self._read("urgency.toml", lambda text, name: read_urgency(text, name, keys, kinds))
            rules = replace(rules, urgency=urgency or UrgencyRules())
        return None if self._wrong else rules

    def _read(self, name: str, parser: Callable[[str, str], Read]) -> Read | None:
        try:
            return parser(self._texts[name], name) if name in self._texts else None
        except RuleFileWrong as error:
            self._wrong.append(error)
            return None
