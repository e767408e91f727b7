"""Questions about the lesson itself: how long it takes, which others there are, whether a step matters."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.curriculum.answers import grade
from tutor.curriculum.engine import Session
from tutor.curriculum.steps import GuidedLesson, Step

_COUNTS = {
    "predict": "It is a bet: nothing is counted, and the next screen shows what happens.",
    "observe": "It shows what became of your bet.",
    "say": "It tells what the next steps build on.",
    "show": "It shows what the next steps are about.",
    "do": "You change the model here and see what it does; nothing is counted.",
    "detour": "It is an aside for those who got something wrong; no leaves it out.",
}


def how_long(session: Session) -> str:
    """What is left of the lesson, in steps and minutes."""
    lesson = session.lesson
    left = max(0, lesson.total - session.position + (not session.finished))
    minutes = max(1, round(lesson.minutes * left / lesson.total))
    return (
        f"*{lesson.title}* takes about {lesson.minutes} minutes. You are at step {session.position} of {lesson.total}: "
        f"about {minutes} minute{'s' * (minutes != 1)} to go. `/leave` keeps your place."
    )


def which_lessons(session: Session, course: Sequence[GuidedLesson]) -> str:
    """Where this lesson stands among the others, and how to come to another."""
    ids = [one.id for one in course]
    if session.lesson.id not in ids:
        return "This lesson stands by itself. `/leave` leaves it."
    number = ids.index(session.lesson.id) + 1
    after = f" After it comes *{course[number].title}*." if number < len(course) else " It is the last one."
    return (
        f"This is lesson {number} of {len(course)}, *{session.lesson.title}*.{after} `/map` shows them all. For "
        "another one now, `/leave` keeps your place here, and then `/lesson` with its number begins it."
    )


def what_for(session: Session) -> str:
    """What the step is for, and what depends on it."""
    if session.finished:
        return "The lesson is at its end; nothing more is asked."
    step = session.here()[0]
    question = step.question
    if step.kind in _COUNTS:
        told = _COUNTS[step.kind]
    elif question and question.accept == "sentence":
        told = "Everything that follows is computed from this sentence."
    else:
        told = (
            "Your first answer counts towards what you have mastered, and a wrong one only brings it back for review."
        )
    used = _leads(session.lesson, step)
    return f"This step is about {step.topic or 'what follows'}. {told}{used} `/skip` leaves it out."


def _leads(lesson: GuidedLesson, step: Step) -> str:
    """Whether the way goes on otherwise after this step."""
    named = {step.outcome, step.tried}
    depends = any(name in one.when for one in lesson.steps for name in named)
    return " What you answer decides whether more practice follows." if depends else ""


def what_was_wrong(session: Session) -> str:
    """What the last answer to this question was, and what was said to it."""
    step, fields = (None, {}) if session.finished else session.here()
    given = session.state.answers.get(step.id, "") if step else ""
    if (
        step is None
        or step.question is None
        or not given
        or session.state.done
        or step.kind not in ("check", "exercise")
    ):
        return still_asked(session, unsure=False)
    outcome = grade(step.question, given, fields, session.likeness)
    return f"You typed “{given.splitlines()[-1]}”. {outcome.reply or 'That is not it.'} `/hint` helps you along."


def still_asked(session: Session, *, unsure: bool) -> str:
    """The open question again, for those who do not know it or do not see what is wanted."""
    screen = session.screen()
    if not screen.prompt:
        return "Nothing is asked here: Enter goes on. Ask me what is not clear, in your own words."
    if screen.kind == "sentence":
        return "No need for one of your own: Enter keeps the present sentence."
    if session.here()[0].kind == "predict":
        return f"It is a guess, and any will do. {screen.prompt}"
    lead = "No need to be sure." if unsure else f"What is asked: {screen.prompt}"
    return f"{lead} `/hint` helps you along, `/skip` leaves it out, and you can ask me about any word in it."
