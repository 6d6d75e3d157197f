"""What was said so far in the talks of this moment, for a page that is loaded anew: in memory only, and not for long.

Never in Redis, which writes to disk, nor in the books. A person gets back what he was told, and nobody else's.
"""

from dataclasses import dataclass, field

from app.live_words import SpokenText

MOST_LINES = 300


@dataclass(slots=True)
class TalkSoFar:
    call_id: str
    lines: list[SpokenText] = field(default_factory=list)


class KeptWords:
    """One talk for each person: his latest."""

    def __init__(self) -> None:
        self._talks: dict[str, TalkSoFar] = {}

    def keep(self, spoken: SpokenText) -> None:
        """A later one of the same side replaces what was not final."""
        talk = self._talks.get(spoken.person_id)
        if talk is None or talk.call_id != spoken.call_id:
            talk = self._talks[spoken.person_id] = TalkSoFar(spoken.call_id)
        open_line = next((i for i, line in enumerate(talk.lines) if _is_open(line, spoken.side)), None)
        if open_line is not None:
            talk.lines[open_line] = spoken
        else:
            talk.lines.append(spoken)
            del talk.lines[:-MOST_LINES]

    def so_far(self, person_id: str) -> TalkSoFar | None:
        return self._talks.get(person_id)

    def forget(self, person_id: str, call_id: str) -> None:
        talk = self._talks.get(person_id)
        if talk is not None and talk.call_id == call_id:
            del self._talks[person_id]


def _is_open(line: SpokenText, side: str) -> bool:
    return line.side == side and not line.is_final
