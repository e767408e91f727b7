"""Which concepts a turn asks about."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from tutor.understanding.facets import BOTH_FACETS
from tutor.understanding.knowledge import Knowledge, Turn
from tutor.understanding.naming import CONTAINERS
from tutor.understanding.patterns import ANAPHORA, ECHO, ELLIPSIS, INHERITS, PASSING, TOGETHER
from tutor.understanding.types import Context

_NAMED = 3.0
"""What a name counts, in nats of the trained reading."""
_TOLD = 4.5
"""What the concept of the last answer counts in a follow-up."""
_ALIKE = 4.0
"""What a phrasing that was not trained on counts."""
_HELD = 0.8
"""What is left of the trained reading in a follow-up that names nothing."""
_OWN = 0.6
"""How much of the context's weight a clear reading of the turn itself takes away."""
_FLOOR = -5.0
_VAGUE = 0.5
"""What is left of a name that means other things too, in a question with no better one."""
_SETTINGS = frozenset({"neural-network", "transformer", "language-model"})
"""Concepts that, after a preposition, only say where: 'in neural networks'."""


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

    def _concept_scores(self, text: Turn) -> dict[str, float]:
        """How much speaks for each concept, in nats; `out_of_scope` is among them."""
        scores = {
            concept: max(_FLOOR, value)
            for concept, value in self._model.heads["concepts"].logs(self.concept_features(text)).items()
        }
        if self._phrasings:
            for concept, value in self._phrasings.like(text.words).concepts.items():
                scores[concept] = scores.get(concept, _FLOOR) + _ALIKE * value
        for concept, value in self._name_scores(text).items():
            scores[concept] = scores.get(concept, _FLOOR + 2) + _NAMED * value
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

    def _pair(self, text: Turn, context: Context, follow: bool) -> tuple[str, ...]:
        """The two concepts that a comparison or relation is between, in the order named."""
        best: dict[str, tuple[float, int]] = {}
        for hit in text.hits:
            if hit.place and hit.concept in CONTAINERS and (len(text.hits) > 2 or hit.concept in _SETTINGS):
                continue
            if hit.weight >= 0.5 and hit.weight > best.get(hit.concept, (0.0, 0))[0]:
                best[hit.concept] = (hit.weight, hit.start)
        starts: dict[int, str] = {}
        for concept, (weight, start) in best.items():
            if start not in starts or weight > best[starts[start]][0]:
                starts[start] = concept
        named = sorted(starts.values(), key=lambda concept: -best[concept][0])
        chosen = sorted(named[:2], key=lambda concept: best[concept][1])
        if {"weights", "attention"} <= best.keys():
            chosen = ["weights", "attention-weights"]
        if "attention-weights" in chosen and "attention-as-explanation" in best:
            chosen[chosen.index("attention-weights")] = "attention-as-explanation"
            chosen = list(dict.fromkeys(chosen))
            chosen += [concept for concept in named if concept not in chosen][: 2 - len(chosen)]
        if len(chosen) < 2 and follow and context.concepts:
            chosen = list(dict.fromkeys((context.concepts[0], *chosen)))[:2]
            if len(chosen) < 2 and len(context.concepts) > 1 and context.facet in BOTH_FACETS:
                chosen = list(context.concepts[:2])
        return tuple(chosen)

    def _both_halves(self, text: Turn, context: Context, order: list[str], follow: bool) -> list[str]:
        """Encoder and decoder asked about together: their union, or the link between them."""
        named = {hit.concept for hit in text.hits}
        if follow and TOGETHER.search(text.joined):
            named |= set(context.concepts[:2])
            named |= set(context.history[-1][:2]) if context.history else set()
        if not {"encoder", "decoder"} <= named or "encoder-decoder" in order[:1]:
            return order
        first = ["encoder-decoder"]
        if PASSING.search(text.joined):
            first = ["cross-attention", "encoder-decoder"]
        return [*first, *(concept for concept in order if concept not in first)]

    def _leans_on_context(self, text: Turn, scores: Mapping[str, float]) -> bool:
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
        return n <= 9 and max(chances_of(scores).values(), default=0.0) < 0.5

    def _lean(self, text: Turn, context: Context, scores: dict[str, float], corrected: bool) -> None:
        strong = self._strong(text.hits)
        named = {hit.concept for hit in strong}
        own = max((v for c, v in chances_of(scores).items() if c not in context.concepts), default=0.0)
        content = [word for word in text.words if word not in self._lexicon.stop]
        if not strong and len(content) < 2:
            for concept in scores:
                scores[concept] *= _HELD
            own = 0.0
        elif not strong and own < 0.3:
            own = -0.7
        if corrected:
            for concept in context.concepts[:1]:
                if concept not in named:
                    scores[concept] = scores.get(concept, _FLOOR) - 3.0
            return
        bonus = 0.45 if not strong else 0.25
        if ECHO.match(text.joined):
            bonus = 0.9
        if not strong and re.search(r"\b(it|its|that|this|they|them|those|these)\b", text.joined):
            bonus = 0.6
        if not strong and len(text.words) <= 4:
            bonus += 0.2
        bonus *= _TOLD * (1.0 - _OWN * own)
        for position, concept in enumerate(context.concepts[:2]):
            scores[concept] = scores.get(concept, _FLOOR) + bonus * (1.0 if position == 0 else 0.45)


def chances_of(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values(), default=0.0)
    weights = {concept: math.exp(value - top) for concept, value in scores.items()}
    whole = sum(weights.values()) or 1.0
    return {concept: weight / whole for concept, weight in weights.items()}
