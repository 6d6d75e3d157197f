import pytest

from asr.adapters.reading_file import read_reading
from asr.domain.errors import RuleFileWrong
from asr.domain.reading.reading_rules import ReadingRules
from tests.unit.asr.spoken import shipped_rules


def test_the_shipped_file_switches_everything_on() -> None:
    rules = shipped_rules().reading
    assert "呃" in rules.hesitations.always
    assert "个" in rules.figures.measures
    assert rules.punctuation.comma_pause_ms < rules.punctuation.stop_pause_ms


def test_an_empty_file_switches_everything_off() -> None:
    assert read_reading("", "reading.toml") == ReadingRules()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[figures]\nmeasures = [\n", 2),
        ("[figures]\nmeasures = ['个', 3]\n", 2),
        ("[figures]\n\nmeasure = ['个']\n", 3),
        ("[hesitation]\nalways = []\n", 1),
        ("[hesitations]\nalways = ['呃', '呃']\n", 2),
        ("[punctuation]\ncomma_pause_ms = -1\n", 2),
        ("[punctuation]\ncomma_pause_ms = 600\nstop_pause_ms = 300\n", 3),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(RuleFileWrong) as caught:
        read_reading(text, "reading.toml")
    assert caught.value.details["line"] in (line, line + 1)
