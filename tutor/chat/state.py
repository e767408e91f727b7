"""Where a conversation stands, and an answer in the making: the two things that every act reads and writes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tutor.chat import replies
from tutor.chat.memory import Memory
from tutor.chat.quiz import Quiz
from tutor.chat.runs import Runner
from tutor.chat.turn import Offer
from tutor.chat.wording import ALIKE, CLOSE, CLOSE_TO_OWN, Wording, resolved
from tutor.curriculum.tree import Library, Node, Show
from tutor.experiments.base import Run
from tutor.understanding.text import fold, split_words
from tutor.understanding.types import Context, Understood


class ReadsTurns(Protocol):
    """Whatever turns text and context into what was asked."""

    def read(self, text: str, context: Context) -> Understood: ...


@dataclass
class Draft:
    """An answer in the making."""

    paragraphs: list[str] = field(default_factory=list)
    node: Node | None = None
    shows: tuple[Show, ...] = ()
    offers: list[Offer] = field(default_factory=list)
    """Offers that come before the node's own."""
    on: str = ""
    """A sentence for this answer alone; empty for the one in force."""
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
    """On the sentence in force, or on none."""
    unpictured: tuple[str, ...] = ()
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

    @functools.cached_property
    def wording(self) -> Wording:
        """All wordings of the library, indexed when they are first needed."""
        return Wording(self.library)

    def meant(self, text: str, concepts: Sequence[str]) -> Node | None:
        """The very node that the text words, where that says more than the concepts and the facet that were read.

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
            return match.node if match.node.concept in concepts[:2] else None
        return match.node if match.score >= ALIKE or match.node.concept in concepts else None

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
        asked = understood.concepts
        self.concepts = tuple(dict.fromkeys((*told, *asked))) if set(told) <= set(asked) else told
        self.facet = node.facet
        self.history.append(self.concepts)

    def own_sentence(self) -> None:
        """Put a sentence of ours in force, another one each time."""
        self.sentence = replies.SAMPLES[self.samples % len(replies.SAMPLES)]
        self.samples += 1

    def title(self, concept: str) -> str:
        """The concept's title as it stands inside a sentence."""
        found = self.library.concepts.get(concept)
        return found.title.lower() if found and not found.title.isupper() else (found.title if found else concept)
