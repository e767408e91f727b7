"""Where a conversation stands, and an answer in the making: the two things that every act reads and writes."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Protocol

from tutor.chat import replies
from tutor.chat.memory import Memory
from tutor.chat.quiz import Quiz
from tutor.chat.runs import Runner
from tutor.chat.turn import Offer
from tutor.chat.wording import Wording
from tutor.curriculum.tree import Library, Node, Show
from tutor.experiments.base import Run
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
    concepts: tuple[str, ...] = ()
    """Of the last answer, main one first."""
    facet: str = ""
    history: list[tuple[str, ...]] = field(default_factory=list)
    offers: tuple[Offer, ...] = ()
    """Follow-ups offered last."""
    quiz: Quiz | None = None
    """A question of ours that is still open."""
    samples: int = 0
    """Sentences of ours that have been put in force."""

    @functools.cached_property
    def wording(self) -> Wording:
        """All wordings of the library, indexed when they are first needed."""
        return Wording(self.library)

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
        self.concepts = asked if asked and set(told) <= set(asked) else told
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
