"""Finding the very node that a question words, among all that lessons say learners ask.

The reader says which concept and facet; a concept may have several answers below a facet ("why blend instead of
picking?"), and only the wording tells them apart.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tutor.curriculum.tree import Library, Node
from tutor.understanding.text import fold, sentences, split_words, stem

_EMPTY = frozenset(
    "a an the is are was be been am i you we it its that this these those to of in on for and or but so do does did "
    "can could would should will please me my your tell explain show say give about there then just really like some "
    "any have has had with as at by from not if one s t sure seems".split()
)
CLOSE = 0.6
"""Share of wording in common from which a node is taken to be meant."""
CLOSE_TO_OWN = 0.8
"""The same for the answer that concept and facet find as well."""
ALIKE = 0.9
"""Share from which it is meant whatever else was understood."""
_SHORT = 3
"""Words of a question, below which only a wording that is nearly the same counts: two words say little."""
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their)\b|\b(?:this|that|these|those)\b(?=\W*$|\s+(?:is|are|was|were|for|to|in|from|all)\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)['‘]([^'‘’]+)['’](?!\w)")


@dataclass(frozen=True)
class Match:
    """A node, and how much of its wording the question has."""

    node: Node
    score: float
    canonical: bool
    """It is the concept's own answer for its facet, which concept and facet find without help."""


class Wording:
    """All wordings in a library, weighted so that rare words count more."""

    def __init__(self, library: Library) -> None:
        self._phrasings: list[tuple[frozenset[str], Node, bool, bool]] = []
        for phrasing in library.phrasings():
            stems = stems_of(phrasing.text)
            if stems:
                own_words = phrasing.text in phrasing.node.phrased
                self._phrasings.append((stems, phrasing.node, phrasing.canonical, own_words))
        counts = Counter(stem for stems, *_ in self._phrasings for stem in stems)
        total = len(self._phrasings) or 1
        self._weights = {stem: math.log(1 + total / count) for stem, count in counts.items()}
        self._unknown = math.log(1 + total)
        self._whole = [self._weight(stems) for stems, *_ in self._phrasings]

    def closest(self, question: str) -> Match | None:
        """The node whose wording comes closest to some sentence of the question, or to words that it quotes.

        Between a concept's own answer and one below it the same words mean the one below: they are its only ones.
        """
        best: Match | None = None
        quoted = (found[1] or found[2] for found in _QUOTED.finditer(question))
        for part in dict.fromkeys((question, *sentences(question), *quoted)):
            stems = stems_of(part)
            if not stems:
                continue
            own = self._weight(stems)
            for (phrased, node, canonical, own_words), whole in zip(self._phrasings, self._whole, strict=True):
                shared = stems & phrased
                if len(shared) < 2 and not (own_words and stems == phrased):
                    continue  # a single word is a question only where a lesson says so
                score = 2 * self._weight(shared) / (own + whole)
                if len(stems) < _SHORT and score < ALIKE:
                    continue
                if not best or (score, not canonical) > (best.score, not best.canonical):
                    best = Match(node, score, canonical)
        return best

    def shared(self, question: str) -> Mapping[str, float]:
        """Node id -> share of wording that the question has in common with the likest of its phrasings, 0 to 1."""
        stems = stems_of(question)
        own = self._weight(stems)
        found: dict[str, float] = {}
        for (phrased, node, *_), whole in zip(self._phrasings, self._whole, strict=True):
            common = stems & phrased
            if common:
                score = 2 * self._weight(common) / (own + whole)
                found[node.id] = max(found.get(node.id, 0.0), score)
        return found

    def _weight(self, stems: frozenset[str]) -> float:
        return math.fsum(self._weights.get(each, self._unknown) for each in stems)  # the same in any order


@functools.lru_cache(maxsize=4)
def wording_of(library: Library) -> Wording:
    """The wordings of a library, indexed once for all conversations over it."""
    return Wording(library)


def stems_of(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, without their endings."""
    return frozenset(stem(word) for word in split_words(fold(text)) if word not in _EMPTY)


def resolved(text: str, concept: str) -> str:
    """The text with the concept's name in place of the pronouns that stand for it; '' where it has none."""
    name = concept.replace("-", " ")
    found = _PRONOUN.sub(name, text)
    return found if found != text and name else ""
