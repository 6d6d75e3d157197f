"""The labelled messages, and the figures of their understanding."""

from collections import Counter

import pytest

from app.bench.hotline_messages import DEVELOPMENT, HELD_OUT, Message, hotline_messages, read_templates
from app.bench.understanding import Case, Counts, case_of, figures_of
from app.typed_words import typed_words
from asr.domain.privacy.redaction import RedactionKind
from tests.unit.asr.shipped_rules import shipped_rules


@pytest.mark.parametrize("file", [DEVELOPMENT, HELD_OUT])
def test_every_subcategory_has_templates_and_every_template_a_known_subcategory(file: object) -> None:
    sections = read_templates(DEVELOPMENT if file == DEVELOPMENT else HELD_OUT)
    assert {key for key in sections if not key.startswith("tail ")} == set(shipped_rules().categories.subcategories)
    marks = {mark for section in sections.values() for each in section for mark in each.emergencies | each.perhaps}
    assert marks <= set(shipped_rules().emergencies.kinds)


def test_no_held_out_sentence_is_one_of_the_development_sentences() -> None:
    ours, theirs = ({each.text for section in read_templates(file).values() for each in section}
                    for file in (DEVELOPMENT, HELD_OUT))  # fmt: skip
    assert not ours & theirs


def test_the_same_seed_makes_the_same_messages() -> None:
    gazetteer = shipped_rules().gazetteer
    first = hotline_messages(HELD_OUT, gazetteer, rounds=4, seed=1)
    assert first == hotline_messages(HELD_OUT, gazetteer, rounds=4, seed=1)
    assert len(first) >= 300
    assert set(RedactionKind) == {kind for message in first for kind, _ in message.private}
    assert min(Counter(kind for message in first for kind, _ in message.private).values()) >= 20


def test_a_message_is_counted_against_its_labels() -> None:
    message = Message(
        text="澜庭社区停水了，没有着火，电话幺三八零零幺三八零零零。",
        template="", subcategory="water.outage", place="澜庭社区",
        private=((RedactionKind.PHONE_NUMBER, "幺三八零零幺三八零零零"),),
        emergencies=frozenset({"fire"}), perhaps=frozenset(),
    )  # fmt: skip
    counts = case_of(message, typed_words(message.text), shipped_rules()).counts
    assert counts["category"] == counts["place"] == counts["hidden"] == counts["rightly_hidden"] == Counts(1, 1, 1)
    assert counts["emergency"] == Counts(0, 0, 1)


def test_an_interval_is_drawn_over_templates_and_is_never_a_point() -> None:
    message = hotline_messages(DEVELOPMENT, shipped_rules().gazetteer, rounds=1, seed=1)[0]
    things = {name: Counts(1, 1, 1) for name in case_of(message, (), shipped_rules()).counts}
    figures = {figure.name: figure for figure in figures_of([Case(message, things)] * 30, "x", with_aims=True)}
    assert figures["x_redaction_recall"].value == 1
    assert figures["x_redaction_recall"].unit == "95 %: 0.000–1.000"  # thirty messages, but one template
    assert figures["x_redaction_recall"].is_met
    assert figures["x_messages"].value == 30
