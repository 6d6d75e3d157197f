"""ARI's JSON read without trust: whatever is not there, or is of another kind, is empty."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Facts:
    """One JSON object."""

    content: dict[str, object]

    @classmethod
    def of(cls, value: object) -> Self:
        return cls(value if isinstance(value, dict) else {})

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Of an event, or of anything else: garbage is an empty object."""
        return cls.of(_parsed(text))

    def text(self, *path: str) -> str:
        value = self._value(path)
        return value if isinstance(value, str) else ""

    def number(self, *path: str) -> int:
        value = self._value(path)
        if isinstance(value, bool):
            return 0
        if isinstance(value, int):
            return value
        return int(value) if isinstance(value, str) and value.isdecimal() else 0

    def texts(self, *path: str) -> list[str]:
        value = self._value(path)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def _value(self, path: tuple[str, ...]) -> object:
        value: object = self.content
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value


def objects_in(text: str) -> list[Facts]:
    """The objects of a JSON list."""
    value = _parsed(text)
    return [Facts.of(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _parsed(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return None
    return value
