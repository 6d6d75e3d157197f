"""How much of everything: the model as it is shipped, or a small one that shows that every step works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """`general_words`: the most frequent words of Mandarin, besides those of the trade."""

    name: str
    general_words: int
    training_chunks: int
    tuning_chunks: int
    utterances_a_chunk: int
    epochs: int
    language_sentences: int
    compared: int
    """Recordings a condition, of the model just made and of the shipped one."""


SIZES = {
    size.name: size
    for size in (
        Size("full", 16_000, 72, 2, 250, 7, 150_000, 60),
        Size("small", 200, 2, 1, 60, 1, 2_000, 1),
    )
}
