"""A desk with one pair, on each kind of database."""

import pytest

from kit.clock import FixedClock
from kit.db import Database
from tests.integration.ticketing.scene import Scene


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    """A desk without seats."""
    return Scene(database, clock)


@pytest.fixture
def desk(scene: Scene) -> Scene:
    """Ann (A) and Bob (B) on one seat, both present."""
    scene.add_pair("ann", "bob")
    scene.come("ann", "bob")
    return scene
