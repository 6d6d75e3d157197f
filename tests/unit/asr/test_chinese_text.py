import pytest

from asr.domain.chinese_text import joined


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["路灯", "不", "亮"], "路灯不亮"),
        (["hello", "world"], "hello world"),
        (["我", "用", "wifi", "上网"], "我用wifi上网"),
        (["拨打", "call", "center", "电话"], "拨打call center电话"),
        (["五", "号", "楼"], "五号楼"),
        (["好", "，", "谢谢"], "好，谢谢"),
        (["一 二", "三"], "一二三"),
        ([""], ""),
        ([" "], ""),
        ([], ""),
    ],
)
def test_chinese_is_written_without_spaces_and_latin_words_stay_apart(words: list[str], text: str) -> None:
    assert joined(words) == text
