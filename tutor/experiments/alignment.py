"""Two texts side by side: what stands in both, in order, and what stands in one of them alone (difflib)."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from tutor.text.sentences import words_and_marks


@dataclass(frozen=True)
class AlignedWord:
    """One place of two texts set side by side."""

    word: str
    """Of the first; empty where only the second has something here."""
    other_word: str
    """Of the second; empty where only the first has something here."""
    same: bool


Places = list[tuple[int | None, int | None]]


def aligned(first: Sequence[Hashable], second: Sequence[Hashable]) -> tuple[Places, frozenset[tuple[int, int]]]:
    """Places of both side by side, None where one has nothing there; and those pairs that are the same."""
    rows: Places = []
    shared = set()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            shared |= set(zip(range(a, b), range(c, d), strict=True))
        rows += zip_longest(range(a, b), range(c, d))
    return rows, frozenset(shared)


def aligned_words(first: str, second: str) -> tuple[AlignedWord, ...]:
    """Words and punctuation of two lines of text side by side."""
    words, others = words_of(first), words_of(second)
    return tuple(
        AlignedWord(
            words[at] if at is not None else "",
            others[there] if there is not None else "",
            at is not None and there is not None and words[at] == others[there],
        )
        for at, there in aligned(words, others)[0]
    )


def first_difference(words: Sequence[AlignedWord]) -> list[AlignedWord]:
    """The first stretch of places that differ; empty where none does."""
    start = next((at for at, word in enumerate(words) if not word.same), len(words))
    return list(takewhile(lambda word: not word.same, words[start:]))


def words_of(text: str) -> list[str]:
    """Words, each with its hyphens and apostrophes, and punctuation: "J'ai peur !" -> "J'ai", "peur", "!"."""
    return words_and_marks(text)
