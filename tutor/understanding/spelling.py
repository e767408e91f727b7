"""Mistyped words: what neither the encoder's vocabulary nor the lessons have is read as the word it is likest to."""

from __future__ import annotations

import difflib
import functools
from collections import Counter
from collections.abc import Callable, Collection, Iterable

SHORTEST, LIKE, OFTEN = 4, 0.84, 2
"""Letters of a word that is corrected, likeness of the right one, and how often the lessons must have it."""


def speller(wordings: Iterable[str], vocabulary: Collection[str]) -> Callable[[str], str]:
    """A function from a folded word to the word that was meant. `vocabulary` are words that are right as they are."""
    counted = Counter(word for text in wordings for word in text.casefold().split() if word.isalpha())
    known = sorted(word for word, count in counted.items() if count >= OFTEN and len(word) >= SHORTEST)
    by_letters = {(word[0], "".join(sorted(word))): word for word in known}

    @functools.lru_cache(maxsize=4096)
    def meant(word: str) -> str:
        if len(word) < SHORTEST or not word.isalpha() or word in vocabulary or word in counted:
            return word
        swapped = by_letters.get((word[0], "".join(sorted(word))))
        return swapped or next(iter(difflib.get_close_matches(word, known, n=1, cutoff=LIKE)), word)

    return meant
