"""The words spoken on the feed socket (/api/v1/feed): JSON texts, one object each.

The client speaks first: `{"type": "resume", "cursor": <id or null>}`, where `cursor` is the largest event
id it has had. The server answers `{"type": "hello", "cursor": <id>, "is_complete": true}` and then sends
what was missed and what happens: `{"type": "event", "id": …, "kind": …}`, and `{"type": "ping"}` every
15 seconds (a client that hears nothing for 45 s reconnects).

- `hello.cursor` is where this feed starts: the client's own, or the newest id when it had none.
- Events may be repeated after a resume, and a smaller id may follow a larger one: the client drops the ids
  it has had and keeps the largest as its cursor. Nothing is left out.
- `is_complete: false`: too much was missed to be told; the client loads its lists again, as after its start.
- Events with `id: null` are hints (callback tasks, presence, calls, seat calls): load that list again. Hints are
  not repeated after a resume, so a client loads those lists once after every hello. `talk.words` are words of a
  talk while they are spoken, for the eye of the person who talks; they are sent once or never. `talk.so_far`, right
  after the hello, has those of his call so far: it replaces what the client has of them.

Closing codes: 4400 what was sent cannot be understood · 4401 no session, or it has ended · 4403 wrong
origin · 4408 no `resume` in time · 4429 too many messages · 1003 binary · 1009 too large · 1013 too slow or
not ready: reconnect. Before the handshake 4401 and 4403 appear to a browser as a refused connection: the
client then asks GET /api/v1/session whether it is still signed in.
"""

import json
from collections.abc import Sequence

from app.live_words import SpokenText
from app.views.feed import FeedRow
from app.views.viewer import Viewer
from kit.errors import Invalid

MALFORMED = 4400
NO_SESSION = 4401
WRONG_ORIGIN = 4403
NO_RESUME = 4408
FLOOD = 4429
BINARY = 1003
TOO_LARGE = 1009
TRY_AGAIN = 1013

LONGEST_MESSAGE = 4096
_LARGEST_ID = 2**31 - 1

Message = dict[str, object]


class NotUnderstood(Invalid):
    code = "feed.not_understood"


def read_message(text: str) -> Message:
    """A JSON object with a `type`; raises NotUnderstood."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise NotUnderstood
    return message


def resume_cursor(message: Message) -> int | None:
    """The cursor of a `resume`; raises NotUnderstood."""
    cursor = message.get("cursor")
    if message["type"] != "resume":
        raise NotUnderstood
    if cursor is None:
        return None
    if isinstance(cursor, bool) or not isinstance(cursor, int) or not 0 <= cursor <= _LARGEST_ID:
        raise NotUnderstood
    return cursor


def hello(cursor: int, *, is_complete: bool) -> Message:
    return {"type": "hello", "cursor": cursor, "is_complete": is_complete}


def ping() -> Message:
    return {"type": "ping"}


def hint(kind: str, **ids: str) -> Message:
    return {"type": "event", "id": None, "kind": kind, **ids}


def spoken_words(spoken: SpokenText) -> Message:
    """What is said in a talk right now; a later one of the same side replaces it until it is final."""
    return {
        "type": "event",
        "id": None,
        "kind": "talk.words",
        "call_id": spoken.call_id,
        "side": spoken.side,
        "text": spoken.text,
        "is_final": spoken.is_final,
    }


def talk_so_far(call_id: str, lines: Sequence[SpokenText]) -> Message:
    """What was said before this page was there; `talk.words` go on from it."""
    said = [{"side": line.side, "text": line.text, "is_final": line.is_final} for line in lines]
    return {"type": "event", "id": None, "kind": "talk.so_far", "call_id": call_id, "lines": said}


def ticket_event(row: FeedRow, viewer: Viewer) -> Message:
    """A timeline row as this viewer may see it: who lost a ticket is not told who has it now."""
    kind = _kind(row, viewer)
    is_told = kind != "ticket.withdrawn" or viewer.is_supervisor
    holder = {"person_id": row.holder.id, "display_name": row.holder.display_name} if row.holder and is_told else None
    return {
        "type": "event",
        "id": row.id,
        "kind": kind,
        "ticket_id": row.ticket_id,
        "number": row.number,
        "status": row.status.value,
        "action": row.action,
        "holder": holder,
        "at": row.at.isoformat(),
    }


def _kind(row: FeedRow, viewer: Viewer) -> str:
    is_mine, was_mine = row.to_person_id == viewer.person_id, row.from_person_id == viewer.person_id
    if is_mine and row.action == "offered":
        return "ticket.offered"
    if is_mine and not was_mine:
        return "ticket.assigned"
    if was_mine and not is_mine:
        return "ticket.withdrawn"
    if row.action == "queued":
        return "ticket.queued"
    return "ticket.changed"
