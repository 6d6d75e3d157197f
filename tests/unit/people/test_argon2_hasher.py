"""Both password hashers keep the port's promises: the real one and the one tests use."""

import pytest

from people.adapters.argon2_hasher import Argon2Hasher
from people.ports import PasswordHasher
from tests.support.fake_hasher import FakeHasher

CHEAP = {"time_cost": 1, "memory_cost_kib": 8, "parallelism": 1}


@pytest.fixture(params=["argon2", "fake"])
def hasher(request: pytest.FixtureRequest) -> PasswordHasher:
    return Argon2Hasher(**CHEAP) if request.param == "argon2" else FakeHasher()


@pytest.mark.parametrize("password", ["bamuso-kedi", "今天天气真好", "", "a" * 5000, "nul\x00inside"])
def test_a_password_fits_its_own_hash_and_no_other(hasher: PasswordHasher, password: str) -> None:
    held = hasher.hash(password)
    assert hasher.verify(held, password)
    assert not hasher.verify(held, password + "x")


@pytest.mark.parametrize("broken", ["", "no hash", "$argon2id$v=19$m=8"])
def test_a_broken_hash_fits_nothing_and_raises_nothing(hasher: PasswordHasher, broken: str) -> None:
    assert not hasher.verify(broken, "bamuso-kedi")


def test_todays_hash_needs_no_new_one(hasher: PasswordHasher) -> None:
    assert not hasher.needs_rehash(hasher.hash("bamuso-kedi"))


def test_argon2_salts_and_notices_weaker_parameters() -> None:
    hasher = Argon2Hasher(**CHEAP)
    assert hasher.hash("bamuso-kedi") != hasher.hash("bamuso-kedi")
    assert Argon2Hasher(time_cost=2, memory_cost_kib=8, parallelism=1).needs_rehash(hasher.hash("bamuso-kedi"))


def test_half_a_surrogate_pair_is_a_wrong_password_not_a_crash() -> None:
    hasher = Argon2Hasher(**CHEAP)
    assert not hasher.verify(hasher.hash("bamuso-kedi"), "\ud800")


def test_the_default_is_argon2id_with_the_low_memory_profile() -> None:
    assert Argon2Hasher().hash("bamuso-kedi").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
