"""China's public holidays 法定节假日 and make-up days 调休, from the `holidays` package."""

from datetime import date
from functools import cache
from importlib.metadata import version

import holidays
from holidays.countries.china import ChinaStaticHolidays

from ticketing.domain.working_time import DayKind

DATA_VERSION = version("holidays")


def known_through() -> int:
    """The last year whose days off the State Council's notice has fixed in the data.

    Of later years the statutory days alone are known: those of the lunar calendar computed, none made up for.
    """
    return max(ChinaStaticHolidays.special_public_holidays)


class ChinaDays:
    """A HolidayBook of the People's Republic."""

    def kind(self, day: date) -> DayKind:
        return _days(day.year).get(day, DayKind.ORDINARY)


@cache
def _days(year: int) -> dict[date, DayKind]:
    """The days of the year that are not ordinary. January's holidays may be made up for in December before."""
    book = holidays.country_holidays("CN", years=(year, year + 1))
    made_up = {day: DayKind.MAKE_UP for day in book.weekend_workdays if day.year == year}
    return {day: DayKind.HOLIDAY for day in book if day.year == year} | made_up
