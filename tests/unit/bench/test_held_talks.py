"""Which talks count as held, and how our lines compare with Asterisk's own queue."""

import pytest

from app.bench.heard_window import HeardWindow
from app.bench.held_talks import HeldTalks, Window, held_talks, talk_figures
from app.bench.held_talks_sides import RecordedTalk
from app.bench.queue_pbx import cpu_seconds

WHOLE = RecordedTalk(citizen_ms=10_000, agent_ms=10_000)


@pytest.mark.parametrize(
    ("is_whole", "recorded", "held"),
    [
        ([True] * 4, [WHOLE, WHOLE], 2),
        ([True, False, True, True], [WHOLE, WHOLE], 1),  # a citizen heard too little
        ([True, True, False, False], [WHOLE, WHOLE], 0),  # no agent heard enough
        ([True] * 4, [WHOLE], 1),  # one was not recorded
        ([True] * 4, [WHOLE, RecordedTalk(citizen_ms=10_000, agent_ms=0)], 1),
        ([True] * 4, [WHOLE, RecordedTalk(citizen_ms=0, agent_ms=10_000)], 1),
    ],
)
def test_a_talk_is_held_when_both_people_hear_and_are_recorded(
    is_whole: list[bool], recorded: list[RecordedTalk], held: int
) -> None:
    assert held_talks(is_whole, recorded, enough_ms=9_700) == held


def _way(cpu_percent: float, jitter_ms: float, pbx_cpu_percent: float = 0.0) -> HeldTalks:
    heard = HeardWindow([True] * 20, [0.0] * 49 + [jitter_ms], lost_frames=3)
    return HeldTalks(
        10, Window(heard, cpu_percent, pbx_cpu_percent, telephones_cpu_percent=5.0, telephones_late_p99_ms=1.0)
    )


def test_both_lines_are_set_against_the_queue_of_the_same_run() -> None:
    measured = talk_figures(10, _way(4, 3), _way(20, 30, 15), _way(5, 12, 5))
    values = {figure.name: figure.value for figure in measured}
    assert values["talks_embedded_cpu_per_call"] == 0.4
    assert values["talks_asterisk_cpu_per_call"] == 2.0
    assert values["talks_asterisk_pbx_cpu_per_call"] == 1.5
    assert values["talks_embedded_cpu_ratio"] == 0.8
    assert values["talks_asterisk_cpu_ratio"] == 4.0
    assert values["talks_embedded_jitter_ratio"] == 0.25
    assert values["talks_asterisk_jitter_ratio"] == 2.5
    assert values["talks_asterisk_late_percent"] == 2.0
    assert values["talks_queue_late_percent"] == 0.0
    assert values["talks_queue_held"] == 10
    assert values["talks_queue_gap_frames"] == 3


def test_the_name_of_a_program_does_not_disturb_the_reading_of_its_processor_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.sysconf", lambda _: 100)
    stat = "26882 (ld linux) x) S 1 2 3 4 5 6 7 8 9 10 1250 250 13 14 20 0 31 0"
    assert cpu_seconds(stat) == 15.0
