"""The typed form of a lesson: what the YAML says, checked and with its places remembered.

Plain frozen dataclasses; no YAML, no torch, no rich. `where` is 'file:line', for messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

FACETS = ("what", "why", "how", "example", "math", "history", "compare", "relation", "uses", "limits", "code")
FLOORS = ("definition", "theorem", "open question")


@dataclass(frozen=True)
class Branch:
    """One way a run can come out: the first whose `when` holds is said."""

    when: str
    """A condition on the result's fields; empty for the otherwise-branch, which comes last."""
    say: str
    """Text with {field} or {field:.2f}; fields of the result dataclass, nothing else."""


@dataclass(frozen=True)
class Show:
    """The experiment that shows a claim, with its options."""

    experiment: str
    options: Mapping[str, Any] = field(default_factory=dict)
    narrate: tuple[Branch, ...] = ()
    """How it is told; empty: as the experiment's own narration tells it."""


@dataclass(frozen=True)
class Analogy:
    """A picture, and where it stops being true."""

    say: str
    breaks: str


@dataclass(frozen=True)
class Misconception:
    """A wrong belief, how learners word it, and what is true."""

    belief: str
    phrased: tuple[str, ...]
    refute: str
    show: Show | None
    where: str
    simpler: tuple[str, ...] = ()
    """The same with an example that everyone can check, for who asks what is meant."""


@dataclass(frozen=True)
class Node:
    """One answer: a facet of a concept, a relation, a comparison, or a why below another why."""

    id: str
    """'scaling.why', 'attention.relation.backpropagation', 'softmax.why.saturation'."""
    concept: str
    facet: str
    other: str
    """The second concept of a relation or comparison; empty otherwise."""
    ask: str
    """The question that this answers, as a learner would put it: the text of a follow-up offer."""
    say: tuple[str, ...]
    """Paragraphs; the first is the plain-language point."""
    simpler: tuple[str, ...]
    analogy: Analogy | None
    math: tuple[str, ...]
    show: Show | None
    also: tuple[Show, ...]
    """What shows it next, in this order, once `show` has been seen on the sentence."""
    why_below: str
    """Id of the node one level down; empty where this is the ground."""
    floor: str
    """'definition', 'theorem' or 'open question' where there is no why_below; empty otherwise."""
    next: tuple[str, ...]
    """Ids of nodes to offer next."""
    phrased: tuple[str, ...]
    """Further wordings that ask for exactly this node (relations and comparisons above all)."""
    where: str


@dataclass(frozen=True)
class Concept:
    """One concept file."""

    id: str
    subject: str
    title: str
    names: tuple[str, ...]
    """Noun phrases that people use for it."""
    asks: Mapping[str, tuple[str, ...]]
    """Facet -> whole questions as people word them, for understanding paraphrases."""
    nodes: tuple[Node, ...]
    misconceptions: tuple[Misconception, ...]
    where: str


@dataclass(frozen=True)
class Narration:
    """How an experiment's result is told when no lesson says otherwise: `lessons/experiments/<name>.yaml`."""

    experiment: str
    title: str
    intro: str
    """What one is looking at, without numbers."""
    branches: tuple[Branch, ...]
    next: tuple[str, ...]
    """Things worth trying next: commands or questions."""
    where: str


@dataclass(frozen=True)
class Phrasing:
    """One wording of the question that a node answers."""

    text: str
    node: Node
    canonical: bool
    """The node is its concept's own answer for its facet, which concept and facet find without help."""


@dataclass(frozen=True, eq=False)
class Library:
    """Everything under `lessons/`, loaded once and the same only as itself."""

    concepts: Mapping[str, Concept]
    nodes: Mapping[str, Node]
    narrations: Mapping[str, Narration]

    def node_for(self, concept: str, facet: str, other: str = "") -> Node | None:
        """The node that answers this facet; relations and comparisons are found from both ends."""
        wanted = {concept, other}
        for node in self.nodes.values():
            if other:
                if node.other and {node.concept, node.other} == wanted and node.facet == facet:
                    return node
            elif node.concept == concept and node.facet == facet and not node.other and node.id == f"{concept}.{facet}":
                return node
        return None

    def phrasings(self) -> Iterator[Phrasing]:
        """Every wording of every node's question."""
        for node in self.nodes.values():
            canonical = node.id == f"{node.concept}.{node.facet}"
            asks = self.concepts[node.concept].asks.get(node.facet, ()) if canonical else ()
            for text in dict.fromkeys((node.ask, *node.phrased, *asks)):
                yield Phrasing(text, node, canonical)
