"""What routes about tickets have in common: who acts, and the page that answers him."""

from app.bootstrap import Services
from app.views.recordings import AudioFile, Looker, RecordingNotFound, audio_of_ticket
from app.views.ticket_page import TicketPage, ticket_page
from app.views.viewer import Viewer
from ticketing.domain.lifecycle import TicketAction
from ticketing.service import Actor


def actor_of(viewer: Viewer) -> Actor:
    return Actor(viewer.person_id, viewer.is_supervisor)


def page_of(services: Services, viewer: Viewer, ticket_id: str) -> TicketPage:
    """The ticket as it is now. Raises TicketNotFound also for a ticket that is not this viewer's."""
    actor = actor_of(viewer)
    ticket = services.tickets.visible_ticket(ticket_id, actor)
    offered = services.tickets.allowed_rules(ticket, actor)
    may_open_original = any(rule.action is TicketAction.OPEN_ORIGINAL for rule in offered)
    looker = Looker(viewer.person_id, services.clock.now(), may_open_original)
    knows_who = services.tickets.may_know_who_asks(ticket, actor)
    with services.db.reading() as session:
        return ticket_page(session, ticket_id, offered, looker, knows_who=knows_who)


def said_in(services: Services, viewer: Viewer, ticket_id: str) -> AudioFile:
    """The recording of a ticket. Raises TicketNotFound (also for somebody else's), RecordingNotFound."""
    actor = actor_of(viewer)
    if not services.tickets.may_know_who_asks(services.tickets.visible_ticket(ticket_id, actor), actor):
        raise RecordingNotFound
    with services.db.reading() as session:
        found = audio_of_ticket(session, ticket_id)
    if found is None:
        raise RecordingNotFound
    return found
