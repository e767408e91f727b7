"""Byte-pair encoding starts from letters and joins the pair that occurs most often, again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tutor.calculations.asked import MERGES, Asked, whole
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import counted
from tutor.errors import LearnerError

DEFAULT_MERGES, MOST_MERGES, MOST_LETTERS = 5, 20, 60
EXAMPLE = "byte-pair encoding of low, lower, lowest"

Word = tuple[str, ...]


def work_out_pairs(asked: Asked) -> Calculation:
    """The words of the slot `word`, learned from alone; the values are the pieces before and after."""
    words = _words(asked.slots.get("word", ""))
    given = asked.get(MERGES)
    merges = DEFAULT_MERGES if given is None else min(MOST_MERGES, whole("merges", given))
    split: list[Word] = [tuple(word) for word in words]
    before = sum(map(len, split))
    lines = ["Start from letters:", f"  {_shown(split)}"]
    done = 0
    while done < merges and (counts := count_pairs(split)):
        pair, count = max(counts.items(), key=lambda item: item[1])
        tied = sum(other == count for other in counts.values()) - 1
        split = [merged(word, pair) for word in split]
        done += 1
        tie = f" ({counted(tied, 'other')} as often; the first is taken)" if tied else ""
        lines.append(f"Merge {done}: {pair[0]} + {pair[1]} → {''.join(pair)}, {_times(count)}{tie}")
        lines.append(f"  {_shown(split)}")
    if not count_pairs(split):
        lines.append("No pairs are left.")
    lines.append(f"(Learned from {'this word' if len(words) == 1 else 'these words'} alone; a real vocabulary is")
    lines.append("learned from a large text, and its merges are others.)")
    after = sum(map(len, split))
    return worked(
        f"After {counted(done, 'merge')} {', '.join(words)} {'is' if len(words) == 1 else 'are'} "
        f"{counted(after, 'piece')} instead of {counted(before, 'letter')}: {_shown(split)}.",
        lines,
        (float(before), float(after)),
    )


def count_pairs(words: Sequence[Word]) -> Counter[tuple[str, str]]:
    """How often each two neighbours occur within a word, in the order first seen."""
    return Counter(pair for word in words for pair in pairwise(word))


def merged(word: Word, pair: tuple[str, str]) -> Word:
    """The word with this pair joined wherever it stands, from the left."""
    pieces, at = [], 0
    while at < len(word):
        joined = word[at : at + 2] == pair
        pieces.append(word[at] + word[at + 1] if joined else word[at])
        at += 2 if joined else 1
    return tuple(pieces)


def _words(slot: str) -> list[str]:
    words = re.split(r"[\s,;]+", slot.strip(" ,;.\"'“”‘’\t\n"))
    words = [word for word in words if word]
    if not words:
        raise LearnerError(f"byte-pair encoding needs a word, as in: {EXAMPLE}")
    if not all(word.isprintable() for word in words):
        raise LearnerError(f"byte-pair encoding needs words of letters, as in: {EXAMPLE}")
    if sum(map(len, words)) > MOST_LETTERS:
        raise LearnerError(f"that is more than {MOST_LETTERS} letters; give fewer words, as in: {EXAMPLE}")
    return words


def _shown(words: Sequence[Word]) -> str:
    return " | ".join(" ".join(word) for word in words)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
