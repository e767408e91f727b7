"""Deciding: from what a turn asks for, and where the conversation stands, to a plan. Pure: the same gives the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tutor.curriculum.tree import Library
from tutor.dialogue import social, talk
from tutor.dialogue.actions import request
from tutor.dialogue.calculate import calculate, with_own_numbers
from tutor.dialogue.question import question
from tutor.dialogue.quiz import grade
from tutor.dialogue.screen import explained, screen
from tutor.dialogue.sentence import set_sentence
from tutor.dialogue.types import Offer, Plan, State, Status
from tutor.understanding.intent import Intent

Policy = Callable[[Library, Intent, State], Plan]

POLICIES: Mapping[str, Policy] = {
    "question": with_own_numbers,
    "screen": screen,
    "request": request,
    "calculate": calculate,
    "set_sentence": set_sentence,
    "why": talk.why,
    "deeper": talk.deeper,
    "shorter": talk.shorter,
    "simpler": talk.simpler,
    "exact": talk.exact,
    "code": talk.code,
    "example": talk.example,
    "analogy": talk.analogy,
    "again": talk.again,
    "back": talk.back,
    "summary": talk.summary,
    "not_asked": talk.not_asked,
    "objection": talk.objection,
    "feedback": social.feedback,
    "greet": social.greet,
    "thanks": social.thanks,
    "bye": social.bye,
    "stop": social.stop,
    "yes": social.yes,
    "no": social.no,
    "menu": social.menu,
    "lesson": social.lesson,
    "quiz": social.quiz,
    "out_of_scope": social.outside,
}
"""What is done about each act."""
OF_A_PICTURE = frozenset({"simpler", "shorter"})
"""What, said after a picture, asks to have the picture explained."""
TAUGHT, CERTAIN = 0.75, 0.97
"""Likeness to a known wording from which a turn is not taken for another subject, unless that is as good as certain."""


def decide(library: Library, intent: Intent, state: State) -> Plan:
    """What to do about this turn."""
    if state.quiz:
        graded = grade(state.quiz, intent.text)
        if graded:
            again = Offer("Ask me another", command="/quiz")
            return Plan(Status.SMALL, paragraphs=(graded,), offers=(again, *state.offers[:2]))
        if intent.act in ("no", "simpler", "feedback"):
            reveal = f"It is number {state.quiz.right + 1}. *{state.quiz.choices[state.quiz.right]}*"
            return Plan(Status.SMALL, paragraphs=(reveal,), offers=state.offers)
    if intent.picked:
        return social.taken(library, state, state.offers[intent.picked - 1])
    if state.picture_last and intent.act in OF_A_PICTURE:
        return explained(library, state)
    if intent.act == "out_of_scope" and intent.likeness >= TAUGHT and intent.of_act("out_of_scope") < CERTAIN:
        return question(library, intent, state)
    return POLICIES[intent.act](library, intent, state)
