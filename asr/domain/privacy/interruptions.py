"""What the other side says in the middle of a number or an address (slowly; and then; which floor) is left out.

A `View` is one way to look at a text: whole, or as one side said it. Who searches in all of them finds each number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIDES = ("市民", "坐席")
"""As asr.domain.reading.reader begins the turns with."""
TURN = rf"\n(?:{'|'.join(SIDES)})："
_DIGITS = "0-9零〇洞一幺二两三四五六七拐八九"
_GOES_ON_AFTER = rf"[{_DIGITS}A-Za-z楼栋幢座院元层]"
_LONGEST = 20
_MOST_SAID_AROUND = 4
"""Letters between the end of the digits and the end of the turn, and again before the digits go on: 138是吧, 对0013."""


@dataclass(frozen=True, slots=True)
class View:
    """`text` is what is looked at; `places` are the places of its characters in the whole text."""

    text: str
    places: range | tuple[int, ...]
    cuts: tuple[int, ...] = ()
    """Places in the whole text at which something was left out."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters [start, end) of the view in the whole text, with all that was left out between."""
        return self.places[start], self.places[end - 1] + 1

    def shows(self, start: int, end: int) -> bool:
        """Whether it takes this view to see the characters [start, end) of the whole text as one."""
        return not self.cuts or any(start < cut < end for cut in self.cuts)


def views(text: str) -> Iterator[View]:
    """The text itself, and what each side said as far as the other only interrupted it."""
    yield View(text, range(len(text)))
    for side, other in (SIDES, reversed(SIDES)):
        if cuts := [found.span("cut") for found in _interruption(side, other).finditer(text)]:
            yield _without(text, cuts)


def _interruption(side: str, other: str) -> re.Pattern[str]:
    around = rf"[^\n{_DIGITS}]{{0,{_MOST_SAID_AROUND}}}"
    return re.compile(
        rf"{_GOES_ON_AFTER}{around}(?P<cut>\n{other}：[^\n]{{1,{_LONGEST}}}\n{side}：)(?={around}[{_DIGITS}])"
    )


def _without(text: str, cuts: list[tuple[int, int]]) -> View:
    """With a comma in the place of each cut."""
    kept, places, at = "", list[int](), 0
    for start, end in cuts:
        kept += text[at:start] + "，"
        places += range(at, start + 1)
        at = end
    return View(kept + text[at:], (*places, *range(at, len(text))), tuple(start for start, _ in cuts))
