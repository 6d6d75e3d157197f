"""A rule book without rules: words are read as they were heard, and nothing is found in them."""

from asr.domain.rules import Rules


class NoRules:
    def rules(self) -> Rules:
        return Rules()
