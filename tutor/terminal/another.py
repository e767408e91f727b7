"""An exercise once more with new numbers: the one that is open, else the last one, on another sentence."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from tutor.curriculum.bench import Runner
from tutor.curriculum.engine import Session
from tutor.curriculum.practice import comes_again, in_fresh_order, on_fresh_sentence
from tutor.curriculum.steps import Step
from tutor.curriculum.syllabus import load_sentences
from tutor.terminal.drill import REVIEW, Drill, Left
from tutor.terminal.review import put_sentence

if TYPE_CHECKING:
    from tutor.terminal.session import Chat

KEYS = "/hint /skip /leave"


def another(chat: Chat, session: Session, run: Runner) -> None:
    """Set it, and come back. Nothing of it is counted: the first answer was given in the lesson."""
    step = _exercise(session)
    if step is None:
        chat.say("There is no exercise here yet that could be set again.")
        return
    sentences = in_fresh_order(load_sentences(), session.state.sentence, Random())
    fresh = on_fresh_sentence(session.lesson, step, run, sentences)
    put_sentence(chat, fresh, KEYS)
    chat.say(f"Once more: {step.topic}, with new numbers; not counted. The sentence: {fresh.state.sentence}")
    chat.raw("")
    with suppress(Left):
        Drill(chat, fresh, REVIEW, lambda attempt: None).ask("Once more > ")


def _exercise(session: Session) -> Step | None:
    by_id = {step.id: step for step in session.lesson.walk()}
    passed = [*session.state.path, *([session.state.at] if session.state.at else [])]
    return next((by_id[id] for id in reversed(passed) if comes_again(session.lesson, by_id[id])), None)
