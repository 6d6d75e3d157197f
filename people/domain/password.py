"""Passwords: which are refused, and how the house makes one that can be read over the telephone."""

import secrets
import unicodedata

from people.domain.errors import WeakPassword

MIN_LENGTH = 10
MAX_LENGTH = 128
_TYPED_MAX = 512  # before composing: one character may be typed as several code points
_MIN_DISTINCT = 4

# Of ten and more characters, from the published lists of leaked passwords and from what people type here.
_OBVIOUS_WORDS = """
    1234567890 0123456789 0987654321 9876543210 12345678910 123456789a a123456789 123456789abc abc123456789
    1234512345 1122334455 5201314520 woaini1314 woaini5201314 woaini123456 iloveyou123 iloveyou520 qq123456789
    qwertyuiop qwerty1234 qwerty12345 qwerty123456 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv qazwsx123456
    asdfghjkl1 asdfghjkl123 zxcvbnm123 zxcvbnm1234 abcdefghij abcd123456 abcd1234567 aa123456789 a1234567890
    password12 password123 password1234 passw0rd12 passw0rd123 p@ssw0rd123 mypassword mypassword1
    administrator administrator1 admin12345 admin123456 admin@12345 root123456 letmein123
    welcome123 welcome1234 changeme12 changeme123 hotline123 hotline1234 hotline12345
    12345hotline shimin12345 rexian12345 zhengfu12345 banzhang12345
"""
_OBVIOUS = frozenset(_OBVIOUS_WORDS.split())

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aeiou"
_WORDS, _SYLLABLES = 3, 3


def typed_password(raw: str) -> str:
    """One spelling for what looks the same: a Chinese keyboard may type full-width letters and digits.

    What is far too long to be a password becomes the empty one, which is nobody's.
    """
    return unicodedata.normalize("NFKC", raw) if len(raw) <= _TYPED_MAX else ""


def new_password(raw: str, login: str) -> str:
    """The password in its one spelling; raises WeakPassword with its reason. `login` is a login name."""
    password = typed_password(raw)
    folded = password.casefold()
    if len(password) > MAX_LENGTH or len(raw) > _TYPED_MAX:
        raise WeakPassword(f"a password has at most {MAX_LENGTH} characters", reason="too_long", max=MAX_LENGTH)
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"a password has at least {MIN_LENGTH} characters", reason="too_short", min=MIN_LENGTH)
    if folded == login:
        raise WeakPassword("the login is no password", reason="is_login")
    if folded in _OBVIOUS:
        raise WeakPassword("everybody tries this password first", reason="too_common")
    if len(set(folded)) < _MIN_DISTINCT:
        raise WeakPassword(f"fewer than {_MIN_DISTINCT} different characters", reason="too_uniform")
    return password


def pronounceable_password() -> str:
    """Like `bamuso-kedilo-rifupa-47`: 80⁹ · 100, about 63 bits, from the system's random source."""
    words = (
        "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)) for _ in range(_WORDS)
    )
    return f"{'-'.join(words)}-{secrets.randbelow(100):02d}"
