"""A turn's text as corrected lower-case words, their stems, and its sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

LONGEST_TURN = 4000
"""Characters of a turn that are read; what a person asks is in there."""
_MOST_CORRECTIONS = 80

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
_CONTRACTIONS = (
    (re.compile(r"\bcan'?t\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(what|how|who|where|why|that|it|there|here)'s\b"), r"\1 is"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"'s\b"), ""),
    (re.compile(r"√|\bsquare[ -]root\b"), " sqrt "),
    (re.compile(r"\bd[_ ]k\b"), "dk"),
    (re.compile(r"\bw[_ ](q|k|v|o)\b"), r"w\1"),
    (re.compile(r"\bd_model\b"), "d model"),
    (re.compile(r"\bb/w\b"), "between"),
    (re.compile(r"\bw/o\b"), "without"),
    (re.compile(r"\bw/"), "with "),
    (re.compile(r"\bvs\."), "vs"),
    (re.compile(r"\be\.g\.?"), "for example"),
    (re.compile(r"(?<=[a-z])\^t\b"), " t"),
)
_SIMPLE = re.compile(r"[a-z0-9 ?!,;:()-]*")
_WORD = re.compile(r"[^\W_]+")
_LONG_SENTENCE = 22
"""Words, about: beyond that, commas and conjunctions divide."""
_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+(?=(?:but|so|because|and (?:what|why|how|who|which|is|does|i|then|the))\s)")
_SENTENCE = re.compile(r"(?<=[.?!;\n])\s+|\n+|\s+[-–—]+\s+")


@dataclass(frozen=True)
class Segment:
    """One sentence of a turn."""

    raw: str
    words: tuple[str, ...]
    asks: bool
    """It ends in a question mark or starts as a question does."""

    @property
    def text(self) -> str:
        """The corrected words, joined."""
        return " ".join(self.words)


def fold(text: str) -> str:
    """Lower case, compatibility characters and apostrophes unified, contractions written out."""
    folded = text[:LONGEST_TURN].lower()
    if _SIMPLE.fullmatch(folded) and "square" not in folded and "d k" not in folded:
        return folded
    folded = unicodedata.normalize("NFKC", folded).translate(_APOSTROPHES)
    for pattern, instead in _CONTRACTIONS:
        folded = pattern.sub(instead, folded)
    return folded


def split_words(text: str) -> list[str]:
    """Words and numbers of folded text."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The turn's sentences, as typed; a very long one falls into its clauses."""
    parts = [part.strip() for part in _SENTENCE.split(text[:LONGEST_TURN]) if part.strip()]
    found: list[str] = []
    for part in parts:
        found += _clauses(part) if part.count(" ") > _LONG_SENTENCE else (part,)
    return found


def _clauses(sentence: str) -> list[str]:
    clauses: list[str] = []
    for piece in _CLAUSE.split(sentence):
        if clauses and (clauses[-1].count(" ") < 4 or piece.count(" ") < 3):
            clauses[-1] = f"{clauses[-1]} {piece.strip()}"
        elif piece.strip():
            clauses.append(piece.strip())
    return clauses


_SUFFIXES = (
    ("isations", "iz"),
    ("izations", "iz"),
    ("isation", "iz"),
    ("ization", "iz"),
    ("ising", "iz"),
    ("izing", "iz"),
    ("ised", "iz"),
    ("ized", "iz"),
    ("ises", "iz"),
    ("izes", "iz"),
    ("ise", "iz"),
    ("ize", "iz"),
    ("isers", "iz"),
    ("izers", "iz"),
    ("iser", "iz"),
    ("izer", "iz"),
    ("ations", ""),
    ("ation", ""),
    ("ings", ""),
    ("ing", ""),
    ("edly", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ions", ""),
    ("ion", ""),
    ("ments", ""),
    ("ment", ""),
    ("ness", ""),
    ("ers", ""),
    ("er", ""),
    ("ed", ""),
    ("ly", ""),
    ("es", ""),
    ("s", ""),
    ("e", ""),
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its common endings; British and American spellings fall together."""
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("our") and len(word) > 5:
        word = word[:-3] + "or"
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            if suffix == "s" and word.endswith(("ss", "us", "is")):
                continue
            word = word[: -len(suffix)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


def edit_distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours from one word to the other; `limit` + 1 if more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        here = [row]
        for column, b in enumerate(right, 1):
            best = min(above[column] + 1, here[column - 1] + 1, above[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                best = min(best, before[column - 2] + 1)
            here.append(best)
        if min(here) > limit:
            return limit + 1
        before, above = above, here
    return above[-1]


class Speller:
    """Corrects misspelt words towards the subject's own, and leaves ordinary English alone."""

    def __init__(self, targets: Mapping[str, int], known: Iterable[str]) -> None:
        """`targets`: words worth correcting to, with how often they occur; `known`: words never touched."""
        self._ordinary = frozenset(known)
        self._known = self._ordinary | frozenset(targets)
        self._targets = targets
        self._by_letter: dict[str, list[str]] = {}
        for word in targets:
            if len(word) >= 3 and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)
        self._memo: dict[str, str] = {}

    def knows(self, word: str) -> bool:
        """The word, or the word without a common ending, is an ordinary one."""
        known = self._ordinary
        if word in self._known or not word.isalpha():
            return True
        for suffix in ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "r"):
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                base = word[: -len(suffix)]
                if base in known or base + "e" in known or (base[-1] == base[-2] and base[:-1] in known):
                    return True
        return False

    def correct(self, words: list[str]) -> list[str]:
        """The words with misspellings replaced by what was most likely meant."""
        fixed, left = [], _MOST_CORRECTIONS
        for word in words:
            if 3 <= len(word) <= 24 and not self.knows(word):
                if word not in self._memo and left > 0:
                    left -= 1
                    if len(self._memo) > 5000:
                        self._memo.clear()
                    self._memo[word] = self._nearest(word)
                word = self._memo.get(word, word)
            fixed.append(word)
        return fixed

    def _nearest(self, word: str) -> str:
        limit = 1 if len(word) <= 5 else 2 if len(word) <= 9 else 3
        letters = set(word)
        best, best_key = word, (limit + 1, 0, 0)
        for first in {word[0], word[1]}:
            for target in self._by_letter.get(first, ()):
                if abs(len(target) - len(word)) > limit or len(letters.symmetric_difference(target)) > 2 * limit:
                    continue
                distance = edit_distance(word, target, limit)
                if distance > limit or (len(word) <= 3 and sorted(word) != sorted(target)):
                    continue
                if first != word[0] and sorted(word[:2]) != sorted(target[:2]):
                    distance += 1
                swapped = sorted(word) == sorted(target)
                key = (distance, -int(swapped), -self._targets[target])
                if key < best_key:
                    best, best_key = target, key
        return best if best_key[0] <= limit else word
