"""Reads one turn: acts, facet, concepts and sentence, found separately so that they combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tutor.understanding.acts import Acts
from tutor.understanding.concepts import Concepts, chances_of, told_before
from tutor.understanding.facets import BOTH_FACETS, Facets
from tutor.understanding.knowledge import Turn
from tutor.understanding.paraphrase import FOREIGN
from tutor.understanding.patterns import (
    ANAPHORA,
    ASKING,
    ELLIPSIS,
    ENGLISH,
    LEANS,
    OF_A_MIND,
    OTHER_TONGUE,
    UNREAD,
)
from tutor.understanding.text import fold
from tutor.understanding.types import Clue, Context, Guess, Understood

_FLOOR = -6.0
_OF_ANOTHER = 6.0
"""What words of another trade count against everything taught, in nats."""
_SPOKEN_OF = 0.001
"""A comparison is with nothing less likely to be spoken of: better one thing alone than one that nobody named."""
_BABBLE = 5
"""Words up to which a turn that says nothing is not read as a question about something else."""
_MATHS = frozenset("αβγδεζηθικλμνξπρστυφχψωΔΣΠΩΘΛΦ∑∂∇ᵀₖᵢⱼ₁₂")


class Reader(Acts, Concepts, Facets):
    """Turns what a learner typed into what was asked."""

    def read(self, text: str, context: Context | None = None) -> Understood:
        """What one turn asks, given what the conversation has established."""
        context = context or Context()
        prepared = self.prepare(text)
        if not prepared.words:
            return Understood(act="menu", confidence=0.0)
        picked = self._pick(prepared, context)
        if picked:
            return picked
        sentence = self._sentence_given(prepared)
        if sentence:
            rest = prepared.raw.replace(sentence, " ")
            outer = self.prepare(rest)
            if outer.asks and not self._strong(outer.hits) and not context.concepts and len(outer.words) > 6:
                return self._question(prepared, context)
            if not self._strong(outer.hits) and not self._wants_more(outer):
                return Understood(
                    act="set_sentence", sentence=sentence, confidence=0.9, clues=(Clue(sentence[:60], "sentence"),)
                )
            understood = self.read(rest, context)
            act = "example_request" if understood.act in ("out_of_scope", "set_sentence", "menu") else understood.act
            return _with(understood, act=act, sentence=sentence)
        act = self._act(prepared, context)
        everyday = act in ("", "feedback") and self._is_everyday(prepared)
        if act and not everyday:
            return self._as_act(act, prepared, context)
        if everyday or self._is_sentence(prepared, context):
            return Understood(
                act="set_sentence", sentence=text.strip(), confidence=0.6, clues=(Clue(text.strip()[:60], "sentence"),)
            )
        return self._question(prepared, context)

    def _question(self, text: Turn, context: Context) -> Understood:
        if self.in_another_tongue(text.raw):
            return _unread(text)
        follow = bool(context.concepts) and self._leans_on_context(text)
        told = told_before(self._spoken_of(text, context)) if follow else ""
        scores = self._concept_scores(text, told)
        facets, facet_clues = self._facet_scores(text, follow, told)
        if not self._strong(text.hits) and not facet_clues and self._says_nothing(text):
            if not ENGLISH.search(text.joined):
                return _unread(text)
            follow = False
        if (not follow and self._foreign(text, scores)) or OF_A_MIND.search(text.joined):
            nearest = sorted(chances_of(scores).items(), key=lambda item: -item[1])[:4]
            return Understood(
                act="out_of_scope",
                confidence=0.8,
                guesses=tuple(Guess(c, "what", round(s, 3)) for c, s in nearest if c != FOREIGN),
                clues=self._foreign_clues(text),
            )
        scores.pop(FOREIGN, None)
        chances = chances_of(scores)
        facet = self._facet(facets, text, context, follow)
        order = sorted(chances, key=lambda concept: (-chances[concept], concept))
        top, second = (chances[concept] for concept in order[:2])
        if facet in BOTH_FACETS:
            spoken_of = {hit.concept for hit in text.hits} | set(context.concepts if follow else ())
            order = [c for c in order if c in spoken_of or chances[c] >= _SPOKEN_OF]
        sure = bool(self._strong(text.hits)) or follow
        guesses = tuple(Guess(c, facet, round(chances[c], 3)) for c in order[1:4])
        belief, _ = self._belief(text)
        return Understood(
            act="question",
            concepts=tuple(order[:5]),
            facet=facet,
            confidence=round(max(0.05, min(0.99, top)), 3),
            misconception=belief,
            guesses=guesses,
            clues=self._clues(text, order[0], facet, facet_clues, follow),
            unsure=not sure and top < 0.4 and second > 0.7 * top,
        )

    def in_another_tongue(self, raw: str) -> bool:
        """The text is in no English: in letters of another script, or in another language's little words."""
        letters = [c for c in raw if c.isalpha()]
        if letters and sum(c > "\u024f" and c not in _MATHS for c in letters) > len(letters) / 2:
            return True
        folded = fold(raw)
        theirs = len(OTHER_TONGUE.findall(folded))
        unheard = sum(not self._speller.knows(word) for word in self._plain(raw))
        return theirs > len(ENGLISH.findall(folded)) and theirs + unheard > 1

    def _says_nothing(self, text: Turn) -> bool:
        """Words that neither ask, nor lean on what was said, nor belong to the subject."""
        joined = text.joined
        if ASKING.match(joined) or ANAPHORA.search(joined) or ELLIPSIS.match(joined) or LEANS.search(joined):
            return False
        if len(text.words) > _BABBLE:
            return False
        unheard = not any(self._speller.knows(word) for word in self._plain(text.raw))
        return unheard or self._foreign(text, self._concept_scores(text, ""))

    def _foreign(self, text: Turn, scores: Mapping[str, float]) -> bool:
        if self._misplaced(text):
            return True
        best = max((value for concept, value in scores.items() if concept != FOREIGN), default=_FLOOR)
        return scores.get(FOREIGN, _FLOOR) + _OF_ANOTHER * self._of_another_trade(text) > best

    def _of_another_trade(self, text: Turn) -> bool:
        """The name of something that is not taught, as what is asked about."""
        focus = max(self._weigh(text), key=lambda item: item[1])[0]
        other = self._foreign_names.find(focus.words)
        if other:
            strong = self._strong(self._names.find(focus.words))
            inner = [hit for hit in strong if not any(o.start <= hit.start < o.end for o in other)]
            free = [hit for hit in inner if not hit.place and hit.weight >= 0.9]
            return not free or other[0].start < free[0].start
        return bool(self._foreign_words(text)) and {hit.concept for hit in self._strong(text.hits)} == {"training"}

    def _foreign_clues(self, text: Turn) -> tuple[Clue, ...]:
        words = [hit.words for hit in self._foreign_names.find(text.words)] + self._foreign_words(text)
        return tuple(Clue(word, "out_of_scope") for word in dict.fromkeys(words))[:4]

    def _clues(
        self, text: Turn, concept: str, facet: str, facet_clues: Mapping[str, str], follow: bool
    ) -> tuple[Clue, ...]:
        clues = [Clue(hit.words, hit.concept) for hit in text.hits if hit.weight >= 0.4]
        if not self._strong(text.hits):
            spoke = self._model.heads["concepts"].why(self.concept_features(text), concept)
            words = dict.fromkeys(word for name in spoke if name[:2] in ("s:", "b:", "p:") for word in name[2:].split())
            if words:
                clues.append(Clue(" ".join(words), concept))
        if facet in facet_clues:
            clues.append(Clue(facet_clues[facet], facet))
        if follow:
            clues.append(Clue("what was said before", "context"))
        return tuple(dict.fromkeys(clues))[:8]


def _with(understood: Understood, *, act: str, sentence: str) -> Understood:
    facet = understood.facet or ("example" if act == "example_request" else "")
    return replace(understood, act=act, sentence=sentence, facet=facet)


def _unread(text: Turn) -> Understood:
    return Understood(act="out_of_scope", confidence=0.8, clues=(Clue(text.raw.strip()[:60], UNREAD),))
