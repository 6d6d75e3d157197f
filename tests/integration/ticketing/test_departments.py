"""A ticket among departments: sent on, grabbed, signed, given back, suspended, pressed, handled again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from people.domain.role import Role
from tests.integration.ticketing.scene import ACCEPT, NOTE, RESOLVE, SUE, Scene
from tests.integration.ticketing.truths import check_ticket
from ticketing.domain.assignment import HolderKind
from ticketing.domain.department import DepartmentFacts, Level
from ticketing.domain.errors import (
    BadDepartment,
    DepartmentClosed,
    DepartmentNotFound,
    NameTaken,
    NeedMissing,
    NobodyAbove,
    NotInDepartment,
    NotTheHolder,
    PersonUnknown,
    TextMissing,
    TicketActionNotAllowed,
    TicketMovedOn,
    TicketNotFound,
)
from ticketing.domain.lifecycle import MoveCause, TicketAction, TicketStatus
from ticketing.domain.ticket import Actor, Expedite

A = TicketAction
S = TicketStatus
LAMPS, ROADS, CITY = (
    DepartmentFacts(
        "", "lamps", "路灯管理所", Level.TOWN, None, "2345678", "值班室", takes_dispatch=True, is_active=True
    ),
    DepartmentFacts("", "roads", "市政工程处", Level.DISTRICT, None, None, None, takes_dispatch=True, is_active=True),
    DepartmentFacts("", "city", "住建局", Level.CITY, None, None, None, takes_dispatch=True, is_active=True),
)


class Town:
    """Lamps stands below Roads, Roads below the city; Lin handles for Lamps, Rui for Roads. Ann has a ticket."""

    def __init__(self, desk: Scene) -> None:
        self.desk = desk
        put = desk.departments.put
        self.city = put(CITY)
        self.roads = put(replace(ROADS, parent_id=self.city))
        self.lamps = put(replace(LAMPS, parent_id=self.roads))
        for person, department in (("lin", self.lamps), ("rui", self.roads)):
            desk.add_person(person, Role.HANDLER)
            desk.departments.add_member(department, person)
        self.ticket_id = desk.open()
        desk.act(self.ticket_id, ACCEPT, "ann")

    def move(self, action: A, who: str, note: str = "", **more: Any) -> S:
        actor = SUE if who == "sue" else Actor(who)
        self.desk.tickets.act(self.ticket_id, action, actor, note, **more)
        check_ticket(self.desk.db, self.ticket_id)
        return self.status

    @property
    def status(self) -> S:
        return self.desk.tickets.ticket(self.ticket_id).status

    def dispatch(self) -> None:
        self.move(A.DISPATCH, "ann", department_ids=(self.lamps,))

    def may(self, who: str) -> set[A]:
        actor = SUE if who == "sue" else Actor(who)
        return set(self.desk.tickets.allowed_actions(self.desk.tickets.ticket(self.ticket_id), actor))

    def sees(self, who: str) -> bool:
        try:
            self.desk.tickets.visible_ticket(self.ticket_id, Actor(who))
        except TicketNotFound:
            return False
        return True


@pytest.fixture
def town(desk: Scene) -> Town:
    return Town(desk)


def test_a_department_signs_goes_there_tells_and_answers(town: Town) -> None:
    town.dispatch()
    ticket = town.desk.tickets.ticket(town.ticket_id)
    assert (ticket.holder_kind, ticket.department_id, ticket.holder_person_id) == (
        HolderKind.DEPARTMENT,
        town.lamps,
        None,
    )
    assert town.move(A.SIGN, "lin") is S.SIGNED
    assert town.move(A.ARRIVE, "lin") is S.HANDLING
    assert town.move(A.PROGRESS, "lin", "灯泡已订") is S.HANDLING
    assert town.move(RESOLVE, "lin", "已换灯泡") is S.RESOLVED
    resolved = town.desk.tickets.ticket(town.ticket_id)
    assert (resolved.resolution, resolved.resolved_by, resolved.department_id) == ("已换灯泡", "lin", town.lamps)


def test_what_is_with_a_department_is_no_load_of_the_seat(town: Town) -> None:
    town.dispatch()
    for _ in range(3):  # as many as a person may hold: none of them was refused
        town.desk.act(town.desk.open(), ACCEPT, "ann")


def test_only_the_departments_people_see_it_and_act(town: Town) -> None:
    assert not town.sees("lin")
    town.dispatch()
    assert (town.sees("lin"), town.sees("rui"), town.sees("ann")) == (True, False, True)
    with pytest.raises(TicketNotFound):
        town.move(A.SIGN, "rui")
    with pytest.raises(NotTheHolder):
        town.move(A.SIGN, "ann")
    assert town.may("ann") == set()
    town.desk.departments.remove_member(town.lamps, "lin")
    assert not town.sees("lin")


def test_who_never_signed_forgets_a_ticket_that_went_elsewhere_and_who_signed_does_not(town: Town) -> None:
    town.dispatch()
    town.move(A.TRANSFER, "sue", "归市政", department_ids=(town.roads,))
    assert (town.sees("lin"), town.sees("rui")) == (False, True)
    town.move(A.SIGN, "rui")
    town.move(A.TRANSFER, "sue", "归路灯所", department_ids=(town.lamps,))
    assert (town.sees("lin"), town.sees("rui")) == (True, True)
    assert town.may("rui") == set()


def test_the_first_that_grabs_has_it(town: Town) -> None:
    assert town.move(A.OPEN_GRABBING, "ann", department_ids=(town.lamps, town.roads)) is S.GRABBING
    assert (town.sees("lin"), town.sees("rui")) == (True, True)
    assert town.move(A.GRAB, "rui", department_ids=(town.roads,)) is S.SIGNED
    with pytest.raises(TicketActionNotAllowed) as refused:
        town.move(A.GRAB, "lin", department_ids=(town.lamps,))
    assert (refused.value.details["last_action"], refused.value.details["by_person_id"]) == ("grab", "rui")
    assert not town.sees("lin"), "it is nothing of theirs any more"


def test_nobody_grabs_for_a_department_that_is_not_his(town: Town) -> None:
    town.move(A.OPEN_GRABBING, "ann", department_ids=(town.lamps, town.roads))
    with pytest.raises(NotInDepartment):
        town.move(A.GRAB, "lin", department_ids=(town.roads,))


def test_what_nobody_grabs_goes_to_the_one_that_should_have(town: Town) -> None:
    town.move(A.OPEN_GRABBING, "ann", department_ids=(town.lamps, town.roads))
    assert town.desk.tickets.end_grabbing() == 0
    town.desk.clock.advance(timedelta(hours=1))
    assert town.desk.tickets.end_grabbing() == 1
    assert town.desk.tickets.end_grabbing() == 0
    check_ticket(town.desk.db, town.ticket_id)
    ticket = town.desk.tickets.ticket(town.ticket_id)
    assert (ticket.status, ticket.department_id) == (S.DISPATCHED, town.lamps)
    assert town.desk.rows(town.ticket_id)[-1].details == {"points": 2}


def test_a_return_takes_two_people_and_lands_at_who_sent_it(town: Town) -> None:
    town.dispatch()
    town.move(A.SIGN, "lin")
    assert town.move(A.ASK_RETURN, "lin", "路段归市政", cause=MoveCause.NOT_OURS) is S.RETURNING
    assert A.APPROVE_RETURN not in town.may("sue")
    assert town.move(A.CONFIRM_RETURN, "ann") is S.RETURN_CONFIRMED
    with pytest.raises(NotTheHolder):
        town.move(A.APPROVE_RETURN, "ann")
    assert town.move(A.APPROVE_RETURN, "sue") is S.ACCEPTED
    ticket = town.desk.tickets.ticket(town.ticket_id)
    assert (ticket.holder_person_id, ticket.department_id, ticket.round) == ("ann", None, 1)


def test_what_comes_back_when_its_sender_has_gone_is_with_the_supervisors(town: Town) -> None:
    town.dispatch()
    town.desk.go("ann")
    town.move(A.ASK_RETURN, "lin", "不归我们", cause=MoveCause.NOT_OURS)
    town.move(A.CONFIRM_RETURN, "sue")
    town.desk.tickets.act(town.ticket_id, A.APPROVE_RETURN, Actor("sam", is_supervisor=True))
    check_ticket(town.desk.db, town.ticket_id)
    ticket = town.desk.tickets.ticket(town.ticket_id)
    assert (ticket.status, ticket.holder_kind) == (S.RETURNED, HolderKind.SUPERVISOR_QUEUE)
    assert town.desk.rows(town.ticket_id)[-1].details["reason"] == "given_back"
    town.desk.tickets.assign(town.ticket_id, "bob", SUE)
    assert town.status is S.ACCEPTED


def test_a_refused_return_goes_on_where_it_stood(town: Town) -> None:
    town.dispatch()
    for stands in (S.DISPATCHED, S.SIGNED):
        town.move(A.ASK_RETURN, "lin", "不归我们", cause=MoveCause.NOT_OURS)
        town.move(A.CONFIRM_RETURN, "sue")
        assert town.move(A.REFUSE_RETURN, "ann", "就是你们的") is stands
        if stands is S.DISPATCHED:
            town.move(A.SIGN, "lin")


def test_what_waits_goes_on_where_it_stood(town: Town) -> None:
    town.dispatch()
    town.move(A.SIGN, "lin")
    town.move(A.ARRIVE, "lin")
    assert town.move(A.SUSPEND, "lin", "等雨停", cause=MoveCause.WEATHER) is S.SUSPENDED
    with pytest.raises(TicketActionNotAllowed):
        town.move(RESOLVE, "lin", "好了")
    assert town.move(A.RESUME, "sue") is S.HANDLING


def test_it_climbs_to_the_department_above_and_no_higher_than_there_is(town: Town) -> None:
    town.dispatch()
    for above in (town.roads, town.city):
        assert town.move(A.ESCALATE, "sue", "本级无权处理") is S.DISPATCHED
        assert town.desk.tickets.ticket(town.ticket_id).department_id == above
    with pytest.raises(NobodyAbove):
        town.move(A.ESCALATE, "sue", "再上")


def test_a_supervisor_presses_with_a_card(town: Town) -> None:
    town.dispatch()
    assert town.move(A.EXPEDITE, "sue", "快超时了", level=Expedite.RED) is S.DISPATCHED
    assert town.desk.tickets.ticket(town.ticket_id).expedited is Expedite.RED
    with pytest.raises(NotTheHolder):
        town.move(A.EXPEDITE, "lin", "我也要", level=Expedite.YELLOW)


def test_a_reopening_reaches_the_department(town: Town) -> None:
    town.dispatch()
    town.move(A.SIGN, "lin")
    town.move(RESOLVE, "lin", "已换")
    town.desk.tickets.start_revisit(town.ticket_id, 1)
    assert town.desk.tickets.reopen(town.ticket_id, 1, "not_solved")
    check_ticket(town.desk.db, town.ticket_id)
    ticket = town.desk.tickets.ticket(town.ticket_id)
    assert (ticket.status, ticket.round, ticket.department_id) == (S.REOPENED, 2, town.lamps)
    assert town.move(A.SIGN, "lin") is S.SIGNED


@pytest.mark.parametrize(
    ("action", "more", "error"),
    [
        (A.DISPATCH, {}, NeedMissing),
        (A.DISPATCH, {"department_ids": ("0" * 32,)}, DepartmentNotFound),
        (A.OPEN_GRABBING, {}, NeedMissing),
        (A.CONFIRM, {}, TextMissing),
        (A.SIGN, {}, TicketActionNotAllowed),
        (A.ASSIGN, {}, TicketActionNotAllowed),
    ],
)
def test_what_is_missing_or_out_of_turn_is_named(
    town: Town, action: A, more: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        town.move(action, "ann", **more)
    assert town.status is S.ACCEPTED


def test_nothing_is_sent_to_a_department_that_takes_none(town: Town) -> None:
    for closed in (replace(LAMPS, is_active=False), replace(LAMPS, takes_dispatch=False)):
        town.desk.departments.put(closed)
        with pytest.raises(DepartmentClosed):
            town.dispatch()
    town.desk.departments.put(LAMPS)
    town.dispatch()


def test_a_department_that_closes_with_tickets_in_hand_still_finishes_them(town: Town) -> None:
    town.dispatch()
    town.desk.departments.put(replace(LAMPS, is_active=False))
    assert town.move(A.SIGN, "lin") is S.SIGNED
    assert town.move(RESOLVE, "lin", "已换") is S.RESOLVED


def test_a_stale_screen_is_told_what_happened_last(town: Town) -> None:
    seen = town.desk.tickets.ticket(town.ticket_id).offer_no
    town.dispatch()
    town.move(A.TRANSFER, "sue", "归市政", department_ids=(town.roads,))
    with pytest.raises(TicketMovedOn) as refused:
        town.move(A.TRANSFER, "sue", "归路灯所", department_ids=(town.lamps,), offer_no=seen)
    assert (refused.value.details["last_action"], refused.value.details["by_person_id"]) == ("transfer", "sue")
    with pytest.raises(TicketActionNotAllowed) as refused_too:
        town.move(A.OPEN_GRABBING, "sue", department_ids=(town.lamps,))
    assert refused_too.value.details["last_action"] == "transfer"


def test_the_citizen_of_a_confidential_ticket_is_known_on_the_seats_only(town: Town) -> None:
    town.move(A.KEEP_CONFIDENTIAL, "ann", "举报人要求保密")
    town.dispatch()
    ticket = town.desk.tickets.ticket(town.ticket_id)
    knows = {who: town.desk.tickets.may_know_who_asks(ticket, Actor(who)) for who in ("ann", "lin")}
    assert knows == {"ann": True, "lin": False}
    assert town.desk.tickets.may_know_who_asks(ticket, SUE)


def test_a_note_of_a_department_stands_in_the_timeline(town: Town) -> None:
    town.dispatch()
    town.move(NOTE, "lin", "晚上去看")
    row = town.desk.rows(town.ticket_id)[-1]
    assert (row.actor_person_id, row.note, row.to_department_id) == ("lin", "晚上去看", town.lamps)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (replace(ROADS, parent_id="0" * 32), "parent_unknown"),
        (replace(ROADS, parent_id="lamps"), "parent_level"),
        (replace(CITY, level=Level.COMPANY, parent_id="lamps"), "circle"),
    ],
)
def test_a_directory_that_contradicts_itself_is_refused(town: Town, entry: DepartmentFacts, reason: str) -> None:
    parent = town.lamps if entry.parent_id == "lamps" else entry.parent_id
    with pytest.raises(BadDepartment) as refused:
        town.desk.departments.put(replace(entry, parent_id=parent))
    assert refused.value.details["reason"] == reason


def test_two_departments_do_not_share_a_name_and_members_are_people(town: Town) -> None:
    with pytest.raises(NameTaken):
        town.desk.departments.put(replace(ROADS, code="other"))
    with pytest.raises(PersonUnknown):
        town.desk.departments.add_member(town.lamps, "nobody")
    with pytest.raises(DepartmentNotFound):
        town.desk.departments.add_member("0" * 32, "lin")
    town.desk.departments.add_member(town.lamps, "lin")
    assert town.desk.departments.departments_of("lin") == {town.lamps}
