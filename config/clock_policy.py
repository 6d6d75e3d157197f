"""clocks.toml, checked: its shape by Pydantic, and then whether its clocks can run at all. Every fault has a code."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kit.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(min|h|d)")
_SPAN = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is stable; `where` names the key of the file."""

    code: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.where}: {self.says} ({self.code})"


class ClocksWrong(Invalid):
    """The file cannot be put in force; every reason is in `problems`."""

    code = "clocks.wrong"

    def __init__(self, file: str, problems: list[Problem]) -> None:
        super().__init__(f"{file}: {'; '.join(map(str, problems))}")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Amount:
    number: float
    unit: Literal["min", "h", "d"]

    def as_time(self, day: timedelta) -> timedelta:
        """`day`: what a "d" is worth."""
        worth = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": day}
        return self.number * worth[self.unit]


Minutes = tuple[int, int]
"""A span of a day, in minutes since its midnight."""


def _amount(value: object) -> Amount:
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('an amount of time looks like "30min", "2h" or "3d"')
    return Amount(float(found[1]), found[2])  # type: ignore[arg-type]  # the pattern has no other units


def _span(value: object) -> Minutes:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('a span of a day looks like "08:30-12:00"')
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not start < end <= _DAY_MIN:
        raise ValueError("a span begins before it ends, and ends by 24:00: split it at midnight")
    return start, end


AmountField = Annotated[Amount, BeforeValidator(_amount)]
Spans = list[Annotated[Minutes, BeforeValidator(_span)]]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkingHours(_Section):
    day: AmountField
    monday: Spans
    tuesday: Spans
    wednesday: Spans
    thursday: Spans
    friday: Spans
    saturday: Spans
    sunday: Spans
    make_up_day: Spans
    holidays: list[date] = []
    workdays: list[date] = []

    def week(self) -> list[Spans]:
        return [getattr(self, name) for name in WEEKDAYS]


class ClockPolicy(_Section):
    starts_on: list[str]
    stops_on: list[str]
    pauses_on: list[str] = []
    resumes_on: list[str] = []
    time: Literal["working", "wall"]
    limit: AmountField
    warn_share: float | None = None
    by_category: dict[str, AmountField] = {}


class ClockFile(_Section):
    working_time: WorkingHours
    clocks: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")], ClockPolicy]

    @property
    def mentions_categories(self) -> bool:
        return any(clock.by_category for clock in self.clocks.values())


def read_clock_file(path: Path) -> ClockFile:
    """Its shape alone is checked. Raises ClocksWrong."""
    try:
        read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return ClockFile.model_validate(read)
    except OSError as error:
        raise ClocksWrong(path.name, [Problem("clocks.no_file", path.name, error.strerror or "unreadable")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClocksWrong(path.name, [Problem("clocks.not_toml", path.name, str(error))]) from None
    except ValidationError as error:
        problems = [Problem("clocks.shape", ".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
        raise ClocksWrong(path.name, problems) from None


def problems_of(
    file: ClockFile, actions: frozenset[str], categories: frozenset[str], needed: frozenset[str]
) -> list[Problem]:
    """What cannot be meant. `actions`: everything a timeline may hold; `categories`: their keys, with the
    subcategories'; `needed`: clocks that the house cannot do without."""
    missing = sorted(needed - set(file.clocks))
    found = [Problem("clocks.missing", f"clocks.{name}", "the house needs this clock") for name in missing]
    found += list(_of_working_time(file.working_time, is_needed=any(c.time == "working" for c in file.clocks.values())))
    for name, clock in file.clocks.items():
        found += [
            Problem(code, f"clocks.{name}.{key}", says)
            for code, key, says in (*_of_actions(clock, actions), *_of_limits(clock, categories))
        ]
    return found


_Fault = tuple[str, str, str]


def _of_actions(clock: ClockPolicy, actions: frozenset[str]) -> Iterator[_Fault]:
    keys = ("starts_on", "stops_on", "pauses_on", "resumes_on")
    for key in keys:
        for action in sorted(set(getattr(clock, key)) - actions):
            yield "clocks.unknown_action", key, f"no timeline has {action!r}"
    if not clock.starts_on:
        yield "clocks.nothing_starts", "starts_on", "nothing starts it"
    if not clock.stops_on:
        yield "clocks.nothing_stops", "stops_on", "nothing stops it"
    if clock.pauses_on and not clock.resumes_on:
        yield "clocks.pause_without_resume", "resumes_on", "nothing resumes it after a pause"
    if clock.resumes_on and not clock.pauses_on:
        yield "clocks.resume_without_pause", "pauses_on", "nothing pauses it"
    for one, other in (("pauses_on", "resumes_on"), ("stops_on", "pauses_on"), ("stops_on", "resumes_on")):
        for action in sorted(set(getattr(clock, one)) & set(getattr(clock, other))):
            yield "clocks.two_meanings", one, f"{action!r} is in {other} too"
    for action in sorted(set(clock.starts_on) & set(clock.stops_on) - {"reopen"}):  # ends one round, begins the next
        yield "clocks.two_meanings", "starts_on", f"{action!r} is in stops_on too"


def _of_limits(clock: ClockPolicy, categories: frozenset[str]) -> Iterator[_Fault]:
    if clock.limit.number <= 0:
        yield "clocks.limit_zero", "limit", "a limit is more than nothing"
    for category, limit in clock.by_category.items():
        if category not in categories:
            yield "clocks.unknown_category", f"by_category.{category}", "no such category or subcategory"
        if limit.number <= 0:
            yield "clocks.limit_zero", f"by_category.{category}", "a limit is more than nothing"
    share = clock.warn_share
    if share is not None and share >= 1:
        yield "clocks.warning_after_breach", "warn_share", "a share of 1 or more warns when it is too late"
    elif share is not None and not share > 0:
        yield "clocks.warn_share", "warn_share", "a share lies between 0 and 1"


def _of_working_time(hours: WorkingHours, *, is_needed: bool) -> Iterator[Problem]:
    for key in (*WEEKDAYS, "make_up_day"):
        spans: Spans = getattr(hours, key)
        if any(later[0] < sooner[1] for sooner, later in pairwise(spans)):
            yield Problem("clocks.spans_overlap", f"working_time.{key}", "spans stand in order and apart")
    if is_needed and not any(hours.week()):
        yield Problem("clocks.never_worked", "working_time", "no weekday has working hours")
    if hours.workdays and not hours.make_up_day:
        yield Problem("clocks.never_worked", "working_time.make_up_day", "workdays are worked in its hours: none")
    if hours.day.unit == "d" or not 0 < hours.day.as_time(timedelta(1)) / timedelta(days=1) <= 1:
        yield Problem("clocks.working_day", "working_time.day", "a working day has more than 0 and at most 24 hours")
    for day in sorted(set(hours.holidays) & set(hours.workdays)):
        yield Problem("clocks.day_twice", "working_time.workdays", f"{day} is in holidays too")
