"""Numbers as citizens say them, in words: telephone numbers, dates, money, houses, plates, cards. All invented."""

import random
import string
from collections.abc import Callable

DIGITS = "零一二三四五六七八九"
YAO = "幺"
LETTERS = string.ascii_uppercase
_UNITS = ("", "十", "百", "千")
_WAN = 10_000
_MOBILE_STARTS = "130 131 132 133 135 136 137 138 139 150 151 152 155 156 157 158 159 166 170 173 175 176 177 178 180"
_MOBILE_STARTS += " 181 182 183 185 186 187 188 189 191 193 195 198 199"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ID_CHECK_LETTERS = ("X", "叉")
Words = list[str]


def number(value: int) -> Words:
    """0..99,999,999 as a word per character: 305 → 三 百 零 五."""
    if value == 0:
        return [DIGITS[0]]
    if value >= _WAN:
        rest = value % _WAN
        gap = [DIGITS[0]] if 0 < rest < _WAN // 10 else []
        return [*number(value // _WAN), "万", *gap, *(number(rest) if rest else [])]
    return _below_ten_thousand(value)


def _below_ten_thousand(value: int) -> Words:
    words: Words = []
    is_gap = False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit == 0:
            is_gap = bool(words)
            continue
        if is_gap:
            words.append(DIGITS[0])
            is_gap = False
        if not (digit == 1 and place == 1 and not words):  # 十五, not 一十五
            words.append(DIGITS[digit])
        words += [_UNITS[place]] if place else []
    return words


def digit_by_digit(text: str, *, has_yao: bool = True) -> Words:
    return [YAO if each == "1" and has_yao else DIGITS[int(each)] for each in text]


def _random_digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(count))


def _count(rng: random.Random) -> int:
    return rng.choice([rng.randint(1, 9), rng.randint(10, 99), rng.randint(1, 9) * 10, rng.randint(100, 999)])


def _counted(value: int) -> Words:
    return ["两"] if value == 2 else number(value)


def phone(rng: random.Random) -> Words:
    has_yao = rng.random() < 0.7
    kind = rng.random()
    if kind < 0.75:
        return digit_by_digit(rng.choice(_MOBILE_STARTS.split()) + _random_digits(rng, 8), has_yao=has_yao)
    area = "0" + str(rng.randint(310, 998)) if rng.random() < 0.4 else ""
    return digit_by_digit(area + str(rng.randint(2, 8)) + _random_digits(rng, rng.choice([6, 7])), has_yao=has_yao)


def digits(rng: random.Random) -> Words:
    return digit_by_digit(_random_digits(rng, rng.choice([4, 5, 6, 8, 10, 12])), has_yao=rng.random() < 0.7)


def identity(rng: random.Random) -> Words:
    """Eighteen characters, the last one sometimes X."""
    born = f"{rng.randint(1940, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = str(rng.randint(110000, 659999)) + born + _random_digits(rng, 3)
    last = [rng.choice(_ID_CHECK_LETTERS)] if rng.random() < 0.3 else digit_by_digit(_random_digits(rng, 1))
    return digit_by_digit(body, has_yao=rng.random() < 0.8) + last


def bank_card(rng: random.Random) -> Words:
    return digit_by_digit("62" + _random_digits(rng, rng.choice([14, 17])), has_yao=rng.random() < 0.8)


def plate(rng: random.Random) -> Words:
    """鲁 A 幺 二 三 四 五, with a second letter now and then, six places for electric cars."""
    places = [YAO if rng.random() < 0.15 else rng.choice(DIGITS[0] + DIGITS[2:]) for _ in range(rng.choice([5, 5, 6]))]
    if rng.random() < 0.5:
        places[rng.randrange(len(places))] = rng.choice(LETTERS)
    return [rng.choice(_PROVINCES), rng.choice(LETTERS), *places]


def house(rng: random.Random) -> Words:
    words = [*number(rng.randint(1, 40)), rng.choice(["号楼", "号楼", "号楼", "栋", "幢"])]
    if rng.random() < 0.6:
        words += [*number(rng.randint(1, 6)), "单元"]
    if rng.random() < 0.6:
        room = f"{rng.randint(1, 30)}0{rng.randint(1, 4)}"
        words += digit_by_digit(room, has_yao=rng.random() < 0.5) + (["室"] if rng.random() < 0.5 else [])
    elif rng.random() < 0.3:
        words += [*number(rng.randint(1, 33)), rng.choice(["楼", "层"])]
    return words


def date(rng: random.Random) -> Words:
    words = year(rng) if rng.random() < 0.25 else []
    words += month(rng) + number(rng.randint(1, 31)) + [rng.choice(["号", "号", "号", "日"])]
    if rng.random() < 0.35:
        words += [rng.choice(["上午", "下午", "晚上", "早上", "中午", "凌晨"]), *hour(rng)]
    return words


def year(rng: random.Random) -> Words:
    return [*digit_by_digit(str(rng.randint(1998, 2029)), has_yao=False), "年"]


def month(rng: random.Random) -> Words:
    return [*number(rng.randint(1, 12)), rng.choice(["月", "月", "月", "月份"])]


def hour(rng: random.Random) -> Words:
    value = rng.randint(1, 12)
    tail = rng.choice([[], [], [], ["半"], ["多"], ["左右"], ["钟"], [*number(rng.randint(1, 5) * 10), "分"]])
    return [*_counted(value), "点", *tail]


def weekday(rng: random.Random) -> Words:
    return [rng.choice(["星期", "周", "礼拜"]) + rng.choice("一二三四五六")]


def days(rng: random.Random) -> Words:
    value = rng.randint(1, 10)
    forms = (["天"], ["个", "星期"], ["个", "多", "月"], ["个", "月"], ["年"], ["多", "年"], ["个", "小时"], ["周"])
    half = ["半", *rng.choice((["年"], ["个", "月"], ["天"]))]
    if rng.random() < 0.15:
        return half
    return _counted(value) + rng.choice((["天"], ["天"], *forms))


def amount(rng: random.Random) -> Words:
    value = rng.choice(
        [
            rng.randint(1, 99),
            rng.randint(1, 9) * 100,
            rng.randint(100, 999),
            rng.randint(1, 99) * 1000,
            rng.randint(1000, 9999),
            rng.randint(1, 99) * 10_000,
            rng.randint(10_000, 199_999),
        ]
    )
    tail = rng.choice([["块", "钱"], ["元"], ["块"], ["多", "块", "钱"], ["多", "块"], ["元", "钱"]])
    if rng.random() < 0.1:
        tail = [rng.choice("块元"), rng.choice(DIGITS[1:]), *rng.choice([["毛"], ["角"], []])]
    if rng.random() < 0.1:
        return [*_counted(rng.randint(2, 9)), rng.choice("千万"), rng.choice(DIGITS[1:])]
    return number(value) + tail


def house_number(rng: random.Random) -> Words:
    return number(_count(rng))


def _with(*tails: str, first: int = 1, last: int = 99) -> Callable[[random.Random], Words]:
    return lambda rng: _counted(rng.randint(first, last)) + rng.choice(tails).split()


MAKERS: dict[str, Callable[[random.Random], Words]] = {
    "age": _with("岁", "岁", "多 岁", first=3, last=96),
    "amount": amount,
    "bank_card": bank_card,
    "date": date,
    "days": days,
    "degrees": _with("度", "度", "多 度", "摄氏 度", first=5, last=39),
    "digit": lambda rng: [rng.choice(DIGITS[1:] + YAO)],
    "digits": digits,
    "floor": _with("楼", "层", last=33),
    "group": _with("组", "队", "社", last=12),
    "hour": hour,
    "house": house,
    "households": lambda rng: [*_counted(_count(rng)), *rng.choice([["户"], ["户"], ["多", "户"], ["户", "人家"]])],
    "identity": identity,
    "minutes": _with("分钟", "分钟", "多 分钟", "个 小时", last=60),
    "month": month,
    "number": house_number,
    "people": lambda rng: [
        *_counted(_count(rng)),
        *rng.choice([["个", "人"], ["多", "个", "人"], ["人"], ["多", "人"]]),
    ],
    "phone": phone,
    "plate": plate,
    "small": _with("", last=10),
    "ticket": lambda rng: ["工单", "号", *digit_by_digit("2026" + _random_digits(rng, 8))],
    "weekday": weekday,
    "year": year,
}
"""What `{@name}` in the texts stands for."""
