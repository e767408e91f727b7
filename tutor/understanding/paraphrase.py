"""How like the known phrasings a question is: words, word pairs and word classes, weighted by rarity."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tutor.understanding.text import stem

_REACH = 3
"""Content words this far apart still make a pair."""
_PAIR_WEIGHT = 0.4
_CLASS_WEIGHT = 0.7
FOREIGN = "out_of_scope"
"""The pseudo-concept of phrasings that this tutor does not teach."""


@dataclass(frozen=True)
class Likeness:
    """What the phrasings say about one text."""

    concepts: Mapping[str, float]
    """Concept -> 0 to about 1."""
    facets: Mapping[tuple[str, str], float]
    """(concept, facet) -> how strongly phrasings of that kind resemble the text."""
    nearest: tuple[tuple[float, str, str], ...]
    """The nearest phrasings: likeness, text, concept."""
    coverage: float
    """Share of the text's content that any known phrasing uses, by weight."""


class Phrasings:
    """Example questions, indexed by their features."""

    def __init__(self, classes: Mapping[str, tuple[str, ...]], stop: frozenset[str]) -> None:
        self._stop = stop
        self._classes: dict[str, tuple[str, ...]] = {}
        grouped: defaultdict[str, list[str]] = defaultdict(list)
        for name, members in classes.items():
            for member in members:
                grouped[stem(member)].append("@" + name)
        self._classes = {key: tuple(dict.fromkeys(tags)) for key, tags in grouped.items()}
        self._examples: list[tuple[str, str, str]] = []
        self._features: list[list[str]] = []
        self._idf: dict[str, float] = {}
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._belongs: dict[str, list[tuple[str, float]]] = {}
        self._unseen = 1.0

    def __len__(self) -> int:
        return len(self._examples)

    def tags(self, words: Sequence[str]) -> frozenset[str]:
        """Every stem of the text, stop words included, and every class."""
        stems = {stem(word) for word in words}
        return frozenset(stems).union(*(self._classes.get(one, ()) for one in stems))

    def features(self, words: Sequence[str]) -> list[str]:
        """Stems of content words, pairs of neighbouring ones, and the classes they belong to."""
        stems = [stem(word) for word in words if word not in self._stop]
        found = list(stems)
        kinds = [self._classes.get(one, (one,)) for one in stems]
        for at, kind in enumerate(kinds):
            if kind[0][0] == "@":
                found += kind
            for later in kinds[at + 1 : at + 1 + _REACH]:
                a, b = kind[0], later[0]
                found.append(f"{a} {b}" if a < b else f"{b} {a}")
        return list(dict.fromkeys(found))

    def add(self, words: Sequence[str], text: str, concept: str, facet: str) -> None:
        """Learn one phrasing."""
        features = self.features(words)
        if features:
            self._examples.append((text, concept, facet))
            self._features.append(features)

    def train(self) -> None:
        """Weigh the features; call once, after the last `add`."""
        count: defaultdict[str, int] = defaultdict(int)
        by_concept: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (_, concept, _), features in zip(self._examples, self._features, strict=True):
            for feature in features:
                count[feature] += 1
                by_concept[feature][concept] += 1
        total = len(self._examples) + 1
        for feature, n in count.items():
            weight = math.log(total / n)
            self._idf[feature] = weight * (
                _PAIR_WEIGHT if " " in feature else _CLASS_WEIGHT if feature[0] == "@" else 1.0
            )
        self._unseen = 0.8 * math.log(total)
        postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, features in enumerate(self._features):
            norm = math.sqrt(sum(self._idf[feature] ** 2 for feature in features)) or 1.0
            for feature in features:
                postings[feature].append((index, self._idf[feature] / norm))
        self._postings = dict(postings)
        for feature, concepts in by_concept.items():
            n = count[feature]
            self._belongs[feature] = [(concept, k / (n + 1.5)) for concept, k in concepts.items()]
        self._features = []

    def like(self, words: Sequence[str]) -> Likeness:
        """Compare a text with every phrasing."""
        features = self.features(words)
        if not features:
            return Likeness({}, {}, (), 0.0)
        weights = {feature: self._idf[feature] for feature in features if feature in self._idf}
        plain = [feature for feature in features if " " not in feature and feature[0] != "@"]
        seen = sum(self._idf.get(feature, 0.0) for feature in plain)
        unseen = sum(self._unseen for feature in plain if feature not in self._idf)
        norm = math.sqrt(sum(w * w for w in weights.values()) + 0.35 * self._unseen * unseen) or 1.0
        cosine: defaultdict[int, float] = defaultdict(float)
        belongs: defaultdict[str, float] = defaultdict(float)
        for feature, weight in weights.items():
            for index, other in self._postings[feature]:
                cosine[index] += weight * other
            for concept, share in self._belongs[feature]:
                belongs[concept] += weight * share
        ranked = sorted(((value / norm, index) for index, value in cosine.items()), reverse=True)[:24]
        top: defaultdict[str, list[float]] = defaultdict(list)
        facets: defaultdict[tuple[str, str], float] = defaultdict(float)
        for value, index in ranked:
            _, concept, facet = self._examples[index]
            top[concept].append(value)
            facets[concept, facet] += value * value
        concepts: dict[str, float] = {}
        for concept in set(top) | set(belongs):
            values = top.get(concept, [])
            near = (0.65 * values[0] + 0.35 * sum(values[:3]) / 3) if values else 0.0
            concepts[concept] = 0.6 * near + 0.55 * belongs.get(concept, 0.0) / norm / math.sqrt(len(weights) + 1)
        nearest = tuple((v, self._examples[i][0], self._examples[i][1]) for v, i in ranked[:5])
        return Likeness(concepts, dict(facets), nearest, seen / (seen + unseen or 1.0))
