"""Weak evidence: words, alone or together, that hint at a concept without naming it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tutor.understanding.text import stem

_STRENGTH = {1: 0.16, 2: 0.3, 3: 0.42}
_CAP = 0.75


class Hints:
    """Hints indexed by their first word."""

    def __init__(self, hints: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        owners: defaultdict[frozenset[str], set[str]] = defaultdict(set)
        for concept, words in hints:
            owners[frozenset(word if word[0] == "@" else stem(word) for word in words)].add(concept)
        self._by_word: defaultdict[str, list[tuple[frozenset[str], tuple[str, ...], float]]] = defaultdict(list)
        for key, concepts in owners.items():
            strength = _STRENGTH.get(len(key), 0.45) / len(concepts) ** 0.5
            first = min(key, key=lambda word: (word[0] == "@", -len(word)))
            self._by_word[first].append((key, tuple(sorted(concepts)), strength))

    def score(self, tags: frozenset[str]) -> tuple[dict[str, float], dict[str, str]]:
        """Concept -> evidence up to a cap, and the words that gave the most of it."""
        found: defaultdict[str, list[tuple[float, frozenset[str]]]] = defaultdict(list)
        for tag in tags:
            for key, concepts, strength in self._by_word.get(tag, ()):
                if key <= tags:
                    for concept in concepts:
                        found[concept].append((strength, key))
        scores: dict[str, float] = {}
        words: dict[str, str] = {}
        for concept, evidence in found.items():
            total, used = 0.0, frozenset[str]()
            for strength, key in sorted(evidence, key=lambda item: (-item[0], sorted(item[1]))):
                new = len(key - used) / len(key)
                total += strength * (0.3 + 0.7 * new)
                used |= key
            scores[concept] = min(_CAP, total)
            best = max(evidence, key=lambda item: (item[0], sorted(item[1])))
            words[concept] = " ".join(sorted(word.lstrip("@") for word in best[1]))
        return scores, words
