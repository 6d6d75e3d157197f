"""The text of a rule file, however the administrator's editor or spreadsheet saved it."""

import codecs

from asr.domain.errors import RuleFileWrong

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def text_of(content: bytes, name: str) -> str:
    """UTF-8 or UTF-16 by their marks, else UTF-8, else GB 18030 (and so GBK). Raises RuleFileWrong."""
    encodings = [encoding for mark, encoding in _MARKS.items() if content.startswith(mark)] or ["utf-8", "gb18030"]
    wrong_at = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            wrong_at = error.start
    raise RuleFileWrong(name, content[:wrong_at].count(b"\n") + 1, "is neither UTF-8 nor GBK text")
