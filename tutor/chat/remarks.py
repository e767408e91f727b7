"""Answering what is no question: a remark gets its point, a complaint a run, a nod the next step."""

from __future__ import annotations

from tutor.chat import replies
from tutor.chat.answering import deeper, heading, hold_against, led, show_of, simpler, tell, tell_in, touched
from tutor.chat.asking import asks_plainly_for, complains, doubts, states
from tutor.chat.beliefs import open_belief
from tutor.chat.offers import nearest
from tutor.chat.questions import put_right
from tutor.chat.state import Draft, State
from tutor.chat.tellings import find_node, tellings
from tutor.curriculum.tree import Node, Show
from tutor.understanding.types import Understood

_ON_THE_WAY = ("what", "why", "how", "example", "relation", "compare")
"""Facets that go on with a subject; its limits, formulas and history are for who asks for them."""
_FIRST_OF_A_REMARK = ("what", "why", "how")
"""Facets in the order in which they answer a remark that names no more than a concept."""


def feedback(state: State, text: str, understood: Understood) -> Draft:
    """The answer to a remark. It begins with the point that the remark touches."""
    folded = text.casefold()
    belief = open_belief(state, text, understood)
    if belief:
        return put_right(state, belief, text, understood)
    meant = state.meant(text, understood)
    if meant and not state.memory.was_told(meant.id):
        return tell_in(state, meant, tellings(meant)[0])
    if any(cue in folded for cue in replies.CONTRADICTION) and state.last_node:
        return _contradicted(state, state.last_node)
    if any(cue in folded for cue in replies.COMPLAINT):
        show = show_of(state, state.last_node) if state.last_node else Show("attention-steps")
        return Draft([state.memory.reply("complaint")], node=state.last_node, shows=(show,), small=True)
    if any(cue in folded for cue in replies.PRAISE) and len(folded.split()) < 16:
        return Draft([state.memory.reply("praise")], node=state.last_node, small=True)
    if meant:
        return tell(state, meant, question=text)
    draft = _beside_what_holds(state, text, understood)
    if not draft:
        hint = [replies.A_SENTENCE] if text.strip()[-1:].isalpha() and not state.memory.count("reply remark") else []
        return Draft([state.memory.reply("remark"), *hint], small=True)
    if draft.node and states(text):
        hold_against(state, draft)
    return draft


def _beside_what_holds(state: State, text: str, understood: Understood) -> Draft | None:
    """What is certain about the things that a remark names, or that were spoken of last."""
    first = ("limits",) if asks_plainly_for("limits", text) or doubts(text) else ()
    for concept in understood.concepts:
        for facet in (*first, *_FIRST_OF_A_REMARK):
            exact = state.library.node_for(concept, facet)
            if exact and not state.memory.was_told(exact.id):
                return tell_in(state, exact, tellings(exact)[0])
    found = find_node(state.library, understood.concepts, "why")
    return tell(state, found.node) if found else None


def complaint(state: State, text: str, understood: Understood) -> Draft | None:
    """What helps whoever says that the last answer was too long, too hard, beside the point or wrong."""
    kind = complains(text)
    if not kind or not state.last_node or state.named_in(text):
        return None
    if kind in ("lost", "long"):
        draft = simpler(state, "", Understood("simpler"))
        if kind == "long":
            draft.paragraphs = led(state, state.memory.reply("shorter"), draft.paragraphs[:1])
        return draft
    if kind == "wrong":
        return Draft([state.memory.reply("unclear")], node=state.last_node, small=True)
    offers = [*nearest(state, understood), *state.offers]
    return Draft([state.memory.reply("missed")], offers=offers, only_these_offers=True, small=True)


def followed(state: State, text: str) -> Draft:
    """The learner is following: a short word, and what comes next on the same level, else one level down."""
    ahead = (state.library.nodes.get(name) for name in (state.last_node.next if state.last_node else ()))
    coming = next((node for node in ahead if node and node.facet in _ON_THE_WAY and not touched(state, node)), None)
    if coming:
        draft = tell_in(state, coming, tellings(coming)[0])
        draft.paragraphs = led(state, heading(coming), draft.paragraphs)
    else:
        draft = deeper(state, "", Understood("deeper"))
    if draft.node:
        draft.paragraphs = led(state, state.memory.reply("followed"), draft.paragraphs)
    return draft


def proof(state: State, node: Node) -> Draft:
    """Grounds for what was said last: another run of what shows it."""
    return Draft([state.memory.reply("proof")], node=node, shows=(show_of(state, node),), small=True)


def _contradicted(state: State, node: Node) -> Draft:
    """The same in other words, so that the learner can say which part clashes."""
    for way in tellings(node):
        if not state.memory.was_told(node.id, way.variant):
            draft = tell_in(state, node, way)
            draft.paragraphs.insert(0, state.memory.reply("contradiction"))
            return draft
    return Draft([state.memory.reply("unclear")], node=node, small=True)
