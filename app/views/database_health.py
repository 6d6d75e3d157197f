"""Whether the database answers, and how it fails when it does not."""

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What SQLAlchemy raises when a database cannot be reached, is locked, or has no connection left."""


def touch_database(session: Session) -> None:
    """One round trip; raises one of DATABASE_AWAY when it cannot be made."""
    session.execute(text("SELECT 1"))
