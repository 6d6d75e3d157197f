"""A phone token is believed only as it was written, by this hotline, and for a minute."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.domain.phone_token import PhoneToken, PhoneTokenWrong, opened, sealed

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
KEY = b"k" * 32
TOKEN = PhoneToken("serial", "", "anonymous", "https://hotline.test", "192.0.2.1", NOW.timestamp() + 60)


def test_what_was_sealed_is_read_again() -> None:
    assert opened(sealed(TOKEN, KEY), KEY, NOW) == TOKEN


def test_after_its_time_it_is_nothing() -> None:
    with pytest.raises(PhoneTokenWrong):
        opened(sealed(TOKEN, KEY), KEY, NOW + timedelta(seconds=61))


def test_another_key_or_any_changed_letter_is_refused() -> None:
    text = sealed(TOKEN, KEY)
    others = [text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :] for at in range(len(text) - 1)]
    for wrong in (*others, sealed(TOKEN, b"other"), text + "A", "", ".", "a.b.c", "é", "\ud800"):
        with pytest.raises(PhoneTokenWrong):
            opened(wrong, KEY, NOW)
