"""A node in words: each of its tellings, and which are left."""

from __future__ import annotations

from collections.abc import Iterable

from tutor.curriculum.tree import Library, Node
from tutor.dialogue.types import Plan, State, Wanted

CODE_FENCE = "```"
"""Begins a paragraph that is a program; output prints it as it is."""

UNTOLD = "What I would say here stands in a file that cannot be read."
"""Said for a reply whose file is left out."""

LEANS = frozenset(
    {
        *("Because", "It", "They", "Its", "Yes", "No", "Not", "By", "Through", "From", "As", "So", "Only", "Neither"),
        *("Both", "Nearly", "Mostly", "Practically", "Usually", "That", "Either", "Nothing"),
    }
)
"""First words of an answer that is only understood beside its question."""


def tellings(node: Node) -> list[str]:
    """The tellings that a node has, in the order in which they go deeper into other words."""
    kinds = ["say"]
    kinds += ["simpler"] if node.simpler else []
    kinds += [f"analogy {number}" for number in range(len(node.analogies))]
    kinds += ["math"] if node.math else []
    kinds += ["code"] if node.code else []
    return kinds


def words(node: Node, telling: str) -> tuple[str, ...]:
    """The paragraphs of one telling."""
    if telling == "line":
        return (node.line,)
    if telling == "simpler":
        return (node.simpler or node.line,)
    if telling == "math":
        return node.math
    if telling == "code":
        return (program(node.code),)
    if telling.startswith("analogy"):
        analogy = node.analogies[int(telling.split()[1])]
        return analogy.say, f"Where it breaks: {analogy.breaks}"
    return (*node.say, *((program(node.code),) if node.code and node.facet == "code" else ()))


def beside_its_question(node: Node, paragraphs: tuple[str, ...], *, always: bool = False) -> tuple[str, ...]:
    """The paragraphs, the node's question in front where the first of them leans on it, or `always`."""
    first, *others = paragraphs
    opening = first.split(maxsplit=1)[0].strip(",.:;*") if first.strip() else ""
    return (f"*{node.ask}* {first}" if always or opening in LEANS else first, *others)


def program(code: str) -> str:
    """A program as a paragraph."""
    return f"{CODE_FENCE}\n{code.strip()}"


def is_program(paragraph: str) -> bool:
    """Whether a paragraph is a program."""
    return paragraph.startswith(CODE_FENCE)


def tell(node: Node, state: State, telling: str = "say", lead: tuple[str, ...] = ()) -> Plan:
    """A plan that tells a node; with its full telling comes its evidence."""
    wanted = (Wanted(node.evidence.show, node.evidence),) if node.evidence and telling == "say" and state.live else ()
    return Plan(node=node.id, telling=telling, paragraphs=(*lead, *words(node, telling)), wanted=wanted)


def untold(library: Library, state: State, ids: Iterable[str]) -> list[Node]:
    """The nodes among `ids` that exist and have not been told."""
    found = dict.fromkeys(name for name in ids if name in library.nodes and not state.was_told(name))
    return [library.nodes[name] for name in found]


def of_facet(library: Library, concept: str, facet: str) -> Node | None:
    """A concept's own node for a facet."""
    found = library.nodes.get(f"{concept}.{facet}")
    if found or concept not in library.concepts:
        return found
    return next((node for node in library.concepts[concept].nodes if node.facet == facet), None)


def reply(library: Library, state: State, kind: str) -> str:
    """The next small reply of its kind; when all are given, they begin anew."""
    among = library.replies.get(kind) or (UNTOLD,)
    return among[state.said.get(kind, 0) % len(among)]
