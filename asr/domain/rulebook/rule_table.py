"""A rule file in TOML, read key by key: whatever is wrong or unknown is refused with its line."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn

from asr.domain.errors import RuleFileWrong

Path = tuple[str, ...]

_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[\w-]+)\s*=""")


class RuleTable:
    """One table. Keys are taken one by one; `end` refuses those that nobody asked for."""

    def __init__(self, values: Mapping[str, object], file: str, lines: "_Lines", path: Path = ()) -> None:
        self._values = values
        self._file = file
        self._lines = lines
        self._path = path
        self._asked: set[str] = set()

    def refuse(self, reason: str, key: str = "", entry: str = "") -> NoReturn:
        path = (*self._path, key) if key else self._path
        raise RuleFileWrong(self._file, self._lines.of(path, entry), f"{'.'.join(path) or 'file'}: {reason}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or not (value.strip() or default == ""):
            self.refuse("must be a text", key)
        return value

    def texts(self, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts, each once; empty when the key is missing. `allowed` are the only ones that make sense."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.refuse("must be a list of texts", key)
        seen: list[str] = []
        for entry in value:
            if not isinstance(entry, str) or not entry.strip():
                self.refuse(f"{entry!r} is not a text", key, str(entry))
            if entry in seen:
                self.refuse(f"{entry!r} stands here twice", key, entry)
            if allowed is not None and entry not in allowed:
                self.refuse(f"{entry!r} is not known", key, entry)
            seen.append(entry)
        return tuple(seen)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.refuse(f"must be a number from {low:g} to {high:g}", key)
        return float(value)

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed and value != default:
            self.refuse(f"{value!r} is none of {', '.join(sorted(allowed))}", key)
        return value

    def table(self, key: str) -> "RuleTable":
        """The table under this key; an empty one when it is missing."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.refuse("must be a table", key)
        return RuleTable(value, self._file, self._lines, (*self._path, key))

    def tables(self) -> Iterator[tuple[str, "RuleTable"]]:
        """All remaining keys, each of which must be a table."""
        for key in self._values:
            if key not in self._asked:
                yield key, self.table(key)

    def names(self) -> tuple[str, ...]:
        return tuple(self._values)

    def end(self) -> None:
        for key in self._values:
            if key not in self._asked:
                self.refuse("unknown key", key)

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            self.refuse(f"{key!r} is missing")
        return value


def read_table(text: str, file: str) -> RuleTable:
    """Raises RuleFileWrong for what is not TOML."""
    try:
        return RuleTable(tomllib.loads(text), file, _Lines(text))
    except tomllib.TOMLDecodeError as error:
        found = _SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise RuleFileWrong(file, line, _SYNTAX_LINE.sub("", str(error)).strip()) from None


class _Lines:
    """Where a key stands: the TOML reader of the standard library does not say."""

    def __init__(self, text: str) -> None:
        self._text = text.splitlines()
        self._at: dict[Path, int] | None = None  # wanted only when something is wrong

    def of(self, path: Path, entry: str) -> int:
        """Line of the key, or of the entry in its list; of the table when the key is not written down."""
        if self._at is None:
            self._at = self._scan()
        while path and path not in self._at:
            path = path[:-1]
        line = self._at.get(path, 1)
        if entry:
            quoted = (f'"{entry}"', f"'{entry}'", entry)
            for number in range(line, len(self._text) + 1):
                if any(each in self._text[number - 1] for each in quoted):
                    return number
        return line

    def _scan(self) -> dict[Path, int]:
        at: dict[Path, int] = {}
        table: Path = ()
        for number, line in enumerate(self._text, 1):
            if header := _HEADER.match(line):
                table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
                at.setdefault(table, number)
            elif key := _KEY.match(line):
                at.setdefault((*table, key[1].strip("\"'")), number)
        return at
