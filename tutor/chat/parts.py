"""Several questions in one turn: each gets its point, in order, and one run shows the main one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tutor.chat.answering import heading, point_of, show_of
from tutor.chat.asking import asks_for_proof, asks_yes_or_no, wants_detail
from tutor.chat.beliefs import open_belief, refuted
from tutor.chat.state import Draft, State
from tutor.chat.tellings import find_node
from tutor.chat.turn import Offer
from tutor.curriculum.tree import Misconception, Node
from tutor.understanding.patterns import ASKING, PRONOUN, TOGETHER, WANTS_WHY
from tutor.understanding.text import fold, sentences, split_words
from tutor.understanding.types import Context, Understood

MOST = 3
"""Parts answered at once; the others are offered."""
ROOM, ROOM_FOR_DETAIL = 260, 660
"""Characters for each part."""
SURE_OF_PART = 0.3
"""Confidence below which a part is taken to say nothing of its own."""

_ALSO = re.compile(
    r",?\s+(?:i mean|or rather),?\s+(?=(?:what|why|how|who|when|where)\b)|"
    r",?\s+(?:and|but|or|,)\s+(?:also\s+)?(?:(?:tell|show|explain to) me )?"
    r"(?=(?:for )?(?:what|why|how|who|when|where|which|is|does|do|can)\b)|"
    r",\s+(?=(?:what|why|how|who|when|where)\b)",
    re.IGNORECASE,
)
_HANGS_ON = re.compile(
    r"(?:and |but )?(?:if so|in that case|then)\b"
    r"|(?:where|which|when|because|like|since|as)\s+(?:it|they|that|this|you|we|one)\b"
)
_NO_SUBJECT = re.compile(r"((and|but|so|or|then|ok|what|why|how|who|when|where|come|not|exactly|so|though|else)\b ?)+")
_AND = re.compile(r"\b(?:and|or|,)\b", re.IGNORECASE)
_TOO_SHORT = 2
"""Words up to which a piece of a sentence is no question of its own: 'what and why'."""


@dataclass(frozen=True)
class Part:
    """One question of several, and what answers it."""

    node: Node
    belief: Misconception | None = None
    text: str = ""

    def is_like(self, other: Part) -> bool:
        """The answer would be the same."""
        return self.node.id == other.node.id or bool(self.belief and self.belief == other.belief)


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a turn, as typed; what hangs on the one before it stays with it."""
    found: list[str] = []
    for sentence in sentences(text):
        pieces = [piece for piece in _ALSO.split(sentence) if piece]
        if min(len(split_words(piece)) for piece in pieces) <= _TOO_SHORT:
            pieces = [sentence]
        for piece in pieces:
            bare = " ".join(split_words(fold(piece)))
            marked = piece is pieces[-1] and sentence.rstrip("\"')” ").endswith("?")
            if not (marked or ASKING.match(bare)):
                continue
            if found and (_NO_SUBJECT.fullmatch(bare) or _HANGS_ON.match(bare)):
                found[-1] = f"{found[-1]} {piece}"
            elif not asks_for_proof(piece):
                found.append(piece)
    return tuple(found)


def several(state: State, text: str, asked: tuple[str, ...], understood: Understood) -> Draft | None:
    """The answer to a turn that asks several things; None where it asks one."""
    if len(asked) < 2:
        both = _named_both(state, text, understood)
        return _answered(state, both, ROOM_FOR_DETAIL) if both else None
    parts: list[Part] = []
    context = state.context
    for question in asked:
        part = _part(state, question, context, understood.concepts)
        if not part or any(part.is_like(other) for other in parts):
            continue
        parts.append(part)
        node = part.node
        told = tuple(concept for concept in (node.concept, node.other) if concept)
        context = replace(context, concepts=told, facet=node.facet, node=node.id, offered=(), offered_nodes=())
    if parts and parts[0].node.facet == "what" and (understood.facet == "why" or WANTS_WHY.search(fold(text))):
        about = understood.concepts[0] if understood.concepts else parts[0].node.concept
        why = state.library.node_for(about, "why")  # who is after the why knows what it is
        rest = [part for part in parts[1:] if not why or part.node.id != why.id]
        parts = [Part(why), *rest] if why else rest
    room = ROOM_FOR_DETAIL if wants_detail(text) else ROOM
    return _answered(state, parts, room) if len(parts) > 1 else None


def _named_both(state: State, text: str, understood: Understood) -> list[Part]:
    """'How do the encoder and the decoder work?': one part for each of the two, where no answer covers both."""
    named = state.named_in(text)
    two = [concept for concept in understood.concepts[:3] if concept in named]
    if len(two) != len(named) or len(two) != 2 or not _AND.search(text) or understood.facet not in ("what", "how"):
        return []
    if understood.concepts[0] not in two or state.meant(text, understood):
        return []
    found = [state.library.node_for(concept, understood.facet) for concept in two]
    nodes = [node for node in found if node]
    return [Part(node) for node in nodes] if len(nodes) == 2 else []


def _answered(state: State, parts: list[Part], room: int) -> Draft | None:
    paragraphs: list[str] = []
    told: list[Part] = []
    for part in parts:
        if len(told) == MOST:
            break
        if part.belief:
            point = refuted(state, part.belief, part.text)
        else:
            point = point_of(state, part.node, _room_of(part.node, parts, room))
        if point:
            paragraphs.append(point if part.belief else f"{heading(part.node)} {point}")
            told.append(part)
    if not told:
        return None
    main = told[0]
    # A belief is what most needs to be seen through, then a comparison, which holds both things.
    pictured = next((part for part in told if part.belief and part.belief.show), None)
    pictured = pictured or next((part for part in told if part.node.facet == "compare" and part.node.show), main)
    show = pictured.belief.show if pictured.belief and pictured.belief.show else show_of(state, pictured.node)
    offers = [Offer(part.node.ask, part.node.id) for part in parts if part not in told]
    return Draft(paragraphs, node=main.node, shows=(show,), offers=offers)


def _room_of(node: Node, parts: list[Part], room: int) -> int:
    """Asked what a thing is and how it works, the steps get the room: they say more exactly what it is."""
    both = {f"{node.concept}.what", f"{node.concept}.how"} <= {part.node.id for part in parts}
    return 2 * room * (node.facet == "how") if both else room


def _part(state: State, text: str, context: Context, subjects: tuple[str, ...]) -> Part | None:
    """What answers one question, read with what the ones before it established; `subjects` are the whole turn's."""
    understood = state.reader.read(text, context)
    main = subjects[:1]
    if understood.act not in ("question", "deeper"):
        return None
    concepts = understood.concepts
    if understood.facet in ("compare", "relation") and TOGETHER.search(text):
        both = find_node(state.library, subjects[:2], understood.facet)
        if both:
            return Part(both.node)
    helped = _of_both(state, text, main, concepts)
    if helped:
        return Part(helped)
    if understood.facet not in ("compare", "relation") and set(main) & set(concepts[:3]):
        concepts = tuple(dict.fromkeys((*main, *concepts)))
    belief = open_belief(state, text, understood)
    meant = state.meant(text, replace(understood, concepts=concepts))
    if meant:
        return Part(meant, belief, text)
    if understood.confidence < SURE_OF_PART and not belief and understood.concepts[:1] != main:
        return None
    found = find_node(state.library, concepts, understood.facet)
    if not found and asks_yes_or_no(text):
        found = find_node(state.library, concepts[:1], "what")
    return Part(found.node, belief, text) if found else None


def _of_both(state: State, text: str, main: tuple[str, ...], concepts: tuple[str, ...]) -> Node | None:
    """'Does it help backprop?': how what the turn is about bears on what this question names."""
    named = state.named_in(text)
    if not main or main[0] in named or not PRONOUN.search(fold(text)):
        return None
    found = (state.library.node_for(main[0], "relation", other) for other in concepts if other in named)
    return next((node for node in found if node), None)
