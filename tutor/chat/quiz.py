"""A question back to the learner, graded against the live run or against a known belief."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tutor.chat.tellings import without_no
from tutor.curriculum.tree import Library, Show
from tutor.experiments.base import Run


@dataclass(frozen=True)
class Quiz:
    """One open question."""

    key: str
    question: str
    choices: tuple[str, ...]
    right: str
    runs: tuple[Run, ...]
    """Kept back until the answer is in: it would give the answer away."""
    shows: tuple[Show, ...]
    reveal: str
    """Said with the grade."""


def ask_about_weights(run: Run, narration: str) -> Quiz:
    """Which token does a word look at most? Graded against the run itself."""
    result = run.result
    row = result.weights[result.query_position]
    ranked = sorted(range(len(row)), key=row.__getitem__, reverse=True)
    names: list[str] = []
    for position in (*ranked[:2], *reversed(ranked)):
        if result.key_tokens[position] not in names:
            names.append(result.key_tokens[position])
        if len(names) == 3:
            break
    names.sort(key=result.key_tokens.index)
    question = (
        f"Bet before you see it. Layer {result.layer}, head {result.head} of the {result.part}, on "
        f"“{run.sentence.rstrip('.')}”: which token does “{result.query_token}” look at most? Type it, or its number."
    )
    return Quiz(f"weights {result.layer} {result.head}", question, tuple(names), result.key_token, (run,), (), "")


def ask_about_belief(library: Library, concepts: tuple[str, ...], asked: set[str]) -> Quiz | None:
    """Right or wrong? A belief that many hold, of these concepts if there is one."""
    order = [library.concepts[name] for name in concepts if name in library.concepts]
    order += [concept for concept in library.concepts.values() if concept not in order]
    for concept in order:
        for found in concept.misconceptions:
            if found.belief not in asked and not _PARTLY_TRUE.match(found.refute):
                question = f"A learner tells you: “{found.belief}.” Would you agree, yes or no?"
                shows = (found.show,) if found.show else ()
                return Quiz(found.belief, question, ("yes", "no"), "no", (), shows, without_no(found.refute))
    return None


_PARTLY_TRUE = re.compile(r"(yes|half|partly|in (part|form)|true)\b", re.IGNORECASE)
"""How the refutation of a belief begins that is not simply false."""
_GIVEN_UP = re.compile(r"\b(no idea|idk|don'?t know|dunno|not sure|give up|tell me|pass|skip)\b")


def grade(quiz: Quiz, answer: str) -> str:
    """What to say to this answer; empty where it is none, so that the turn is read as usual."""
    folded = answer.casefold().strip(" .!?*'\"")
    choices = [choice.casefold() for choice in quiz.choices]
    agree = {"true": "yes", "right": "yes", "y": "yes", "agree": "yes", "false": "no", "wrong": "no", "n": "no"}
    if set(choices) == {"yes", "no"}:
        folded = agree.get(folded, folded)
    if folded.isdigit() and 1 <= int(folded) <= len(choices) and folded not in choices:
        folded = choices[int(folded) - 1]
    if _GIVEN_UP.search(folded):
        return f"It is *{quiz.right}*. {quiz.reveal}".strip()
    if folded == quiz.right.casefold():
        return f"Right: *{quiz.right}*. {quiz.reveal}".strip()
    if folded in choices:
        return f"Not this time: it is *{quiz.right}*. {quiz.reveal}".strip()
    return ""
