"""How frequent words are in Mandarin at large: the list that comes with the PyPI package jieba."""

from collections.abc import Iterable
from pathlib import Path


def read_frequencies(dictionary: Path, vocabulary: Iterable[str]) -> dict[str, int]:
    """Of those words that the list has; a line is `word frequency kind`."""
    wanted = set(vocabulary)
    lines = (line.split() for line in dictionary.read_text(encoding="utf-8").splitlines())
    return {word: int(frequency) for word, frequency, *_ in lines if word in wanted}
