"""A signature fits one request of one client, for a few minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.errors import ClientUnknown, SignatureStale
from intake.domain.signature import FRESH_FOR, check_fresh, check_signature, signature_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
REQUEST = (STAMP, "POST", "/api/v1/voice-messages", "ab" * 32)


def test_the_signature_of_a_known_request_never_changes() -> None:
    """Clients are written against it."""
    signature = signature_of("secret", "1700000000", "POST", "/api/v1/voice-messages", "00" * 32)
    assert signature == "90179b6d2a71c772a097e25813e7a4c06b649573bcfa5a003ab28edde4a1fd3a"


def test_the_right_signature_is_taken() -> None:
    check_signature("secret", *REQUEST, signature_of("secret", *REQUEST))


@pytest.mark.parametrize("changed", range(len(REQUEST)))
def test_a_signature_of_another_request_does_not_fit(changed: int) -> None:
    other = tuple(f"{part}1" if index == changed else part for index, part in enumerate(REQUEST))
    with pytest.raises(ClientUnknown):
        check_signature("secret", *REQUEST, signature_of("secret", *other))


@pytest.mark.parametrize("signature", ["", "00", "ü" * 64])
def test_rubbish_is_no_signature(signature: str) -> None:
    with pytest.raises(ClientUnknown):
        check_signature("secret", *REQUEST, signature)


@pytest.mark.parametrize("away", [-FRESH_FOR, FRESH_FOR])
def test_clocks_may_differ_a_little(away: timedelta) -> None:
    check_fresh(STAMP, NOW + away)


@pytest.mark.parametrize("away", [-FRESH_FOR - timedelta(seconds=1), FRESH_FOR + timedelta(seconds=1)])
def test_an_old_or_early_signature_is_refused(away: timedelta) -> None:
    with pytest.raises(SignatureStale):
        check_fresh(STAMP, NOW + away)


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1e9", "٣", "9" * 13])
def test_what_is_no_timestamp_is_refused(stamp: str) -> None:
    with pytest.raises(SignatureStale):
        check_fresh(stamp, NOW)
