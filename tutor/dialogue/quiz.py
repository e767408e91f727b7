"""A question back to the learner, made from the answers that were told, and its grade."""

from __future__ import annotations

from tutor.curriculum.tree import Library, Node
from tutor.dialogue.offers import STARTERS
from tutor.dialogue.types import Quiz, State
from tutor.understanding import values

FEW_WORDS = 8
"""Words of a turn whose one number is an answer: '1, easy', 'i think it is the second one'."""


def make_quiz(library: Library, state: State, subject: str = "") -> Quiz:
    """Which sentence answers the question? The right one among answers to neighbouring questions.

    On a concept where one is named as the `subject`, else on what was told.
    """
    told = [name for name in dict.fromkeys(reversed(state.path)) if name in library.nodes]
    asked = state.said.get("quiz", 0)
    own = [node.id for node in library.concepts[subject].nodes] if subject in library.concepts else []
    among = own or told or [name for name in STARTERS if name in library.nodes]
    among = among or list(library.nodes)  # where the files of all places to begin are damaged
    node = library.nodes[among[asked % len(among)]]
    wrong = _others(library, node, asked)
    lines = [one.line for one in wrong]
    right = asked % (len(lines) + 1)
    choices = (*lines[:right], node.line, *lines[right:])
    return Quiz(f"Which sentence answers this? *{node.ask}*", choices, right, " ".join(node.say[1:2]), node.id)


def _others(library: Library, node: Node, asked: int) -> list[Node]:
    """Two nodes of the same concept that answer another kind of question."""
    beside = [one for one in library.concepts[node.concept].nodes if one.id != node.id and one.facet != node.facet]
    beside = beside or [one for one in library.nodes.values() if one.id != node.id]
    start = asked % max(1, len(beside))
    return [*beside[start:], *beside[:start]][:2]


def grade(quiz: Quiz, text: str) -> str:
    """What to say to this answer; '' where it is none, so that the turn is read as usual."""
    typed = text.casefold().strip(" .!?*'\"()")
    right = quiz.choices[quiz.right]
    named = values.places([typed], len(quiz.choices)) if len(typed.split()) <= FEW_WORDS and typed[:1] != "-" else ()
    chosen = named[0] - 1 if len(named) == 1 else -1
    if chosen < 0:
        same = [at for at, choice in enumerate(quiz.choices) if choice.casefold().strip(" .") == typed]
        chosen = same[0] if same else -1
    if not 0 <= chosen < len(quiz.choices):
        return ""
    if chosen == quiz.right:
        return f"Right. {quiz.reveal}".strip()
    return f"Not this time: number {quiz.right + 1} does. *{right}* {quiz.reveal}".strip()
