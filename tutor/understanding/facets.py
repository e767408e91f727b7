"""Which kind of answer a turn asks for."""

from __future__ import annotations

from collections.abc import Mapping

from tutor.understanding.knowledge import Knowledge, Turn
from tutor.understanding.naming import blanked
from tutor.understanding.patterns import BARE_REQUEST, INHERITS, POLITE, PRONOUN, WANTS_WHY
from tutor.understanding.text import Segment
from tutor.understanding.types import Context

BOTH_FACETS = ("compare", "relation")


class Facets(Knowledge):
    """The reading of the facet."""

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

    def _facet(self, facets: Mapping[str, float], text: Turn, context: Context, follow: bool, two: bool) -> str:
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
