import pytest

from kit.phone_number import dialled, masked, normalise


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("13900000001", "+8613900000001"),
        ("+86 139 0000 0001", "+8613900000001"),
        ("0533-2180000", "+865332180000"),
        ("12345", "12345"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("8001", "8001"),
    ],
)
def test_numbers_are_normalised_and_nothing_is_refused(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@pytest.mark.parametrize(
    ("number", "shown"), [("+8613900000001", "+86139****0001"), ("8001", "**01"), ("", ""), ("1", "1")]
)
def test_masked_numbers_hide_their_middle(number: str, shown: str) -> None:
    assert masked(number) == shown


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+8613900000001", "13900000001"),
        ("+865332180000", "05332180000"),
        ("+85221800000", "0085221800000"),
        ("8001", "8001"),
        ("sip:me@127.0.0.1", "sip:me@127.0.0.1"),
    ],
)
def test_numbers_are_dialled_as_a_chinese_trunk_expects_them(number: str, digits: str) -> None:
    assert dialled(number) == digits
