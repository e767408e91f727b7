"""What learners often get wrong about a thing: the beliefs that its lesson knows, each put right."""

from __future__ import annotations

import re

from tutor.chat.answering import show_of
from tutor.chat.state import Draft, State
from tutor.chat.tellings import find_node, without_no
from tutor.understanding.types import Understood

AT_ONCE = 2
"""Beliefs told in one answer."""

_ASKED = re.compile(
    r"\b(gets?|got|getting|understands?|understood) (it |this |that |\w+ )?wrong\b|\bnever (say|claim|tell)\b"
    r"|\bmis(conception|underst(an|oo)d)\w*|\b(common|typical|usual|frequent) (mistakes?|errors?)\b"
    r"|\bwrong (ideas?|beliefs?)\b"
)


def asks_for_mistakes(question: str) -> bool:
    """What people get wrong is asked about, and not what goes wrong in a network."""
    return bool(_ASKED.search(question.casefold()))


def mistakes(state: State, understood: Understood) -> Draft | None:
    """The next beliefs about the main concept, in quotation marks, with what is true; None where none is left."""
    for concept in (*understood.concepts[:1], *state.concepts[:1]):
        lesson = state.library.concepts.get(concept)
        known = lesson.misconceptions if lesson else ()
        left = [belief for belief in known if not state.memory.was_told(belief.belief, "refute")][:AT_ONCE]
        if not left:
            continue
        paragraphs = []
        for belief in left:
            state.memory.tell(belief.belief, "refute")
            state.memory.cover([belief.refute])
            paragraphs.append(f"*“{belief.belief}.”* {without_no(belief.refute)}")
        found = find_node(state.library, (concept,), "what")
        node = found.node if found else None
        shows = [belief.show for belief in left if belief.show] or ([show_of(state, node)] if node else [])
        return Draft(paragraphs, node=node, shows=tuple(shows[:1]))
    return None
