"""config/speech/gazetteer.csv: one place in a row, as a spreadsheet saves it (commas, semicolons or tabs)."""

import csv
from collections.abc import Iterator, Mapping

from asr.adapters.pinyin import pinyin_of
from asr.domain.errors import RuleFileWrong
from asr.domain.reading.gazetteer import Gazetteer, GazetteerEntry, PlaceKind

COLUMNS = ("name", "kind", "community", "town", "grid", "department", "longitude", "latitude", "aliases")
_REQUIRED = ("name", "kind")
_LONGEST_NAME = 40
_ALIAS_SIGN = "|"


def read_gazetteer(text: str, name: str) -> Gazetteer:
    """Raises RuleFileWrong with the line of the first row that cannot be used."""
    return Gazetteer(_entries(text, name), pinyin_of)


def _entries(text: str, file: str) -> Iterator[GazetteerEntry]:
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    rows = csv.reader(lines, delimiter=_delimiter(next(filter(None, lines), "")), strict=True)
    header: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not header:
                header = _header(cells, file, rows.line_num)
                continue
            entry = _Row(header, cells, file, rows.line_num).entry()
            same = (entry.name, entry.kind, entry.town, entry.community)
            if same in seen:
                raise RuleFileWrong(file, rows.line_num, f"{entry.name} stands in line {seen[same]} already")
            seen[same] = rows.line_num
            yield entry
    except csv.Error as error:
        raise RuleFileWrong(file, rows.line_num, str(error)) from None


def _delimiter(header: str) -> str:
    return max((",", "\t", ";"), key=header.count)


def _header(cells: list[str], file: str, line: int) -> list[str]:
    unknown = [cell for cell in cells if cell not in COLUMNS]
    missing = [column for column in _REQUIRED if column not in cells]
    if unknown or missing or len(set(cells)) < len(cells):
        reason = f"the first row names the columns: {', '.join(COLUMNS)}"
        raise RuleFileWrong(file, line, f"{reason}; wrong here: {', '.join(unknown or missing) or 'a column twice'}")
    return cells


class _Row:
    def __init__(self, header: list[str], cells: list[str], file: str, line: int) -> None:
        self._file = file
        self._line = line
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise self._wrong(f"has {len(cells)} cells, but there are {len(header)} columns")
        self._cells: Mapping[str, str] = dict(zip(header, cells, strict=False))

    def entry(self) -> GazetteerEntry:
        return GazetteerEntry(
            name=self._name(self._cell("name")),
            kind=self._kind(),
            community=self._cell("community"),
            town=self._cell("town"),
            grid=self._cell("grid"),
            department=self._cell("department"),
            longitude=self._degrees("longitude", 180),
            latitude=self._degrees("latitude", 90),
            aliases=tuple(self._name(alias) for alias in self._cell("aliases").split(_ALIAS_SIGN) if alias),
        )

    def _cell(self, column: str) -> str:
        return self._cells.get(column, "")

    def _name(self, name: str) -> str:
        name = name.strip()
        if not 2 <= len(name) <= _LONGEST_NAME or not name.isalnum():
            raise self._wrong(f"{name!r} is no name: 2 to {_LONGEST_NAME} letters without spaces and signs")
        return name

    def _kind(self) -> PlaceKind:
        try:
            return PlaceKind(self._cell("kind"))
        except ValueError:
            known = ", ".join(kind.value for kind in PlaceKind)
            raise self._wrong(f"{self._cell('kind')!r} is no kind; there are {known}") from None

    def _degrees(self, column: str, limit: int) -> float | None:
        cell = self._cell(column)
        if not cell:
            return None
        try:
            degrees = float(cell)
        except ValueError:
            raise self._wrong(f"{column} {cell!r} is no number of degrees") from None
        if not -limit <= degrees <= limit:
            raise self._wrong(f"{column} {cell!r} is not on the earth")
        return degrees

    def _wrong(self, reason: str) -> RuleFileWrong:
        return RuleFileWrong(self._file, self._line, reason)
