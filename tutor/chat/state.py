"""Where a conversation stands, and an answer in the making: the two things that every act reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tutor.chat import replies
from tutor.chat.memory import Memory
from tutor.chat.quiz import Quiz
from tutor.chat.runs import Runner
from tutor.chat.turn import Offer
from tutor.chat.wording import ALIKE, CLOSE, CLOSE_TO_OWN, Wording, resolved, stems_of, wording_of
from tutor.curriculum.tree import Library, Misconception, Node, Show
from tutor.experiments.base import Run
from tutor.understanding.text import fold, split_words
from tutor.understanding.types import Context, Understood

CERTAIN, SAME, DIFFERING, AGREEING = 0.95, 0.9, 0.82, 0.6
"""Likeness from which a node is meant: whatever facet was read; whatever was read; below a concept that was read; where
its facet was read as well."""
DOUBTFUL = 0.55
"""Likeness below which words in common are a coincidence."""
OWN = 0.1
"""What an answer that concept and facet find as well needs besides."""
_QUESTION_WORDS = frozenset("why what how who when where work mean".split())
SHARED = 0.3
"""What wording in common counts beside likeness in meaning."""


class ReadsTurns(Protocol):
    """Whatever turns text and context into what was asked."""

    def read(self, text: str, context: Context) -> Understood: ...

    def alike(self, text: str) -> Mapping[str, float]: ...


@dataclass
class Draft:
    """An answer in the making."""

    paragraphs: list[str] = field(default_factory=list)
    node: Node | None = None
    belief: Misconception | None = None
    """The belief that it puts right."""
    shows: tuple[Show, ...] = ()
    offers: list[Offer] = field(default_factory=list)
    """Offers that come before the node's own."""
    runs: tuple[Run, ...] = ()
    """Runs that have been made already."""
    small: bool = False
    """Small talk or the state of things, which may be said again; an explanation may not."""
    only_these_offers: bool = False
    other_offers: bool = False
    """Not those of the turn before, where there are others."""
    outside: bool = False
    asks_back: bool = False
    """It asks which of the offers was meant."""
    stays: bool = False
    """The words are what was asked for; where there is no new run, there is none."""
    again: bool = False
    """A run is what was asked for, though it be the one that was shown."""
    unpictured: tuple[str, ...] = ()
    whole: bool = False
    """Its pictures are drawn whole: all the steps were asked for."""
    command: str = ""
    leave: bool = False


@dataclass
class State:
    """Everything that has been established so far."""

    library: Library
    reader: ReadsTurns
    runner: Runner
    sentence: str
    """The example sentence in force."""
    memory: Memory = field(default_factory=Memory)
    live: bool = True
    """Experiments may be run."""
    last_node: Node | None = None
    last_belief: Misconception | None = None
    """The belief that the last answer put right."""
    last_run: Run | None = None
    """What was shown last."""
    concepts: tuple[str, ...] = ()
    """Of the last answer, main one first."""
    facet: str = ""
    history: list[tuple[str, ...]] = field(default_factory=list)
    offers: tuple[Offer, ...] = ()
    """Follow-ups offered last."""
    asked_back: bool = False
    """The last turn asked which of the offers was meant."""
    quiz: Quiz | None = None
    """A question of ours that is still open."""
    samples: int = 0
    """Sentences of ours that have been put in force."""

    @property
    def wording(self) -> Wording:
        """All wordings of the library, indexed when they are first needed."""
        return wording_of(self.library)

    def meant(self, text: str, understood: Understood) -> Node | None:
        """The very node that the text asks for, where that says more than the concepts and the facet that were read."""
        if self._is_bare(text):
            return None
        likeness = self._likeness(text)
        worded = self._worded(text, understood)
        if worded and likeness.get(worded.id, DOUBTFUL) >= DOUBTFUL:
            return worded
        return self._alike(text, understood, likeness) or worded

    def _is_bare(self, text: str) -> bool:
        """'Why attention?': a name and a question word, which ask for that concept's own answer and no other."""
        left = stems_of(text) - _QUESTION_WORDS
        for concept in self.named_in(text):
            left -= {stem for name in self.library.concepts[concept].names for stem in stems_of(name)}
        return not left

    def _likeness(self, text: str) -> Mapping[str, float]:
        """Node id -> how like the text is to a phrasing of that node, in meaning above all and in words."""
        if len(stems_of(text)) < 2:
            return {}
        shared = self.wording.shared(text)
        return {name: cosine + SHARED * shared.get(name, 0.0) for name, cosine in self.reader.alike(text).items()}

    def _alike(self, text: str, understood: Understood, likeness: Mapping[str, float]) -> Node | None:
        """The node that is most like the text, above all of the concepts that were read."""
        concepts, named = understood.concepts, self.named_in(text)
        spoken_of = {*concepts[:2], *self.concepts[:1]}
        chosen, top = None, 0.0
        for name, score in likeness.items():
            node = self.library.nodes[name]
            own = name == f"{node.concept}.{node.facet}"
            agrees = node.facet == understood.facet
            if node.other and not {node.concept, node.other} <= named | spoken_of:
                continue
            if named - {node.concept, node.other} and node.concept not in concepts[:1]:
                continue  # it leaves out something that the text is about
            if own and not agrees and score < CERTAIN:
                continue  # which facet of a concept is meant, the reader tells better
            needed = SAME
            if node.concept in spoken_of:
                needed = AGREEING + (0.0 if not own and not node.other else OWN) if agrees else DIFFERING
            if score >= needed and score > top:
                chosen, top = node, score
        return chosen

    def _worded(self, text: str, understood: Understood) -> Node | None:
        """The node that the text words as a lesson does.

        A pronoun stands for the last answer's concept, where a lesson on that words the question so.
        """
        named = resolved(fold(text), self.concepts[0]) if self.concepts else ""
        match = self.wording.closest(named) if named else None
        if match and match.node.concept == self.concepts[0] and not match.node.other:
            if match.score >= CLOSE_TO_OWN and not self.memory.was_told(match.node.id):
                return match.node
        match = self.wording.closest(text)
        if match and match.node.other and match.score >= ALIKE:
            return match.node
        if not match or match.node.other or match.score < (CLOSE_TO_OWN if match.canonical else CLOSE):
            return None
        if match.canonical:  # a concept's own answer goes by concept and facet, unless nearly its words were used
            agrees = match.node.facet == understood.facet or match.score >= ALIKE
            return match.node if agrees and match.node.concept in understood.concepts[:2] else None
        return match.node if match.score >= ALIKE or match.node.concept in understood.concepts else None

    def worded_in(self, text: str) -> Node | None:
        """The node that the text words nearly as a lesson does, whatever else was understood."""
        match = self.wording.closest(text)
        return match.node if match and match.score >= ALIKE else None

    def named_in(self, text: str) -> set[str]:
        """Concepts whose names stand in the text."""
        folded = f" {' '.join(split_words(fold(text)))} "
        return {
            concept.id
            for concept in self.library.concepts.values()
            if any(f" {name.casefold()} " in folded for name in concept.names)
        }

    @property
    def context(self) -> Context:
        """What has been established so far, for the reader."""
        return Context(
            concepts=self.concepts,
            facet=self.facet,
            node=self.last_node.id if self.last_node else "",
            offered=tuple(offer.text for offer in self.offers),
            offered_nodes=tuple(offer.node for offer in self.offers),
            history=tuple(self.history),
            sentence=self.sentence,
        )

    def remember(self, understood: Understood, node: Node | None) -> None:
        """Take in which node was told; without one, what was spoken of before stays."""
        if not node:
            return
        self.last_node = node
        told = tuple(concept for concept in (node.concept, node.other) if concept)
        named = {clue.speaks_for for clue in understood.clues}
        asked = tuple(concept for concept in understood.concepts if concept in named)  # the others are guesses
        self.concepts = tuple(dict.fromkeys((*told, *asked))) if set(told) <= set(asked) else told
        self.facet = node.facet
        self.history.append(self.concepts)

    def own_sentence(self, among: Sequence[str] = replies.SAMPLES) -> None:
        """Put a sentence of ours in force, another one each time."""
        self.sentence = among[self.samples % len(among)]
        self.samples += 1

    def title(self, concept: str) -> str:
        """The concept's title as it stands inside a sentence."""
        found = self.library.concepts.get(concept)
        return found.title.lower() if found and not found.title.isupper() else (found.title if found else concept)
