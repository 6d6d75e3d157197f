"""clocks.toml: what is wrong with a file is said by key and by a code that stays."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.clock_rules import load_clock_rules
from config.clock_policy import ClocksWrong
from config.settings import ROOT, Settings
from ticketing.domain.clocks import ClockRules

CITY = ZoneInfo("Asia/Shanghai")
SHIPPED = (ROOT / "config" / "clocks.toml").read_text(encoding="utf-8")
SITE = 'starts_on = ["sign", "grab"]'
STOPS = 'stops_on = ["accept", "assign", "sign", "transfer", "escalate", "ask_return"]'


def load(path: Path) -> ClockRules:
    return load_clock_rules(Settings(), CITY, path)


def changed(folder: Path, usual: str, other: str) -> Path:
    assert usual in SHIPPED
    path = folder / "clocks.toml"
    path.write_text(SHIPPED.replace(usual, other), encoding="utf-8")
    return path


def problems(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ClocksWrong) as caught:
        load(path)
    return [(problem.code, problem.where) for problem in caught.value.problems]


def test_the_shipped_clocks_are_those_of_the_trade() -> None:
    limits = {spec.kind: spec.limit for spec in load(ROOT / "config" / "clocks.toml").specs}
    assert limits == {
        "triage": timedelta(hours=2),
        "grab": timedelta(hours=3),
        "on_site": timedelta(minutes=30),
        "answer": timedelta(days=1),
        "solve": 3 * timedelta(hours=7),  # of working time
        "revisit": timedelta(days=5),
    }


@pytest.mark.parametrize(
    ("usual", "wrong", "code", "where"),
    [
        (STOPS, "stops_on = []", "clocks.nothing_stops", "clocks.triage.stops_on"),
        (SITE, "starts_on = []", "clocks.nothing_starts", "clocks.on_site.starts_on"),
        ('"accept", "assign"', '"accept", "asign"', "clocks.unknown_action", "clocks.triage.stops_on"),
        ('"accept", "assign"', '"accept", "breached"', "clocks.unknown_action", "clocks.triage.stops_on"),
        ('limit = "2h"', 'limit = "2h"\npauses_on = ["note"]',
         "clocks.pause_without_resume", "clocks.triage.resumes_on"),
        ('limit = "2h"', 'limit = "2h"\nresumes_on = ["note"]',
         "clocks.resume_without_pause", "clocks.triage.pauses_on"),
        ('limit = "2h"', 'limit = "2h"\npauses_on = ["note"]\nresumes_on = ["note"]',
         "clocks.two_meanings", "clocks.triage.pauses_on"),
        ('"accept", "assign"', '"accept", "created"', "clocks.two_meanings", "clocks.triage.starts_on"),
        ('limit = "2h"', 'limit = "0h"', "clocks.limit_zero", "clocks.triage.limit"),
        ('limit = "2h"', 'limit = "2 hours"', "clocks.shape", "clocks.triage.limit"),
        ('limit = "2h"', 'limits = "2h"', "clocks.shape", "clocks.triage.limits"),
        ("warn_share = 0.8", "warn_share = -0.1", "clocks.warn_share", "clocks.revisit.warn_share"),
        ("warn_share = 0.8", "warn_share = nan", "clocks.warn_share", "clocks.revisit.warn_share"),
        ("warn_share = 0.8", "warn_share = 1.2", "clocks.warning_after_breach", "clocks.revisit.warn_share"),
        ("warn_share = 0.8", 'by_category = { dragons = "1d" }',
         "clocks.unknown_category", "clocks.revisit.by_category.dragons"),
        ("warn_share = 0.8", 'by_category = { water = "0d" }',
         "clocks.limit_zero", "clocks.revisit.by_category.water"),
        ('monday = ["08:30-12:00", "14:00-17:30"]', 'monday = ["08:30-14:30", "14:00-17:30"]',
         "clocks.spans_overlap", "working_time.monday"),
        ('monday = ["08:30-12:00", "14:00-17:30"]', 'monday = ["22:00-06:00"]',
         "clocks.shape", "working_time.monday.0"),
        ("08:30-12:00", "8:30-12:00", "clocks.shape", "working_time.monday.0"),
        ('day = "7h"', 'day = "1d"', "clocks.working_day", "working_time.day"),
        ("[clocks.grab]", "[clocks.grabbing]", "clocks.missing", "clocks.grab"),
        ("[clocks.triage]", "[clocks.Triage]", "clocks.shape", "clocks.Triage.[key]"),
        ("[clocks.triage]", "[clocks.triage", "clocks.not_toml", "clocks.toml"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named(tmp_path: Path, usual: str, wrong: str, code: str, where: str) -> None:
    assert (code, where) in problems(changed(tmp_path, usual, wrong))


def test_a_day_cannot_be_both_off_and_worked(tmp_path: Path) -> None:
    path = changed(tmp_path, "workdays = [] ", "workdays = [2026-10-09] ")
    both = path.read_text(encoding="utf-8").replace("holidays = [] ", "holidays = [2026-10-09] ")
    path.write_text(both, encoding="utf-8")
    assert problems(path) == [("clocks.day_twice", "working_time.workdays")]


def test_working_clocks_need_working_hours(tmp_path: Path) -> None:
    path = changed(tmp_path, '["08:30-12:00", "14:00-17:30"]', "[]")
    assert problems(path) == [("clocks.never_worked", "working_time")]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, 'limit = "2h"', 'limit = "0h"\npauses_on = ["note"]')
    assert len(problems(path)) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "nothing.toml") == [("clocks.no_file", "nothing.toml")]


def test_limits_may_differ_by_category_and_subcategory(tmp_path: Path) -> None:
    path = changed(tmp_path, 'limit = "1d"', 'limit = "1d"\nby_category = { water = "12h", "water.outage" = "4h" }')
    answer = next(spec for spec in load(path).specs if spec.kind == "answer")
    assert answer.limit_of_category == {"water": timedelta(hours=12), "water.outage": timedelta(hours=4)}


def test_the_version_changes_with_the_meaning_alone(tmp_path: Path) -> None:
    shipped = load(ROOT / "config" / "clocks.toml").version
    assert load(changed(tmp_path, 'limit = "2h"', '# more words\nlimit = "2h"')).version == shipped
    assert load(changed(tmp_path, 'limit = "2h"', 'limit = "3h"')).version != shipped
