"""From clocks.toml to the clocks of ticketing: the file, the calendar and the words that it may use."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from asr.adapters.rule_files import load_rules
from asr.domain.rules import Rules
from config.clock_policy import ClockFile, ClockPolicy, ClocksWrong, Spans, WorkingHours, problems_of, read_clock_file
from config.settings import Settings
from ticketing.adapters.china_days import DATA_VERSION, ChinaDays
from ticketing.domain.clocks import GRAB, ClockRules, ClockSpec
from ticketing.domain.lifecycle import TicketAction, TimelineFact
from ticketing.domain.working_time import Hours, Measure, Span, WallTime, WorkingTime

_ACTIONS = frozenset(map(str, (*TicketAction, *TimelineFact))) - {TimelineFact.WARNED, TimelineFact.BREACHED}
_VERSION_LENGTH = 16


def load_clock_rules(settings: Settings, zone: ZoneInfo, path: Path | None = None) -> ClockRules:
    """The clocks of a file, by default of the one in force; raises ClocksWrong with all that is wrong in it."""
    path = path or settings.clocks_file
    file = read_clock_file(path)
    known = category_keys(load_rules(settings.speech_rules_dir)) if file.mentions_categories else frozenset[str]()
    problems = problems_of(file, _ACTIONS, known, frozenset({GRAB}))
    if problems:
        raise ClocksWrong(path.name, problems)
    working = _working_time(file.working_time, zone)
    working_day = file.working_time.day.as_time(timedelta(days=1))
    specs = tuple(_spec(kind, clock, working, working_day) for kind, clock in file.clocks.items())
    return ClockRules(specs, _version(file, zone))


def category_keys(rules: Rules) -> frozenset[str]:
    """Categories and subcategories."""
    subcategories = rules.categories.subcategories
    return frozenset(subcategories) | {each.category for each in subcategories.values()}


def _spec(kind: str, clock: ClockPolicy, working: WorkingTime, working_day: timedelta) -> ClockSpec:
    is_working = clock.time == "working"
    measure: Measure = working if is_working else WallTime()
    day = working_day if is_working else timedelta(days=1)
    return ClockSpec(
        kind=kind,
        starts_on=frozenset(clock.starts_on),
        stops_on=frozenset(clock.stops_on),
        limit=clock.limit.as_time(day),
        measure=measure,
        warn_share=clock.warn_share,
        pauses_on=frozenset(clock.pauses_on),
        resumes_on=frozenset(clock.resumes_on),
        limit_of_category={category: limit.as_time(day) for category, limit in clock.by_category.items()},
    )


def _working_time(hours: WorkingHours, zone: ZoneInfo) -> WorkingTime:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(_hours, hours.week())
    return WorkingTime(
        zone=zone,
        week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        make_up_day=_hours(hours.make_up_day),
        book=ChinaDays(),
        local_holidays=frozenset(hours.holidays),
        local_workdays=frozenset(hours.workdays),
    )


def _hours(spans: Spans) -> Hours:
    return tuple(Span(timedelta(minutes=start), timedelta(minutes=end)) for start, end in spans)


def _version(file: ClockFile, zone: ZoneInfo) -> str:
    """The same for files that mean the same; another one when the calendar's data are others."""
    meant = {"file": file.model_dump(mode="json"), "zone": zone.key, "days": DATA_VERSION}
    return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()[:_VERSION_LENGTH]
