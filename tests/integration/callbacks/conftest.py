"""The callback service on both databases, with the rows around it."""

import pytest

from callbacks.service import CallbackService
from kit.clock import FixedClock
from kit.db import Database
from tests.integration.callbacks.books import POLICY, Books, Line


@pytest.fixture
def books(database: Database, clock: FixedClock) -> Books:
    return Books(database, clock)


@pytest.fixture
def service(database: Database, clock: FixedClock) -> CallbackService:
    return CallbackService(database, clock, POLICY)


@pytest.fixture
def line(service: CallbackService, books: Books) -> Line:
    return Line(service, books)
