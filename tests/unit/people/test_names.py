"""What a login and a display name may look like."""

import pytest

from people.domain.errors import DisplayNameWrong, LoginNameWrong
from people.domain.login_name import login_name, new_display_name, new_login_name


@pytest.mark.parametrize(
    ("raw", "name"), [("li", "li"), (" Agent-A ", "agent-a"), ("7x24", "7x24"), ("a.b_c-d", "a.b_c-d")]
)
def test_a_login_is_lower_case_without_outer_spaces(raw: str, name: str) -> None:
    assert login_name(raw) == name
    assert new_login_name(raw) == name


@pytest.mark.parametrize("raw", ["", " ", "-a", "a b", "李明", "a" * 65, "a\x00", "a\nb", "\ud800", "a'--", "?"])
def test_anything_else_is_no_login(raw: str) -> None:
    assert login_name(raw) is None
    with pytest.raises(LoginNameWrong):
        new_login_name(raw)


def test_a_display_name_is_one_readable_line() -> None:
    assert new_display_name(" 李 明 ") == "李 明"
    for raw in ("", "  ", "字" * 65, "a\nb", "a\x00", "\ud800"):
        with pytest.raises(DisplayNameWrong):
            new_display_name(raw)
