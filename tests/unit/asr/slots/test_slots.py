"""Slots of the shipped rules: what is found, how sure it is, and where it was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.typed_words import typed_words
from asr.domain.reading.pieces import Piece, PieceKind, Reading
from asr.domain.rules import Rules
from asr.domain.slots.emergencies import emergency_words
from asr.domain.slots.slot import SlotKind
from asr.domain.slots.slot_finding import find_slots
from asr.domain.understanding import understand
from asr.domain.words import Speaker, Word
from tests.unit.asr.shipped_rules import evidence_texts, shipped_rules, slots_of, values_of


@pytest.mark.parametrize(
    ("text", "subcategory"),
    [
        ("小区停水两天了", "water.outage"),
        ("路灯，已经三天，不亮", "roads.light"),
        ("暖气不热，屋里很冷", "heating.cold"),
        ("还没有来暖气，暖气片是凉的", "heating.none"),
        ("工地老板拖欠工资", "labour.wages"),
        ("工地半夜施工太吵", "environment.construction_noise"),
        ("煤气费算错了", "gas.bill"),
        ("残疾证怎么办理", "social.disability"),
        ("物业费太高", "housing.property_fee"),
        ("没有电梯，也没电话", ""),
        ("你好，谢谢", ""),
    ],
)
def test_what_it_is_about(text: str, subcategory: str) -> None:
    assert values_of(text, SlotKind.SUBCATEGORY) == [subcategory] * bool(subcategory)


def test_two_matters_in_one_message_leave_it_to_a_person() -> None:
    (category,) = slots_of("这里停水了，那里的井盖也丢了", SlotKind.CATEGORY)
    assert category.needs_person


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("家里着火了", {"fire"}),
        ("楼下冒浓烟，快派消防车", {"fire"}),
        ("没有着火", set()),
        ("你看是不是着火了", {"fire"}),
        ("不知道里面有没有人受伤", {"injury"}),
        ("会不会爆炸", {"fire"}),
        ("孩子掉井里了", {"injury"}),
        ("楼下天天吵死人了", set()),
        ("还好没有人受伤", set()),
        ("没有人被打", set()),
        ("不是着火，是有人抽烟", set()),
        ("没有人管着火了", {"fire"}),
        ("没人来，着火了", {"fire"}),
        ("我家开火锅店，煤气费交了", set()),
        ("楼道里有很浓的煤气味", {"gas"}),
        ("给我打电话，打我手机", set()),
        ("他拿着刀要砍人", {"violence"}),
        ("我不想活了", {"suicide"}),
        ("商场里都是跳楼价", set()),
        ("老人摔伤了，流血不止，有人打人", {"injury", "violence"}),
        ("有人往身上浇汽油", {"fire"}),
        ("电线冒火花", {"fire"}),
        ("插座一直在冒火", {"fire"}),
        ("他拿菜刀砍我", {"violence"}),
        ("她吃了一整瓶安眠药", {"suicide"}),
        ("有个人坐在楼顶，说不活了", {"suicide"}),
        ("这楼要塌了", {"collapse"}),
        ("工地塌方埋人了", {"collapse"}),
        ("围墙倒了，埋了3个人", {"collapse"}),
        ("电梯里关了人", {"injury"}),
        ("有人困在电梯", {"injury"}),
        ("孩子锁在车里了", {"injury"}),
        ("老人被车撞了", {"injury"}),
        ("奶奶叫不醒，没有心跳了", {"injury"}),
        ("高压线电到人了", {"injury"}),
        ("孩子误食老鼠药", {"injury"}),
        ("有人掉进化粪池", {"injury"}),
        ("厨房着了快来人", {"fire"}),
        ("挖机挖断了燃气管道", {"gas"}),
        ("他手里拿着一把刀", {"violence"}),
        ("小孩手被卡住了", {"injury"}),
        ("没人救命啊", {"injury"}),
        ("没有人救火", {"fire"}),
        ("没有救护车来", {"injury"}),
        ("快来救救我", {"injury"}),
        ("没有人救我", {"injury"}),
        ("谁说没着火", {"fire"}),
        ("火没有被扑灭，一直在烧", {"fire"}),
        ("煤气是不是漏了", {"gas"}),
        ("电梯坏了关了三个人在里面", {"injury"}),
        ("他要杀，我快来人", {"violence"}),
        ("不是被打，是被砍了", {"violence"}),
        ("小区的树全被砍了", set()),
    ],
)
def test_words_of_danger(text: str, kinds: set[str]) -> None:
    assert {word.kind for word in emergency_words(text, shipped_rules())} == kinds


@pytest.mark.parametrize(
    "text",
    [
        "我不是要自杀",
        "我没有想自杀",
        "没打算跳楼",
        "我不是要自杀，我只是心情不好",
        "昨天着火了，已经灭了",
        "昨天晚上三楼着火了，现在已经被扑灭了",
        "上周电梯困人，人已经救出来了",
    ],
)
def test_what_is_denied_or_past_and_over_is_no_danger_and_not_red(text: str) -> None:
    found = slots_of(text, SlotKind.EMERGENCY, SlotKind.URGENCY)
    assert not any(slot.kind is SlotKind.EMERGENCY or slot.value == "red" for slot in found)


@pytest.mark.parametrize(
    "text",
    [
        "我不是不想活了，我是活不下去了",
        "他不是要自杀吗，你们快来",
        "他还不是要打死我",
        "要不是邻居拦着，他就自杀了",
        "没人信我要自杀",
        "着火了，已经灭了",
        "昨天有人被打伤了",
        "昨天着火了，还没有扑灭",
        "昨天着火了，灭了又复燃",
        "昨天着火了灭了吗",
        "昨天报修没人管，今天着火了，灭了一半",
        "昨天灭了的火又烧起来了",
    ],
)
def test_in_doubt_a_danger_stays_red(text: str) -> None:
    (urgency,) = slots_of(text, SlotKind.URGENCY)
    assert urgency.value == "red"


@pytest.mark.parametrize(
    "text",
    [
        "打人工客服打不通，休息被打扰",
        "工人质量差，有人埋怨",
        "每天吃安眠药才能睡着",
        "客厅上吊顶，落水管坏了",
        "燃气断气了",
        "路灯杆被车撞歪了",
        "钥匙锁在车里，请求救助",
        "气得吐血，令人窒息",
        "我开了煤气灶，尽快救助",
    ],
)
def test_everyday_words_that_contain_danger_are_none(text: str) -> None:
    assert emergency_words(text, shipped_rules()) == ()


@pytest.mark.parametrize("text", ["容易着火", "去年着火了", "我怕煤气泄漏", "家里着货了", "好像煤气谢漏"])
def test_danger_in_doubt_is_for_a_person(text: str) -> None:
    (danger,) = slots_of(text, SlotKind.EMERGENCY)
    assert danger.needs_person


def test_danger_is_found_in_the_partial_text_of_a_live_call() -> None:
    (word,) = emergency_words("喂 你好 我们 家 着火 了", shipped_rules())
    assert (word.kind, word.call) == ("fire", "119")
    assert "喂 你好 我们 家 着火 了"[word.start : word.end] == "着火"


@pytest.mark.parametrize(
    ("text", "level", "reason"),
    [
        ("家里着火了", "red", "urgency.danger"),
        ("有人困在电梯里出不来", "red", "urgency.danger"),
        ("整栋楼停水了", "yellow", "urgency.many"),
        ("我家没有暖气", "yellow", "urgency.lifelines"),
        ("小区门口的路灯不亮", "green", "urgency"),
    ],
)
def test_urgency_has_a_reason(text: str, level: str, reason: str) -> None:
    (urgency,) = slots_of(text, SlotKind.URGENCY)
    assert (urgency.value, urgency.reason) == (level, reason)


def test_where_nothing_was_understood_nothing_is_called_harmless() -> None:
    assert slots_of("喂，你好", SlotKind.URGENCY) == []


def test_a_known_place_brings_its_community_and_town() -> None:
    found = {slot.kind: slot.value for slot in slots_of("澜庭社区3号楼停水了")}
    assert found[SlotKind.PLACE] == "澜庭社区3号楼"
    assert found[SlotKind.COMMUNITY] == "澜庭社区"
    assert found[SlotKind.TOWN] == "云溪街道"


def test_a_road_of_three_towns_settles_neither_town_nor_community() -> None:
    """One of the three is known by its community; the other two are not, but they are there."""
    areas = (SlotKind.COMMUNITY, SlotKind.TOWN, SlotKind.GRID)
    found = [slot for slot in slots_of("人民路的路灯坏了") if slot.kind in areas]
    assert {slot.kind for slot in found} == set(areas)
    assert all(slot.needs_person for slot in found)


def test_an_unknown_place_is_found_by_its_shape_and_is_less_sure() -> None:
    (numbered,) = slots_of("我住在梅兰竹菊路88号，停水了", SlotKind.PLACE)
    (bare,) = slots_of("在梅兰竹菊路停水了", SlotKind.PLACE)
    assert (numbered.value, bare.value) == ("梅兰竹菊路88号", "梅兰竹菊路")
    assert bare.confidence < numbered.confidence < 0.9
    assert bare.needs_person


@pytest.mark.parametrize("text", ["这条马路坏了", "司机绕路", "我在小区里", "农村的修路"])
def test_what_only_ends_like_a_place_is_none(text: str) -> None:
    assert values_of(text, SlotKind.PLACE) == []


def test_a_town_is_handled_by_its_own_office() -> None:
    (department,) = slots_of("赵家沟的宅基地批不下来", SlotKind.DEPARTMENT)
    assert department.value.startswith("town_office:")
    assert department.label == "石桥镇政府办公室"


def test_without_a_town_the_next_department_is_suggested() -> None:
    (department,) = slots_of("宅基地批不下来", SlotKind.DEPARTMENT)
    assert department.value == "agriculture_bureau"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("昨天晚上10点停的水", ["day-1T22:00"]),
        ("2026年11月24日上午", ["2026-11-24Tmorning"]),
        ("十一月二十四号", ["--11-24"]),
        ("已经三天了", ["P3D"]),
        ("两个多月", ["P2M"]),
        ("等了半个小时", ["PT0.5H"]),
        ("每天半夜", ["dailyTnight"]),
        ("下午3点半", ["T15:30"]),
        ("最近，从上周开始", ["recently", "week-1"]),
        ("13月45号", []),
        ("今天停水，今天又停", ["day0"]),
    ],
)
def test_times(text: str, values: list[str]) -> None:
    assert values_of(text, SlotKind.TIME) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("我们三十多户没水", ["30"]),
        ("两百多户，其中5个老人", ["200", "5"]),
        ("全小区都停了", ["1000"]),
        ("人民路3号", []),
        ("我一个人", []),
    ],
)
def test_people_affected(text: str, values: list[str]) -> None:
    assert values_of(text, SlotKind.PEOPLE_AFFECTED) == values


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("电话幺三八零零幺三八零零零", ["+8613800138000"]),
        ("13800138000或者0533-2180000", ["+8613800138000", "+865332180000"]),
        ("1380，不对，13800138000", ["+8613800138000"]),
        ("打了12345没人管", []),
        ("幺三哎八零这零幺就三八的零零零", ["+8613800138000"]),
        ("市民：138\n坐席：请慢一点。\n市民：0013\n坐席：您继续说\n市民：8000", ["+8613800138000"]),
        ("市民：138\n坐席：138\n市民：0013\n坐席：0013\n市民：8000", ["+8613800138000"]),
        ("市民：370303\n坐席：然后呢\n市民：1990\n坐席：90年\n市民：0307\n坐席：请讲\n市民：2510", []),
    ],
)
def test_phone_numbers(text: str, numbers: list[str]) -> None:
    assert values_of(text, SlotKind.PHONE_NUMBER) == numbers


def test_a_number_of_the_wrong_length_is_for_a_person() -> None:
    (number,) = slots_of("电话是1380013800", SlotKind.PHONE_NUMBER)
    assert (number.label, number.needs_person) == ("1380013800", True)


def test_a_number_of_which_parts_were_said_twice_is_sure_and_one_with_a_stranger_is_not() -> None:
    (repeated,) = slots_of("1380，不对，13800138000", SlotKind.PHONE_NUMBER)
    (longer,) = slots_of("13800138000，257", SlotKind.PHONE_NUMBER)
    assert (repeated.needs_person, longer.needs_person) == (False, True)


def test_only_words_justify_a_mood() -> None:
    assert values_of("你们太过分了，我要曝光", SlotKind.MOOD) == ["angry"]
    assert values_of("隔壁孩子一直哭", SlotKind.MOOD) == []
    (mood,) = slots_of("你们什么态度", SlotKind.MOOD)
    assert mood.needs_person


def conversation(*turns: tuple[Speaker, str]) -> tuple[list[Word], Reading]:
    """One word a turn; turns are separate lines."""
    words = [Word(text, 1000 * at, 1000 * at + 900, 1.0, speaker) for at, (speaker, text) in enumerate(turns)]
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        pieces += [Piece("\n", at, at, PieceKind.TURN)] * bool(at) + [Piece(word.text, at, at + 1)]
    return words, Reading(tuple(pieces))


def test_the_agents_repetition_confirms_a_number() -> None:
    said = (Speaker.CITIZEN, "电话13800138000")
    words, reading = conversation(said)
    (once,) = [slot for slot in find_slots(reading, words, shipped_rules()) if slot.kind is SlotKind.PHONE_NUMBER]
    words, reading = conversation((Speaker.AGENT, "13800138000对吧"), said)
    (twice,) = [slot for slot in find_slots(reading, words, shipped_rules()) if slot.kind is SlotKind.PHONE_NUMBER]
    assert twice.confidence > once.confidence
    assert [evidence.first_word for evidence in twice.evidence] == [1, 0]  # the citizen's own words first


def test_what_only_the_agent_says_decides_nothing_against_the_citizen() -> None:
    words, reading = conversation((Speaker.AGENT, "是停水停电还是煤气费"), (Speaker.CITIZEN, "井盖丢了"))
    (category,) = [slot for slot in find_slots(reading, words, shipped_rules()) if slot.kind is SlotKind.CATEGORY]
    assert category.value == "drainage"


def test_the_agents_temper_is_not_the_citizens() -> None:
    words, reading = conversation((Speaker.AGENT, "你太过分了"))
    assert not [slot for slot in find_slots(reading, words, shipped_rules()) if slot.kind is SlotKind.MOOD]


def test_a_badly_heard_word_makes_a_slot_unsure() -> None:
    words = [Word("停水", 0, 500, 0.5)]
    (category,) = [slot for slot in understand(words, shipped_rules()).slots if slot.kind is SlotKind.CATEGORY]
    assert category.needs_person


def test_without_rules_only_numbers_are_found_and_a_person_decides() -> None:
    words = typed_words("家里着火了，电话13800138000")
    slots = find_slots(Reading((Piece("家里着火了，电话13800138000", 0, len(words)),)), words, Rules())
    assert {slot.kind for slot in slots} == {SlotKind.PHONE_NUMBER}
    assert all(slot.needs_person for slot in slots)


@pytest.mark.parametrize(
    ("text", "kind", "evidence"),
    [
        ("昨天路灯，一直不亮", SlotKind.CATEGORY, ["路灯", "不亮"]),
        ("我们楼冒烟了，着火了", SlotKind.EMERGENCY, ["冒烟", "着火"]),
        ("澜庭社区停水", SlotKind.TOWN, ["澜庭社区"]),
        ("电话138，0013，8000，谢谢", SlotKind.PHONE_NUMBER, ["138，0013，8000"]),
    ],
)
def test_evidence_is_the_text_that_made_the_slot(text: str, kind: SlotKind, evidence: list[str]) -> None:
    (slot,) = slots_of(text, kind)
    assert evidence_texts(text, slot) == evidence


vocabulary = [
    "停水", "路灯", "不亮", "着火", "没有", "人", "受伤", "澜庭社区", "人民路", "十二", "号", "幺三八零零幺三八零零零",
    "昨天", "三十", "多户", "，", "。", "嗯", "太过分了", "物业", "煤气", "味", "电话", "是",
]  # fmt: skip


@given(st.lists(st.sampled_from(vocabulary), max_size=25))
def test_spans_lie_within_text_words_and_sound(parts: list[str]) -> None:
    words = typed_words("".join(parts))
    found = understand(words, shipped_rules())
    for slot in found.slots:
        assert 0 <= slot.confidence <= 1
        for each in slot.evidence:
            assert 0 <= each.start_char < each.end_char <= len(found.reading.text)
            assert 0 <= each.first_word < each.end_word <= len(words)
            assert words[0].start_ms <= each.start_ms < each.end_ms <= words[-1].end_ms
