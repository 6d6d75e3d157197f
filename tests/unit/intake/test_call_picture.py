"""A call is what was said of it, in whatever order and however often it was said."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.call_event import CallEvent, CallEventKind, CallWay, RecordingOf
from intake.domain.call_picture import CallPicture, picture_of

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
K = CallEventKind


def said(kind: CallEventKind, after_s: float = 0, event_id: str = "", **more: object) -> CallEvent:
    return CallEvent(event_id or f"{kind}-{after_s}", kind, NOON + timedelta(seconds=after_s), "c-1", **more)  # type: ignore[arg-type]


RINGING = said(K.RINGING, caller="13900000001", line="12345")
ANSWERED = said(K.ANSWERED, 8, agent="801")
TRANSFERRED = said(K.TRANSFERRED, 30, agent="801", target="802")
HUNG_UP = said(K.HUNG_UP, 60, cause="normal")
MISSED = said(K.MISSED, 20)
SETTLED = said(K.SETTLED, 9000)
MESSAGE = said(K.RECORDING_READY, 70, recording_of=RecordingOf.MESSAGE, recording_url="https://pbx.example/1.wav")
TALK = said(K.RECORDING_READY, 75, recording_of=RecordingOf.TALK, recording_url="https://pbx.example/2.wav")

anything = st.builds(
    said,
    kind=st.sampled_from([kind for kind in CallEventKind if kind is not K.AGENT_STATE]),
    after_s=st.integers(-600, 600),
    event_id=st.uuids().map(str),
    caller=st.sampled_from(["", "13900000001", "13900000002"]),
    line=st.sampled_from(["", "12345"]),
    agent=st.sampled_from(["", "801", "802"]),
    target=st.sampled_from(["", "803"]),
    cause=st.sampled_from(["", "busy"]),
    way=st.sampled_from([None, *CallWay]),
    recording_of=st.sampled_from([None, *RecordingOf]),
    opens_ticket=st.sampled_from([None, True, False]),
)


@given(st.data(), st.lists(anything, min_size=1, max_size=8))
def test_neither_order_nor_repetition_changes_the_picture(data: st.DataObject, events: list[CallEvent]) -> None:
    arriving = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=8))))
    assert picture_of(arriving) == picture_of(events)


@given(st.lists(anything, min_size=1, max_size=8))
def test_no_picture_contradicts_itself(events: list[CallEvent]) -> None:
    picture = picture_of(events)
    if picture.ended_at is not None:
        assert picture.started_at <= picture.ended_at
    if picture.answered_at is not None:
        assert picture.is_answered
        assert picture.started_at <= picture.answered_at
    if picture.is_answered and picture.answered_at is None:
        assert "answered_at" in picture.unknown
    assert ("caller" in picture.unknown) == (not picture.caller)


@given(st.lists(anything, min_size=2, max_size=8))
def test_an_answer_is_never_taken_back_by_what_comes_later(events: list[CallEvent]) -> None:
    if picture_of(events[:-1]).is_answered:
        assert picture_of(events).is_answered


def test_a_whole_call() -> None:
    picture = picture_of([RINGING, ANSWERED, TRANSFERRED, HUNG_UP, TALK])
    assert picture == CallPicture(
        is_outbound=False,
        caller="13900000001",
        line="12345",
        started_at=NOON,
        is_answered=True,
        answered_at=NOON + timedelta(seconds=8),
        ended_at=NOON + timedelta(seconds=60),
        has_message=False,
        agents=("801", "802"),
        cause="normal",
        unknown=(),
    )


@pytest.mark.parametrize(
    ("events", "is_answered", "is_over", "unknown"),
    [
        ([RINGING], False, False, ()),
        ([ANSWERED], True, False, ("caller", "started_at")),
        ([HUNG_UP], False, True, ("caller", "started_at")),
        ([RINGING, HUNG_UP], False, True, ()),
        ([RINGING, MISSED], False, True, ()),
        ([RINGING, TRANSFERRED], True, False, ("answered_at",)),
        ([RINGING, TALK], True, False, ("answered_at",)),
        ([RINGING, MESSAGE], False, True, ("ended_at",)),
        ([RINGING, SETTLED], False, True, ("ended_at",)),
        ([RINGING, ANSWERED, SETTLED], True, True, ("ended_at",)),
        ([RINGING, ANSWERED, SETTLED, HUNG_UP], True, True, ()),
    ],
)
def test_what_is_missing_is_named(
    events: list[CallEvent], is_answered: bool, is_over: bool, unknown: tuple[str, ...]
) -> None:
    picture = picture_of(events)
    assert (picture.is_answered, picture.ended_at is not None, picture.unknown) == (is_answered, is_over, unknown)


def test_a_phone_that_was_not_picked_up_is_no_missed_call_when_another_was() -> None:
    for events in permutations([RINGING, MISSED, ANSWERED]):
        picture = picture_of(events)
        assert picture.is_answered
        assert picture.ended_at is None


def test_a_settled_call_ended_when_it_was_last_heard_of() -> None:
    picture = picture_of([RINGING, ANSWERED, SETTLED])
    assert (picture.ended_at, picture.cause) == (ANSWERED.at, "silent")


@pytest.mark.parametrize(
    ("opens_ticket", "recording_of", "is_wanted"),
    [
        (None, RecordingOf.MESSAGE, True),
        (None, RecordingOf.TALK, False),
        (True, RecordingOf.TALK, True),
        (False, RecordingOf.MESSAGE, False),
    ],
)
def test_a_message_becomes_a_ticket_and_a_talk_does_not_unless_it_is_said(
    opens_ticket: bool | None, recording_of: RecordingOf, is_wanted: bool
) -> None:
    event = said(K.RECORDING_READY, recording_of=recording_of, opens_ticket=opens_ticket)
    assert event.is_ticket_wanted is is_wanted
    assert picture_of([event]).has_message is (is_wanted and recording_of is RecordingOf.MESSAGE)
