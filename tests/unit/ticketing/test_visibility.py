"""Who may know of a ticket, and which callers are somebody."""

from datetime import UTC, datetime

import pytest

from ticketing.domain.assignment import HolderKind, SeatRole
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.ticket import Actor, Relations, TextSource, TicketFacts, is_identified, may_see

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HELD_BY_ANN = TicketFacts(
    id="t1",
    number="26030200001",
    status=TicketStatus.NEW,
    voice_message_id=None,
    caller="+8613900000001",
    text="路灯坏了",
    text_source=TextSource.TRANSCRIPT,
    resolution=None,
    desk_id="d1",
    round=1,
    holder_kind=HolderKind.PERSON,
    holder_person_id="ann",
    holder_seat_id="s1",
    holder_role=SeatRole.A,
    department_id=None,
    offer_no=1,
    offer_expires_at=NOW,
    grab_until=None,
    set_aside_from=None,
    dispatched_by=None,
    return_confirmed_by=None,
    resolved_by=None,
    must_confirm=False,
    is_confidential=False,
    expedited=None,
    created_at=NOW,
    updated_at=NOW,
    resolved_at=None,
    closed_at=None,
)


@pytest.mark.parametrize(
    ("actor", "accepted_by", "sees"),
    [
        (Actor("ann"), frozenset[str](), True),
        (Actor("bob"), frozenset[str](), False),
        (Actor("bob"), frozenset({"bob"}), True),
        (Actor("sue", is_supervisor=True), frozenset[str](), True),
    ],
)
def test_a_ticket_is_seen_by_its_holder_by_who_accepted_it_and_by_supervisors(
    actor: Actor, accepted_by: frozenset[str], sees: bool
) -> None:
    assert may_see(actor, HELD_BY_ANN, Relations(accepted_by=accepted_by)) is sees


def test_a_ticket_in_a_log_line_shows_neither_number_nor_words() -> None:
    assert "1390000" not in repr(HELD_BY_ANN)
    assert "路灯" not in repr(HELD_BY_ANN)


@pytest.mark.parametrize("caller", ["", "+", "anonymous", "unavailable", "12", "sip:1001"])
def test_a_caller_without_a_number_is_nobody_in_particular(caller: str) -> None:
    assert not is_identified(caller)


@pytest.mark.parametrize("caller", ["+8613900000001", "13900000001", "1001"])
def test_a_caller_with_a_number_is_somebody(caller: str) -> None:
    assert is_identified(caller)
