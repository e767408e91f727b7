"""Which kind of answer a turn asks for."""

from __future__ import annotations

from collections.abc import Mapping

from tutor.understanding.knowledge import Knowledge, Turn
from tutor.understanding.naming import blanked
from tutor.understanding.patterns import BARE_REQUEST, INHERITS, POLITE, PRONOUN, WANTS_WHY
from tutor.understanding.text import Segment
from tutor.understanding.types import Context

BOTH_FACETS = ("compare", "relation")


_WORDED, _CUED = 0.5, 0.8
"""What the reading of the words and a cue count beside the encoder's reading, in nats."""


class Facets(Knowledge):
    """The reading of the facet."""

    def _facet_scores(self, text: Turn, follow: bool, told: str) -> tuple[dict[str, float], dict[str, str]]:
        """How much speaks for each facet, in nats, and the words that were cues."""
        features, clues = self._facet_features(text, follow)
        words = self._model.heads["facets"].logs(features)
        return {
            facet: value + _WORDED * words[facet] + _CUED * features.get("q:" + facet, 0.0)
            for facet, value in self._encoder.read(text.corrected, told)["facets"].items()
        }, clues

    def facet_features(self, text: Turn, follow: bool) -> dict[str, float]:
        """What the reading of the facet looks at."""
        return self._facet_features(text, follow)[0]

    def _facet_features(self, text: Turn, follow: bool) -> tuple[dict[str, float], dict[str, str]]:
        found: dict[str, float] = {}
        clues: dict[str, str] = {}
        weights = self._weigh(text)
        focus = max(weights, key=lambda item: item[1])[0]
        for segment, _ in weights:
            if segment is not focus and not segment.asks:
                continue
            share = 1.0 if segment is focus else 0.4
            cues, words, masked = self._cues(segment, follow, len(weights))
            clues |= {facet: word for facet, word in words.items() if facet not in clues or segment is focus}
            features = self._features.facets(segment.words, masked, cues, masked.split().count("@"), follow)
            for name, value in features.items():
                found[name] = max(found.get(name, 0.0), share * value)
        return found, clues

    def _cues(self, segment: Segment, follow: bool, segments: int) -> tuple[dict[str, float], dict[str, str], str]:
        cues: dict[str, float] = {}
        words: dict[str, str] = {}
        masked = blanked(segment.words, self._names.find(segment.words))
        if follow or (segments > 1 and len(segment.words) <= 10):
            masked = PRONOUN.sub("@", masked)
        for cue in self._lexicon.cues:
            match = cue.pattern.search(masked)
            if not match and cue.facet not in BOTH_FACETS:
                match = cue.pattern.search(segment.text)
            if match and cue.weight > cues.get(cue.facet, 0.0):
                cues[cue.facet] = cue.weight
                words[cue.facet] = match.group(0)
        return cues, words, masked

    def _facet(self, facets: Mapping[str, float], text: Turn, context: Context, follow: bool) -> str:
        two = len({hit.concept for hit in self._strong(text.hits)}) > 1
        two = two or (follow and context.facet in BOTH_FACETS and len(context.concepts) > 1)
        if WANTS_WHY.search(text.joined):
            return "why"
        if not two and BARE_REQUEST.match(POLITE.sub("", text.joined)):
            return "what"
        best = max(facets.items(), key=lambda item: item[1])[0]
        if not (follow and context.facet and INHERITS.match(text.joined)):
            return best
        if two and context.facet in BOTH_FACETS and not text.hits:
            return context.facet
        if len(text.words) <= 8 and best == "what":
            return context.facet if context.facet not in BOTH_FACETS or two else "what"
        return best
