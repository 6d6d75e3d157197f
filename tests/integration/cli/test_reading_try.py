import json

from app.cli_reading import tried
from tests.unit.asr.spoken import shipped_rules


def test_the_words_are_read_and_every_change_is_named() -> None:
    lines = tried("呃 我 住 在 崔 平 小区。路灯 三 天 了", shipped_rules(), as_json=False).splitlines()
    assert lines[0] == "我住在翠屏小区。路灯3天了。"
    assert [line.split() for line in lines[1:]] == [
        ["unread", "呃", "→"],
        ["name", "崔平小区", "→", "翠屏小区"],
        ["number", "三天", "→", "3天"],
    ]


def test_a_text_without_spaces_is_read_character_by_character() -> None:
    assert tried("一百零二个人，没水", shipped_rules(), as_json=False).splitlines()[0] == "102个人，没水。"


def test_json_has_the_same() -> None:
    result = json.loads(tried("三 天", shipped_rules(), as_json=True))
    assert result == {"text": "3天", "changes": [{"kind": "number", "heard": "三天", "read": "3天"}]}
