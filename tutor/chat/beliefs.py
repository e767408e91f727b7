"""Beliefs that a turn states or presupposes, and the verdict that an answer to them begins with."""

from __future__ import annotations

import re

from tutor.chat import replies
from tutor.chat.asking import asks_openly, asks_yes_or_no
from tutor.chat.state import State
from tutor.chat.tellings import misconception, without_no
from tutor.curriculum.tree import Misconception
from tutor.understanding.text import sentences
from tutor.understanding.types import Understood

WORD_FOR_WORD = 0.99
"""Share of wording in common from which a turn is a lesson's very question."""

_VERDICT = re.compile(
    r"(yes|no|nobody|nothing|not|neither|half|partly|true|false|only|right|almost|nearly|never"
    r"|in (part|form|essence))\b",
    re.IGNORECASE,
)


def refuted(state: State, belief: Misconception, text: str) -> str:
    """What puts the belief right, beginning with yes, no or half; noted as told."""
    state.memory.tell(belief.belief, "refute")
    if asks_openly(text) and not asks_yes_or_no(text) and without_no(belief.refute) != belief.refute:
        # "Why does …?" takes the belief for granted; nobody asked whether it is so.
        state.memory.cover([belief.refute])
        return f"That is not so. {without_no(belief.refute)}"
    if _VERDICT.match(belief.refute):
        return belief.refute
    verdict = "No." if asks_yes_or_no(text) else "Not quite."
    state.memory.cover([belief.refute])
    return f"{verdict} {belief.refute}"


def has_verdict(paragraphs: list[str]) -> bool:
    """The answer begins by saying yes, no, or half."""
    return bool(paragraphs and _VERDICT.match(without_lead(paragraphs[0])))


def without_lead(paragraph: str) -> str:
    """The paragraph without the few words that say how it goes on from what was told."""
    leads = (lead for kind, among in replies.REPLIES.items() if kind.startswith("again ") for lead in among)
    return next((paragraph.removeprefix(f"{lead} ") for lead in leads if paragraph.startswith(f"{lead} ")), paragraph)


def open_belief(state: State, text: str, understood: Understood) -> Misconception | None:
    """The belief recognised in the turn, where it is about what the turn is about and has not been put right yet."""
    belief = misconception(state.library, understood.misconception)
    if not belief or state.memory.was_told(belief.belief, "refute"):
        return None
    match = state.wording.closest(text) if len(sentences(text)) == 1 else None
    if match and match.score >= WORD_FOR_WORD:
        return None  # a lesson's own question, whatever belief it sounds like
    elsewhere = state.named_in(text) and owner_of(state, belief) not in understood.concepts[:3]
    return None if understood.act == "question" and elsewhere else belief


def owner_of(state: State, belief: Misconception) -> str:
    """The concept whose lesson knows this belief."""
    return next(concept.id for concept in state.library.concepts.values() if belief in concept.misconceptions)
