"""The life of a ticket 工单: one table (status, action) → status, and which role may do what."""

from enum import StrEnum

from ticketing.domain.errors import TicketActionNotAllowed


class TicketStatus(StrEnum):
    NEW = "new"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    REVISIT = "revisit"
    CLOSED = "closed"
    REOPENED = "reopened"


class TicketAction(StrEnum):
    ACCEPT = "accept"
    NOTE = "note"
    RESOLVE = "resolve"
    START_REVISIT = "start_revisit"
    CLOSE = "close"
    REOPEN = "reopen"


TICKET_LIFE: dict[tuple[TicketStatus, TicketAction], TicketStatus] = {
    (TicketStatus.NEW, TicketAction.ACCEPT): TicketStatus.ACCEPTED,
    (TicketStatus.REOPENED, TicketAction.ACCEPT): TicketStatus.ACCEPTED,
    (TicketStatus.ACCEPTED, TicketAction.RESOLVE): TicketStatus.RESOLVED,
    (TicketStatus.RESOLVED, TicketAction.START_REVISIT): TicketStatus.REVISIT,
    (TicketStatus.REVISIT, TicketAction.CLOSE): TicketStatus.CLOSED,
    (TicketStatus.REVISIT, TicketAction.REOPEN): TicketStatus.REOPENED,
    **{(status, TicketAction.NOTE): status for status in TicketStatus if status is not TicketStatus.CLOSED},
}


def next_status(status: TicketStatus, action: TicketAction) -> TicketStatus:
    """Status after the action; raises TicketActionNotAllowed where the table has no row."""
    try:
        return TICKET_LIFE[status, action]
    except KeyError:
        raise TicketActionNotAllowed(
            f"a ticket that is {status} does not allow {action}", status=status, action=action
        ) from None
