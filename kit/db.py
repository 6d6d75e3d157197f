"""The database: one engine, one way to commit, and the column types every package shares.

Only this module commits. A `Transaction` is one request, job or script step; events raised in it
are published after its commit and forgotten at its rollback.
"""

import enum
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from kit.events import Event, EventBus

_READ_ONLY: dict[str, Any] = {"hotline_read_only": True}
_SHORT = {"options": "-c idle_in_transaction_session_timeout=10s -c statement_timeout=10s"}


class Base(DeclarativeBase):
    """Declarative base of every model; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; reads back as aware UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime refused: instants are timezone-aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_by_value(kind: type[enum.StrEnum]) -> Enum:
    """A VARCHAR column holding the enum's values (not its names, no database enum type)."""
    return Enum(
        kind, native_enum=False, length=32, create_constraint=False, values_callable=lambda e: [m.value for m in e]
    )


@dataclass
class Transaction:
    """One unit of work: a session and the facts that will be told after its commit."""

    session: Session
    events: list[Event] = field(default_factory=list)

    def raise_event(self, fact: Event) -> None:
        self.events.append(fact)

    def take_turns(self, name: str) -> None:
        """Wait until no other transaction holds `name`, and hold it until the end of this one.

        For rules over many rows ("at most four at once") that no single conditional UPDATE can keep.
        SQLite's writers take turns by themselves.
        """
        if self.session.get_bind().dialect.name == "postgresql":
            self.session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))


class Database:
    """Engine plus transactions. `url` is an SQLAlchemy URL (SQLite or PostgreSQL)."""

    def __init__(self, url: str, bus: EventBus | None = None) -> None:
        self.url = url
        self.bus = bus or EventBus()
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit at the end of the block, roll back when it raises, then publish what was raised."""
        with Session(self.engine, expire_on_commit=False) as session:
            tx = Transaction(session)
            with session.begin():
                yield tx
        for fact in tx.events:
            self.bus.publish(fact)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent read that never waits for, nor holds up, a writer. Nothing done in it is kept."""
        options = dict(_READ_ONLY)
        if self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with self.engine.connect() as connection, Session(connection.execution_options(**options)) as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _postgres_engine(url: str) -> Engine:
    """Parameters stay out of error texts: they hold phone numbers, and errors are logged.

    A transaction that stands still is ended: readers of the timeline count on all of them being short.
    """
    return create_engine(
        url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True, connect_args=_SHORT
    )


def _sqlite_engine(url: str) -> Engine:
    """WAL, foreign keys on, and BEGIN IMMEDIATE: a writer waits at its start instead of failing in its middle."""
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        is_read = connection.get_execution_options().get("hotline_read_only", False)
        connection.exec_driver_sql("BEGIN" if is_read else "BEGIN IMMEDIATE")

    return engine
