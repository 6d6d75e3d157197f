"""Rows of an older version after an upgrade: nothing that was written is lost."""

from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, select

from app.migrate import alembic_config
from kit.db import Database

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
_SEAT_CALL = {
    "desk_id": "desk", "caller": "anonymous", "telephony_id": "t", "joined_at": AT, "placed_at": AT, "seen_at": AT,
    "talk_state": {},
}  # fmt: skip
_TALKED = {"person_id": "ann", "talked_from": AT, "talked_until": AT}
_UPLOAD = {
    "client_id": "pbx", "status": "referred", "fingerprint": "f", "caller": "anonymous", "line": "12345",
    "received_at": AT, "opens_ticket": True,
}  # fmt: skip
_EVENT = {
    "client_id": "pbx", "fingerprint": "f", "received_at": AT, "kind": "recording_ready", "at": AT, "caller": "",
    "line": "", "agent": "", "target": "", "state": "", "cause": "", "recording_url": "",
}  # fmt: skip
BEFORE_0007: dict[str, list[dict[str, Any]]] = {
    "person": [
        {"id": "ann", "login": "ann", "display_name": "Ann", "role": "agent", "is_active": True, "created_at": AT}
    ],
    "desk": [{"id": "desk", "name": "受理席组", "is_intake": True}],
    "intake_client": [
        {
            "id": "pbx", "name": "pbx", "line": "12345", "token_hash": "h", "secret": "s", "reference_hosts": [],
            "is_active": True, "created_at": AT,
        }
    ],
    "seat_call": [
        _SEAT_CALL | _TALKED | {"id": "done", "status": "done", "offer_no": 2, "ended_at": AT}
        | {"wrap_up_code": "answered", "wrap_up_note": "问路"},
        _SEAT_CALL | _TALKED | {"id": "writing", "status": "wrap_up", "offer_no": 1},
        _SEAT_CALL | {"id": "waiting", "status": "waiting", "offer_no": 0},
    ],
    "outside_event": [
        _EVENT | {"id": "e1", "external_id": "1", "recording_of": "message"},
        _EVENT | {"id": "e2", "external_id": "2", "recording_of": "talk"},
    ],
    "voice_upload": [_UPLOAD | {"id": f"u{number}", "external_id": f"call-event/{number}"} for number in (1, 2)],
}  # fmt: skip


def _fill(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    for name, rows in BEFORE_0007.items():
        for row in rows:
            connection.execute(tables.tables[name].insert().values(row))


def _rows(connection: Connection, name: str, *columns: str) -> list[tuple[Any, ...]]:
    tables = MetaData()
    tables.reflect(connection, only=[name])
    table = tables.tables[name]
    chosen = [table.c[column] for column in columns]
    return [tuple(row) for row in connection.execute(select(*chosen).order_by(chosen[0]))]


def test_wrap_ups_become_rows_of_their_own_and_outside_talks_are_known_as_such(database_url: str) -> None:
    config, database = alembic_config(database_url), Database(database_url)
    command.upgrade(config, "0006")
    with database.engine.begin() as connection:
        _fill(connection)
    command.upgrade(config, "0007")
    with database.engine.connect() as connection:
        wrap_ups = _rows(connection, "seat_wrap_up", "call_id", "offer_no", "person_id", "code", "note")
        is_talk = _rows(connection, "voice_upload", "external_id", "is_talk")
    assert wrap_ups == [("done", 2, "ann", "answered", "问路"), ("writing", 1, "ann", None, None)]
    assert is_talk == [("call-event/1", False), ("call-event/2", True)]
    command.downgrade(config, "0006")
    with database.engine.connect() as connection:
        codes = _rows(connection, "seat_call", "id", "wrap_up_code", "wrap_up_note")
    assert codes == [("done", "answered", "问路"), ("waiting", None, None), ("writing", None, None)]
    database.dispose()
