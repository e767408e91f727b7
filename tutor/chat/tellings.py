"""Which node answers a question, and in how many ways a node can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutor.curriculum.tree import Library, Misconception, Node

PORTION, BESIDE_A_PICTURE = 560, 420
"""Characters told at once, alone or above a picture: seven lines, or five. What is left waits for "go on"."""
_POINT = 160
"""A first paragraph shorter than this takes the second one with it, if there is any room for it."""

NEAREST: dict[str, tuple[str, ...]] = {
    "what": ("how", "why", "example", "math"),
    "why": ("what", "how", "uses"),
    "how": ("math", "example", "what", "why"),
    "example": ("how", "what", "why"),
    "math": ("how", "what", "why"),
    "history": ("what", "why"),
    "compare": ("what", "how"),
    "relation": ("why", "what", "how"),
    "uses": ("example", "why", "what"),
    "limits": ("why", "what", "how"),
    "code": ("math", "how", "what"),
}
"""Facet asked for -> facets that come closest, best first."""

FACET_PHRASES = {
    "what": "what it is",
    "why": "the why",
    "how": "how it works",
    "example": "an example of its own",
    "math": "the formulas",
    "history": "where it came from",
    "compare": "that comparison",
    "relation": "that connection",
    "uses": "where it is used",
    "limits": "its limits",
    "code": "code",
}


@dataclass(frozen=True)
class Telling:
    """One way of telling a node."""

    variant: str
    """'say', 'simpler', 'analogy' or 'math'."""
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The node for a question, and how well it fits."""

    node: Node
    variant: str = "say"
    """The telling that answers what was asked."""
    missing: str = ""
    """The facet that was asked for, where only a near one exists."""


def tellings(node: Node) -> tuple[Telling, ...]:
    """All tellings of `node`, in the order in which asking again brings them."""
    found = [Telling("say", node.say)]
    if node.simpler:
        found.append(Telling("simpler", node.simpler))
    if node.analogy:
        found.append(Telling("analogy", (node.analogy.say, f"Where this picture breaks: {node.analogy.breaks}")))
    if node.math:
        found.append(Telling("math", node.math))
    return tuple(found)


def portion(paragraphs: Sequence[str], room: int = PORTION) -> tuple[str, ...]:
    """As many of the paragraphs as are read at one go. A program and a numbered list stay whole."""
    if any(text.startswith(("`", "1.")) for text in paragraphs):
        return tuple(paragraphs)
    told: list[str] = []
    length = 0
    for text in paragraphs:
        length += len(text)
        if told and length > room and (len(told) > 1 or len(told[0]) > _POINT or length > PORTION):
            break
        told.append(text)
    return tuple(told)


def find_node(library: Library, concepts: tuple[str, ...], facet: str) -> Found | None:
    """The node that answers `facet` of the first concept, or of the first two together."""
    facet = facet or "what"
    if len(concepts) > 1 and facet in ("compare", "relation"):
        for wanted in (facet, "relation" if facet == "compare" else "compare"):
            node = library.node_for(concepts[0], wanted, concepts[1])
            if node:
                return Found(node)
        return None
    for concept in concepts:
        found = _of_concept(library, concept, facet)
        if found:
            return found
    return None


def _of_concept(library: Library, concept: str, facet: str) -> Found | None:
    node = library.node_for(concept, facet)
    if node:
        return Found(node)
    if facet in ("compare", "relation"):
        for node in library.nodes.values():
            if node.other and node.facet == facet and concept in (node.concept, node.other):
                return Found(node)
    below = [node for node in library.nodes.values() if node.concept == concept and not node.other]
    for node in below:  # an answer such as 'scaling.math.variance' where there is no 'scaling.math'
        if node.facet == facet:
            return Found(node)
    if facet in ("math", "code"):
        for near in ("how", "what", "why"):
            node = library.node_for(concept, near)
            if node and node.math:
                return Found(node, "math", "" if facet == "math" else facet)
    if facet == "example":
        for near in ("how", "what", "why"):
            node = library.node_for(concept, near)
            if node and node.show:  # the live run is the example
                return Found(node)
    for near in NEAREST.get(facet, ()):
        node = library.node_for(concept, near)
        if node:
            return Found(node, missing=facet)
    return Found(below[0], missing=facet) if below else None


def siblings(library: Library, node: Node) -> Iterator[Node]:
    """Other answers about the same concept, the likely next questions first."""
    for facet in ("why", "how", "what", "math", "example", "limits", "uses", "history", "code"):
        other = library.node_for(node.concept, facet)
        if other and other.id != node.id:
            yield other
    for other in library.nodes.values():
        if other.other and node.concept in (other.concept, other.other) and other.id != node.id:
            yield other


def misconception(library: Library, belief: str) -> Misconception | None:
    """The misconception of that wording."""
    if belief:
        for concept in library.concepts.values():
            for found in concept.misconceptions:
                if found.belief == belief:
                    return found
    return None


def without_no(refute: str) -> str:
    """A refutation without the "No." that it begins with."""
    return refute.removeprefix("No. ")
