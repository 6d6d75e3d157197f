"""Empty databases for tests: the tables are made once, and every test gets a copy of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from app.schema import METADATA
from kit.db import Database
from kit.ids import new_id

_WITH_TABLES = "with_tables"


def make_tables(url: str) -> None:
    db = Database(url)
    METADATA.create_all(db.engine)
    db.dispose()


class PostgresDatabases:
    """Databases on one server (URL without a database name). None outlives its test: a thousand fill a disk."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        self._run(f"CREATE DATABASE {_WITH_TABLES}")
        make_tables(f"{server}/{_WITH_TABLES}")

    @contextmanager
    def fresh(self, *, has_tables: bool) -> Iterator[str]:
        name = f"t_{new_id()}"
        template = _WITH_TABLES if has_tables else "template1"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} {self._quickly}")
        try:
            yield f"{self._server}/{name}"
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")  # a killed process may still seem connected

    def dispose(self) -> None:
        self._admin.dispose()

    @property
    def _quickly(self) -> str:
        """Before version 15 there was no other way."""
        return "STRATEGY FILE_COPY" if (self._admin.dialect.server_version_info or (0,)) >= (15,) else ""

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
