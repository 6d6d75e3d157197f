"""Which passwords are refused, and how the house makes its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.domain.errors import WeakPassword
from people.domain.password import MAX_LENGTH, MIN_LENGTH, new_password, pronounceable_password, typed_password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too_short"),
        ("kamelie-7", "too_short"),
        ("x" * 5 + "abcde" * 30, "too_long"),
        ("é" * 400, "too_long"),
        ("z" * 100_000, "too_long"),
        ("administrator", "too_common"),
        ("Password123", "too_common"),
        ("1234567890", "too_common"),
        ("woaini1314", "too_common"),
        ("aaaaaaaaaaaa", "too_uniform"),
        ("ababababababab", "too_uniform"),
        ("li.ming-2026", "is_login"),
        ("LI.MING-2026", "is_login"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        new_password(password, "li.ming-2026")
    assert refusal.value.details["reason"] == reason


@pytest.mark.parametrize("password", ["bamuso-kedi", "今天天气真好我们去公园", "x" * 6 + "abcd", "a b c d e f"])
def test_ten_characters_that_nobody_guesses_are_enough(password: str) -> None:
    assert len(password) >= MIN_LENGTH
    assert new_password(password, "li") == password


def test_full_width_typing_is_the_same_password() -> None:
    assert typed_password("Ａｂｃ１２３") == "Abc123"
    assert new_password("ｂａｍｕｓｏ－ｋｅｄｉ", "li") == "bamuso-kedi"


def test_what_is_far_too_long_to_be_a_password_is_nobodys() -> None:
    assert typed_password("x" * 100_000) == ""


@given(st.text(max_size=600))
def test_a_password_that_was_accepted_can_be_typed_again(raw: str) -> None:
    try:
        accepted = new_password(raw, "li")
    except WeakPassword:
        return
    assert MIN_LENGTH <= len(accepted) <= MAX_LENGTH
    assert typed_password(raw) == accepted


def test_made_passwords_differ_and_pass_the_rule() -> None:
    made = {pronounceable_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert new_password(password, "admin") == password
