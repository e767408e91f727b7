"""Which concepts a turn asks about."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tutor.understanding.knowledge import Knowledge, Turn
from tutor.understanding.naming import CONTAINERS
from tutor.understanding.patterns import ANAPHORA, ECHO, ELLIPSIS, INHERITS, TOGETHER
from tutor.understanding.types import Context

_WORDED, _NAMED = 0.5, 2.0
"""What the reading of the words and a name count beside the encoder's reading, in nats."""
_WORDED_AFTER, _NAMED_AFTER = 0.1, 1.0
"""The same in a follow-up, of which only the encoder knows what it follows."""
_CALLED = 3.0
"""What a name counts where the words alone decide, in nats."""
_ALIKE = 2.0
"""What a phrasing that was not trained on counts."""
_FLOOR = -6.0
_VAGUE = 0.5
"""What is left of a name that means other things too, in a question with no better one."""


class Concepts(Knowledge):
    """The reading of what a question is about."""

    def concept_features(self, text: Turn, follow: bool = False) -> dict[str, float]:
        found: dict[str, float] = {}
        weights = self._weigh(text)
        focus = max(weights, key=lambda item: item[1])[0]
        for segment, share in weights:
            hinted, _ = self._hints.score(self._phrasings.tags(segment.words))
            hits = list(text.hits) if len(weights) == 1 else self._names.find(segment.words)
            words = segment.words
            if any(hit.weight >= 0.8 and not hit.place for hit in text.hits):
                beside = {n for h in hits if h.place and h.concept in CONTAINERS for n in range(h.start, h.end)}
                if beside:
                    words = tuple(word for n, word in enumerate(words) if n not in beside)
                    hits = [hit for hit in hits if not (hit.place and hit.concept in CONTAINERS)]
            for name, value in self._features.concepts(words, hits, hinted).items():
                if segment is not focus and name[0] == "n":
                    name = "o" + name
                found[name] = max(found.get(name, 0.0), share * value)
        return found

    def _concept_scores(self, text: Turn, told: str = "") -> dict[str, float]:
        """How much speaks for each concept, in nats; `out_of_scope` is among them. `told`: what the turn follows."""
        worded, named = (_WORDED_AFTER, _NAMED_AFTER) if told else (_WORDED, _NAMED)
        words = self._model.heads["concepts"].logs(self.concept_features(text))
        scores = {
            concept: max(_FLOOR, value + worded * words.get(concept, _FLOOR))
            for concept, value in self._encoder.read(text.corrected, told)["concepts"].items()
        }
        if self._phrasings:
            for concept, value in self._phrasings.like(text.words).concepts.items():
                scores[concept] = scores.get(concept, _FLOOR) + _ALIKE * value
        for concept, value in self._name_scores(text).items():
            # One that was never trained on has nothing but its name to speak for it.
            scores[concept] = scores.get(concept, 0.0) + named * value
        return scores

    def _name_scores(self, text: Turn) -> dict[str, float]:
        best: defaultdict[str, float] = defaultdict(float)
        if not text.hits:
            return {}
        free = [hit for hit in text.hits if not hit.place and hit.weight >= 0.6]
        special = any(hit.weight >= 0.8 and hit.concept not in CONTAINERS for hit in text.hits if not hit.place)
        start, spans = 0, []
        for segment, weight in self._weigh(text):
            spans.append((start, start + len(segment.words), weight))
            start += len(segment.words)
        count: Counter[str] = Counter()
        for position, hit in enumerate(text.hits):
            weight = hit.weight if hit.weight >= 0.9 else hit.weight**2
            if not special and hit.weight < 0.9 and len(text.words) > 6:
                weight *= _VAGUE
            if hit.place and (free or hit.concept in CONTAINERS):
                weight *= 0.5 if hit.concept in CONTAINERS else 0.75
            elif special and hit.concept in CONTAINERS:
                weight *= 0.8
            if hit.focus:
                weight += 0.3
            if any(w in ("it", "this", "that") for w in text.words[max(0, hit.start - 4) : hit.start]):
                weight *= 0.85
            weight *= next((w for a, b, w in spans if a <= hit.start < b), 1.0)
            weight -= 0.03 * min(position, 5)
            weight += 0.04 * (hit.end - hit.start - 1)
            count[hit.concept] += 1
            best[hit.concept] = max(best[hit.concept], weight)
        for concept, n in count.items():
            best[concept] += 0.04 * min(n - 1, 3)
        return dict(best)

    def _leans_on_context(self, text: Turn) -> bool:
        strong = self._strong(text.hits)
        n = len(text.words)
        anaphora = bool(ANAPHORA.search(text.joined))
        if ECHO.match(text.joined):
            return True
        if strong and not anaphora:
            return n <= 6 and not INHERITS.match(text.joined)
        if n <= 5:
            return True
        if anaphora and n <= 16:
            return True
        if ELLIPSIS.match(text.joined) and n <= 12:
            return True
        return n <= 9 and not self._names_one(text)

    def _spoken_of(self, text: Turn, context: Context) -> tuple[str, ...]:
        """What a follow-up follows: 'the two' are those of the last two answers."""
        if len(context.concepts) == 1 and context.history and TOGETHER.search(text.joined):
            return (*context.history[-1][:1], *context.concepts)
        return context.concepts

    def _names_one(self, text: Turn) -> bool:
        """The words alone, without what was said before, speak for one concept."""
        scores = self._model.heads["concepts"].logs(self.concept_features(text))
        for concept, value in self._name_scores(text).items():
            scores[concept] = scores.get(concept, _FLOOR) + _CALLED * value
        return max(chances_of(scores).values()) >= 0.5


def told_before(concepts: Sequence[str]) -> str:
    """What the last answer was about, as the encoder reads it."""
    return " and ".join(concept.replace("-", " ") for concept in concepts[:2])


def chances_of(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values(), default=0.0)
    weights = {concept: math.exp(value - top) for concept, value in scores.items()}
    whole = sum(weights.values()) or 1.0
    return {concept: weight / whole for concept, weight in weights.items()}
