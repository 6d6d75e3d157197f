"""How Alembic reaches the tables: one transaction per upgrade, one upgrade at a time, on both databases.

Migrations must not import the project: column types of kit.db are written out as what they are in the database.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.schema import METADATA
from config.settings import load_settings
from kit.db import Database, UtcDateTime

ADVISORY_LOCK = 0x484F544C
"""PostgreSQL's lock number for an upgrade ("HOTL"); SQLite is locked by BEGIN IMMEDIATE."""


def render_item(kind: str, item: object, _autogenerate: AutogenContext) -> str | Literal[False]:
    """Write kit.db's types plainly, so that a migration reads the same when they have changed."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def run_migrations() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or load_settings().effective_database_url
    database = Database(url)
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        if is_sqlite:  # a table that is rebuilt is dropped in between: no cascades, please; ignored once a BEGIN ran
            _driver(connection).execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=is_sqlite,
            render_item=render_item,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if is_sqlite:
                context.run_migrations()
                _refuse_dangling_rows(connection)
            else:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
                context.run_migrations()
    database.dispose()


def _refuse_dangling_rows(connection: sa.Connection) -> None:
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if dangling:
        tables = sorted({str(row[0]) for row in dangling})
        raise RuntimeError(f"the migration left rows that point nowhere, in: {', '.join(tables)}")


def _driver(connection: sa.Connection) -> Any:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("no database connection")
    return driver


if context.is_offline_mode():
    raise SystemExit("Offline SQL is not made here: run the migration against a copy of the database instead.")
run_migrations()
