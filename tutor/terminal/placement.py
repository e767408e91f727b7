"""Four questions of a lesson, for those who know it: all right, and the lesson counts as taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from tutor.curriculum.bench import Runner
from tutor.curriculum.engine import Session
from tutor.curriculum.practice import comes_again, draw_items
from tutor.curriculum.screens import Attempt
from tutor.errors import LearnerError
from tutor.terminal.drill import TEST_OUT, Drill, Left
from tutor.terminal.review import put_sentence

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

KEYS = "/skip /leave"


def test_out(chat: Chat, session: Session, run: Runner, store: Store | None) -> bool:
    """Ask the four; whether all were right, and the lesson is done with. Each answer counts as one in the lesson."""
    lesson = session.lesson
    items = draw_items(lesson, run, session.state.sentence, Random()) or draw_items(
        lesson, run, lesson.sentence, Random()
    )
    chat.say(f"{len(items)} questions, one try each, no hints. All right, and the lesson counts as taken.")
    right = 0
    try:
        for number, item in enumerate(items, 1):
            put_sentence(chat, item, KEYS)
            chat.raw("")
            on = f" The sentence: {item.state.sentence}" if number == 1 else ""
            chat.say(f"{number} of {len(items)}: {item.lesson.steps[0].topic}.{on}")
            chat.raw("")
            right += Drill(chat, item, TEST_OUT, _keeper(store, item)).ask(f"Test {number}/{len(items)} > ")
    except Left:
        chat.say("The test is dropped; the lesson is where it was.")
        return False
    if right < len(items):
        chat.say(f"{right} of {len(items)}. The lesson shows the rest; `/skip` goes quickly over what you know.")
        return False
    chat.say(f"{right} of {len(items)}: you know this lesson.")
    if store:
        store.finish(lesson.id)
    return True


def _keeper(store: Store | None, item: Session) -> Callable[[Attempt], None]:
    lesson, sentence = item.lesson, item.state.sentence
    made_from = sentence if comes_again(lesson, lesson.steps[0]) else None

    def keep(attempt: Attempt) -> None:
        with suppress(LearnerError):  # the lesson has said already that nothing can be kept
            if store:
                store.answer(lesson.id, attempt, sentence=made_from)

    return keep
