"""Answering what is no question: a remark gets its point, a complaint a run, a nod the next step."""

from __future__ import annotations

from tutor.chat import replies
from tutor.chat.answering import deeper, show_of, tell, tell_in
from tutor.chat.asking import asks_plainly_for
from tutor.chat.questions import meant_node
from tutor.chat.state import Draft, State
from tutor.chat.tellings import find_node, misconception, tellings
from tutor.curriculum.tree import Node, Show
from tutor.understanding.types import Understood

_FIRST_OF_A_REMARK = ("what", "why", "how")
"""Facets in the order in which they answer a remark that names no more than a concept."""


def feedback(state: State, text: str, understood: Understood) -> Draft:
    """The answer to a remark. It begins with the point that the remark touches."""
    folded = text.casefold()
    belief = misconception(state.library, understood.misconception)
    if belief and not state.memory.was_told(belief.belief, "refute"):
        state.memory.tell(belief.belief, "refute")
        about = find_node(state.library, understood.concepts, "what")
        show = belief.show or (show_of(state, about.node) if about else Show("attention"))
        return Draft([belief.refute], node=about.node if about else state.last_node, shows=(show,))
    meant = meant_node(state, text, understood)
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
    for concept in understood.concepts:
        doubts = ("limits",) if asks_plainly_for("limits", text) else ()
        for facet in (*doubts, *_FIRST_OF_A_REMARK):
            exact = state.library.node_for(concept, facet)
            if exact and not state.memory.was_told(exact.id):
                return tell_in(state, exact, tellings(exact)[0])
    found = find_node(state.library, understood.concepts, "why")
    if found:
        return tell(state, found.node)
    return Draft([state.memory.reply("remark")], small=True)


def followed(state: State, text: str) -> Draft:
    """The learner is following: a short word, and the next level down."""
    draft = deeper(state, "", Understood("deeper"))
    if draft.node:
        draft.paragraphs.insert(0, state.memory.reply("followed"))
    return draft


def _contradicted(state: State, node: Node) -> Draft:
    """The same in other words, so that the learner can say which part clashes."""
    for way in tellings(node):
        if not state.memory.was_told(node.id, way.variant):
            draft = tell_in(state, node, way)
            draft.paragraphs.insert(0, state.memory.reply("contradiction"))
            return draft
    return Draft([state.memory.reply("unclear")], node=node, small=True)
