from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.speech_queues import SpeechQueue, queue_for, turns

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
AGE = timedelta(minutes=10)
STRICT = (SpeechQueue.SHORT, SpeechQueue.LONG)
waits = st.dictionaries(st.sampled_from(SpeechQueue), st.integers(0, 7200).map(lambda s: NOW - timedelta(seconds=s)))


def test_a_message_goes_by_its_length() -> None:
    assert queue_for(30_000, short_up_to_s=30) is SpeechQueue.SHORT
    assert queue_for(30_001, short_up_to_s=30) is SpeechQueue.LONG


@given(waits, st.booleans())
def test_every_line_has_its_place_and_young_work_never_changes_the_order(
    oldest: dict[SpeechQueue, datetime], was_promoted: bool
) -> None:
    order = turns(oldest, NOW, AGE, was_promoted=was_promoted)
    assert sorted(order) == sorted(STRICT)
    assert [queue for queue in order if queue is not order[0]] == [queue for queue in STRICT if queue is not order[0]]
    if all(NOW - since < AGE for since in oldest.values()):
        assert order == STRICT


def test_what_has_waited_too_long_goes_first_and_the_longest_of_all() -> None:
    both = {SpeechQueue.LONG: NOW - AGE, SpeechQueue.SHORT: NOW - 2 * AGE}
    assert turns(both, NOW, AGE, was_promoted=False)[0] is SpeechQueue.SHORT
    assert turns({SpeechQueue.LONG: NOW - AGE}, NOW, AGE, was_promoted=False)[0] is SpeechQueue.LONG


def test_it_never_goes_first_twice_running() -> None:
    assert turns({SpeechQueue.LONG: NOW - 2 * AGE}, NOW, AGE, was_promoted=True) == STRICT
