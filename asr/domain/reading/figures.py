"""Spoken numbers written in figures where a reader expects them; what may be a word or a name stays as it was said.

The text may hold PAUSE signs: only a number that is said digit by digit may have pauses in it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from asr.domain.reading.heard_turn import PAUSE
from asr.domain.reading.numerals import NUMERAL_CHARACTERS, cardinal, digit_string, in_figures
from asr.domain.reading.reading_rules import FigureRules
from asr.domain.rulebook.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Figure:
    """The characters [start, end) of the text are written as `figures`."""

    start: int
    end: int
    figures: str


def find_figures(text: str, rules: FigureRules, names: Collection[range] = ()) -> Iterator[Figure]:
    """In order, without overlaps; never inside one of the `names` (ranges of characters)."""
    if not rules.measures:
        return
    named = {place: name.stop for name in names for place in name}
    kept = _kept_places(text, rules.kept)
    place = 0
    while start := _START.search(text, place):
        place = start.start()
        found = _figure_at(text, place, kept, rules.measures) if place not in named else None
        if place in named:
            place = named[place]
        elif found and named.keys().isdisjoint(range(found.start, found.end)):
            if found.figures:
                yield found
            place = found.end
        else:
            place += 1


def _kept_places(text: str, kept: Lexicon) -> dict[int, int]:
    """For each character of a word that is kept: where the word ends."""
    places: dict[int, int] = {}
    start = 0
    while start < len(text):
        end = start + len(kept.longest_at(text, start))
        if end > start and not _is_part_of_numeral(text, start, end):
            places |= dict.fromkeys(range(start, end), end)
            start = end
        else:
            start += 1
    return places


def _is_part_of_numeral(text: str, start: int, end: int) -> bool:
    """The 五一 of 一三五一 is no holiday."""
    if not _NUMERALS.issuperset(text[start:end]):
        return False
    return text[end : end + 1] in _NUMERALS or text[max(start - 1, 0) : start] in _NUMERALS


def _figure_at(text: str, place: int, kept: dict[int, int], measures: Lexicon) -> Figure | None:
    """A Figure without figures means: this is a number, and it stays as it was said."""
    kept_until = kept.get(place, place)
    for pattern, write in _STRONG:
        found = pattern.match(text, place)
        if found and found.end() >= kept_until and (figures := write(found)) is not None:
            return Figure(place, found.end(), figures)
    if kept_until > place:
        return Figure(place, kept_until, "")
    if _is_weekday(text, place, measures):
        return Figure(place, place + 1, "")
    for pattern, write in _WEAK:
        if (found := pattern.match(text, place)) and (figures := write(found)) is not None:
            return Figure(place, found.end(), figures)
    if found := _RUN.match(text, place):
        return _counted(text, found, measures)
    return None


def _is_weekday(text: str, place: int, measures: Lexicon) -> bool:
    """周三, but 每周三次 is three times a week."""
    is_day = text[place] in "一二三四五六" and _before(text, place).endswith(_WEEK)
    return is_day and not measures.longest_at(text, place + 1)


def _before(text: str, place: int) -> str:
    """As much of what stands before as can matter."""
    return text[max(0, place - _LOOK_BACK) : place]


# ---- numbers that show themselves by their form


def _percent(found: re.Match[str]) -> str | None:
    value = cardinal(found["whole"])
    if value is None:
        return ""
    return f"{value}{_decimals(found['part'])}%"


def _fraction(_found: re.Match[str]) -> str:
    return ""


def _decimal(found: re.Match[str]) -> str | None:
    value = cardinal(found["whole"])
    return None if value is None else f"{value}{_decimals(found['part'])}{found['unit'] or ''}"


def _decimals(part: str | None) -> str:
    return f".{digit_string(part)}" if part else ""


def _identity_number(found: re.Match[str]) -> str:
    return _digits_only(found["digits"]) + "X"


def _plate(found: re.Match[str]) -> str | None:
    written = "".join(digit_string(sign) or sign for sign in found[0] if sign not in (PAUSE, " ")).upper()
    return written if any(sign.isdigit() for sign in written) else None


def _digits(found: re.Match[str]) -> str | None:
    digits = found[0].replace(PAUSE, "")
    after = found.string[found.end() :]
    if "幺" not in digits and len(digits) <= 4 and _ROAD_AFTER_DIGITS.match(after):
        return ""  # 一二九路, 九一八大街
    return digit_string(digits)


def _digits_only(text: str) -> str:
    return digit_string(text.replace(PAUSE, "")) or ""


def _year(found: re.Match[str]) -> str | None:
    digits = found["year"]
    if len(digits) == 2 and (digits[0] not in "零〇一二七八九" or _is_estimate(digits)):
        return None
    return f"{digit_string(digits)}年"


def _is_estimate(two: str) -> bool:
    """七八 (seven or eight), 三五 (three to five)."""
    first, second = (cardinal(digit) or 0 for digit in two)
    return bool(first) and (second == first + 1 or two == "三五")


def _clock(found: re.Match[str]) -> str | None:
    hour, rest = cardinal(found["hour"]), found["rest"] or ""
    if hour is None or hour > 24:
        return None
    before = _before(found.string, found.start()).removesuffix(PAUSE)
    is_clear = bool(rest) or bool(_DAYTIME_BEFORE.search(before)) or bool(_CLOCK_AFTER.match(found.string, found.end()))
    if not is_clear and (hour < 4 or before.endswith(("这", "几", "第", "有"))):
        return None  # 三点 may be three points
    return f"{hour}点{_minutes(rest)}"


def _minutes(rest: str) -> str:
    digits = rest.removeprefix("过").removesuffix("分")
    value = cardinal(digits.removeprefix("零")) if digits else None
    if value is None:
        return rest
    return rest.replace(digits, f"{value:02}" if digits.startswith("零") else str(value))


def _unit_by_unit(found: re.Match[str]) -> str | None:
    """Parts of an address, of a date, and the like: a figure whatever its value."""
    number, unit = found["number"], found["unit"]
    if _NOT_FIGURES_BEFORE.search(_before(found.string, found.start())):
        return ""
    value = cardinal(number)
    if value is not None:
        return f"{value}{unit}"
    digits = digit_string(number)
    if digits is None or (len(number) == 2 and _is_estimate(number)):
        return ""  # 三四十号人, 三四楼
    return f"{digits}{unit}"


def _coins(found: re.Match[str]) -> str | None:
    """三块五, 两块五毛."""
    value = cardinal(found["yuan"])
    return None if value is None else f"{value}块{digit_string(found['jiao'])}{found['mao']}"


def _bus(found: re.Match[str]) -> str | None:
    value = cardinal(found["number"]) or digit_string(found["number"])
    before = _before(found.string, found.start())
    is_clear = _BUS_BEFORE.search(before) or _BUS_AFTER.match(found.string, found.end()) or "十" in found["number"]
    return f"{value}路" if value and is_clear else None


# ---- numbers that are shown by what stands around them


def _counted(text: str, found: re.Match[str], measures: Lexicon) -> Figure | None:
    run, end = found[0], found.end()
    stays = Figure(found.start(), end, "")
    value = cardinal(run)
    before = _before(text, found.start())
    if value is None:
        return _mobile_at_the_end(text, found) or stays
    if before.endswith("第") and value <= 10:
        return stays
    if _NOT_FIGURES_BEFORE.search(before) or _NOT_FIGURES_AFTER.match(text, end):
        return stays
    more = _MORE.match(text, end)
    after = more.end() if more else end
    measure = measures.longest_at(text, after)
    if measure and value != 1 and run != "二":
        return Figure(found.start(), after + len(measure), in_figures(value) + text[end:after] + measure)
    if value >= 10 and len(run) > 1:
        return Figure(found.start(), end, in_figures(value))
    return stays


def _mobile_at_the_end(text: str, found: re.Match[str]) -> Figure | None:
    """三十五幺三八…: somebody's age and number in one breath."""
    mobile = _MOBILE_TAIL.search(found[0])
    head = found[0][: mobile.start()] if mobile else ""
    value = cardinal(head) if head else None
    if mobile is None or value is None:
        return None
    return Figure(found.start(), found.start() + len(head), in_figures(value))


_LOOK_BACK = 12
_D = "[零〇一二三四五六七八九幺]"
_N = "[零〇一二三四五六七八九十百千万亿两]"
_ONE_TO_NINE = "[一二三四五六七八九]"
_NUMERALS = frozenset(NUMERAL_CHARACTERS)
_NEXT = f"(?:{PAUSE}(?={_D}{_D}))?{_D}"  # after a pause at least two digits go on
_MOBILE = f"[一幺]{PAUSE}?[三四五六七八九](?:{PAUSE}?{_D}){{9}}"
_MOBILE_END = f"(?!{_NEXT})"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_START = re.compile(f"[{NUMERAL_CHARACTERS}]|[{_PROVINCES}](?= ?[A-Za-z])")
_RUN = re.compile(f"[{NUMERAL_CHARACTERS}]+")
_MOBILE_TAIL = re.compile(f"{_MOBILE}$")

_WEEK = ("周", "星期", "礼拜")
_DAYTIME_BEFORE = re.compile("(上午|下午|中午|晚上|早上|早晨|凌晨|半夜|夜里|深夜|傍晚|清晨|[今昨明每]晚|[今明]早)$")
_CLOCK_AFTER = re.compile("钟|整|左右|多|以?前|之前|以?后|之后|开始|到|至|才|就|[上下]班|[开关]门")
_NOT_FIGURES_BEFORE = re.compile("(初|腊月|正月|[农阴]历([一二三四五六七八九十冬]{1,2}月)?|几|数|分之)$")
_NOT_FIGURES_AFTER = re.compile("几|分之|里(?![地路面边外])|[三五]成群")
_ROAD_AFTER_DIGITS = re.compile("路(?!车|公交)|街|大街|大道|巷|小区|社区|新村|村|厂|[中小]学|医院")
_BUS_BEFORE = re.compile("(公交车?|公共汽车|[坐乘等]|换乘)$")
_BUS_AFTER = re.compile("公交|公共汽车|汽车|车(?!辆)")
_MORE = re.compile("[多来余]")

_MINUTES = (
    f"半|[一三]刻|过?零?{_N}{{1,3}}分(?![钟之])|零{_ONE_TO_NINE}(?!{_N}|[元块米吨平倍公])"
    f"|(?={_N}?十){_N}{{1,3}}(?!{_N}|[个块元条])"
)
_Writer = Callable[[re.Match[str]], str | None]
_STRONG: tuple[tuple[re.Pattern[str], _Writer], ...] = (
    (re.compile(f"百分之(?P<whole>{_N}+)(?:点(?P<part>{_D}+))?"), _percent),
    (re.compile(f"{_N}+分之{_N}+"), _fraction),
    (re.compile(f"(?P<digits>(?:{_D}{PAUSE}?){{17}}) ?(?:[xX叉]|[艾爱]克[斯死])"), _identity_number),
    (re.compile(f"[{_PROVINCES}] ?[A-Za-z](?:[ {PAUSE}]?(?:[A-Za-z]|{_D})){{5,6}}"), _plate),
    (re.compile(f"{_MOBILE}(?:{_MOBILE_END}|(?={PAUSE}?{_MOBILE}{_MOBILE_END}))"), _digits),
    (re.compile(f"(?P<year>{_D}{{4}}|{_D}{{2}})年"), _year),
    (re.compile(f"(?P<hour>{_N}+)点(?P<rest>{_MINUTES})"), _clock),
    (re.compile(f"(?P<whole>{_N}+)点(?P<part>{_D}+)(?P<unit>[万亿](?!{_N}))?(?!点)"), _decimal),
    (re.compile(f"(?P<hour>{_N}+)点(?P<rest>)"), _clock),
    (re.compile(f"(?P<number>{_N}+)(?P<unit>分钟)"), _unit_by_unit),
)
"""Tried in this order before the words that are kept."""
_ADDRESS_UNITS = "号楼|号院|号线|号门|号|[栋幢](?![楼房别])|单元|室(?!.厅)|楼|月份|月|日(?!三餐)"
_WEAK: tuple[tuple[re.Pattern[str], _Writer], ...] = (
    (re.compile(f"(?P<number>{_N}+)路"), _bus),
    (re.compile(f"(?P<yuan>{_N}+)块(?P<jiao>{_ONE_TO_NINE})(?P<mao>毛?)(?!{_N}(?![斤个米吨平包])|块)"), _coins),
    (re.compile(f"(?P<number>{_N}+|{_D}+)(?P<unit>{_ADDRESS_UNITS})"), _unit_by_unit),
    (re.compile(f"{_D}(?:{PAUSE}?{_D}){{6,}}+(?![十百千万亿])"), _digits),
    (re.compile(f"{_D}(?:{_NEXT}){{2,}}+(?![十百千万亿])"), _digits),
    (re.compile(f"(?=.?[幺零〇])[幺一二三四五六七八九]{_D}(?!{_N})"), _digits),
)
