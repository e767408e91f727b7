"""The end of a lesson leads on: an exercise on what was weak, and the next lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from model.errors import ModelError
from tutor.curriculum.practice import comes_again
from tutor.curriculum.steps import GuidedLesson
from tutor.curriculum.words import keeps
from tutor.errors import LearnerError, TutorError
from tutor.terminal.drill import LEAVING
from tutor.terminal.review import review
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.learner.store import Mastery, Store
    from tutor.terminal.session import Chat

PROMPT = "Next > "
MOST_WEAK = 2
"""Weak concepts that are offered at the end of a lesson."""


def onward(
    chat: Chat, course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None
) -> GuidedLesson | None:
    """The lesson to go on with; None where the learner has had enough. What was weak is offered first."""
    chat.place = ""
    practised: set[str] = set()
    following = _following(course, lesson, store)
    while True:
        weak = [concept for concept in _weak(course, lesson, store) if concept not in practised]
        offers: list[str] = [f"an exercise on what is weak: {concept_title(chat, concept)}" for concept in weak]
        offers += [f"the next lesson: {following.title}"] if following else []
        if not offers:
            chat.say("That was the last one that you had not taken. `/map` shows the whole course.")
            return None
        chat.say(_told(offers))
        taken = _choice(chat, len(offers), following)
        if taken is None:
            return None
        if taken == len(weak):
            return following
        practised.add(weak[taken])
        review(chat, weak[taken])


def _told(offers: Sequence[str]) -> str:
    if len(offers) == 1:
        return f"Enter goes on with {offers[0]}. `/leave` leaves."
    return "\n".join(["Next, Enter for the first:", *(f"  {n} {text}" for n, text in enumerate(offers, 1))])


def _choice(chat: Chat, count: int, following: GuidedLesson | None) -> int | None:
    """Which offer is taken, from 0; None to leave. Anything else is done as in the chat."""
    while True:
        try:
            line = clean(chat.read(PROMPT))
        except KeyboardInterrupt:
            continue
        except EOFError:
            return None
        if keeps(line):
            return 0
        if line.casefold() in (*LEAVING, *(word[1:] for word in LEAVING), "no"):
            return None
        if following and line.casefold().strip("/ ") in ("lesson", "learn", "next lesson"):
            return count - 1
        if line.isdecimal():
            if 1 <= int(line) <= count:
                return int(line) - 1
            chat.say(f"Type a number from 1 to {count}, or `/leave`.")
            continue
        try:
            chat.handle(line)
        except (TutorError, ModelError) as error:
            chat.line(str(error))


def _weak(course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None) -> list[str]:
    """Weak concepts with an exercise: those of this lesson, the weakest first, then others."""
    try:
        mastery: Mapping[str, Mastery] = store.mastery() if store else {}
    except LearnerError:
        return []
    asked = {name for one in course for step in one.walk() if comes_again(one, step) for name in step.concepts}
    own = {name for step in lesson.walk() for name in step.concepts}
    weak = [name for name, known in mastery.items() if known.weak and name in asked]
    return sorted(weak, key=lambda name: (name not in own, mastery[name].known))[:MOST_WEAK]


def _following(course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None) -> GuidedLesson | None:
    """The next lesson that was never taken to its end; after the last one, the first such."""
    try:
        kept = store.lessons() if store else {}
    except LearnerError:
        kept = {}
    ids = [one.id for one in course]
    place = ids.index(lesson.id) + 1 if lesson.id in ids else 0
    fresh = [one for one in (*course[place:], *course[:place]) if one.id != lesson.id]
    return next((one for one in fresh if not (one.id in kept and kept[one.id].finished_at)), None)


def concept_title(chat: Chat, concept: str) -> str:
    """How a concept is called."""
    found = chat.conversation.library.concepts.get(concept)
    return found.title if found else concept.replace("-", " ")
