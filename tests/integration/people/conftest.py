"""The people service on both databases."""

from datetime import timedelta

import pytest

from kit.clock import FixedClock
from kit.db import Database
from people.domain.policy import LoginPolicy
from people.domain.role import Role
from people.service import PeopleService
from tests.support.fake_hasher import FakeHasher

POLICY = LoginPolicy(max_failures=10, window=timedelta(minutes=15), session_life=timedelta(hours=12), address_factor=3)
PASSWORD = "bamuso-kedi-47"


@pytest.fixture
def hasher() -> FakeHasher:
    return FakeHasher()


@pytest.fixture
def people(database: Database, clock: FixedClock, hasher: FakeHasher) -> PeopleService:
    return PeopleService(database, clock, hasher, POLICY)


@pytest.fixture
def li(people: PeopleService) -> str:
    """An agent with a password."""
    return people.add_person("li", "李明", Role.AGENT, PASSWORD)
