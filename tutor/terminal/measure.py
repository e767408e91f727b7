"""A sitting of the test before or after the course, and what the two come to: the learner's own measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.curriculum.engine import Session
from tutor.curriculum.forms import POSTTEST, PRETEST, load_form
from tutor.curriculum.screens import Attempt
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson
from tutor.learner.sittings import Gain, Sitting
from tutor.terminal.drill import SITTING, Drill, Left
from tutor.terminal.review import runner_of

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

KEYS = "/skip /leave"
_CLAIM = (
    "This is a measure for yourself and says nothing about the course: the two forms are meant to be equally hard, and "
    "nobody has tried whether they are."
)


def measure(chat: Chat, name: str) -> None:
    """Ask what is left of a form, then tell the result. Raises `LearnerError` where nothing can be kept."""
    from tutor.learner.store import Store

    form = load_form(name)
    with Store() as store:
        if store.notice:
            chat.say(store.notice)
        sitting = store.sittings.take(form.id)
        _introduce(chat, form, sitting)
        try:
            for number, item in enumerate(form.steps, 1):
                if item.id not in sitting.answers:
                    _ask(chat, store, form, sitting.id, number)
        except Left:
            chat.place = ""
            chat.say(f"Your place is kept; `attention-tutor learn --{form.id}` goes on from here.")
            return
        chat.place = ""
        store.sittings.finish(sitting.id)
        _tell(chat, store, form, sitting.id)


def _introduce(chat: Chat, form: GuidedLesson, sitting: Sitting) -> None:
    count = len(form.steps)
    chat.place, chat.keys = form.title, KEYS
    chat.say(f"{form.title}: {count} questions, about {count} minutes. One try each, no hints.")
    done = len(sitting.answers)
    chat.say(f"On from question {done + 1}." if done else "`/skip` where you do not know; a guess is no use to you.")


def _ask(chat: Chat, store: Store, form: GuidedLesson, sitting: str, number: int) -> None:
    item = form.steps[number - 1]
    session = Session(form, State(form.id, "", item.id), runner_of(chat))

    def keep(attempt: Attempt) -> None:
        if attempt.first:
            store.sittings.record(sitting, item.id, attempt.correct and not attempt.hinted)

    chat.raw("")
    Drill(chat, session, SITTING, keep).ask(f"{form.title} {number}/{len(form.steps)} > ")


def _tell(chat: Chat, store: Store, form: GuidedLesson, id: str) -> None:
    """The result of this sitting and, after the course, what was gained since the first one before it."""
    sittings = store.sittings.all(form.id)
    sitting = next(one for one in sittings if one.id == id)
    chat.raw("")
    chat.say(f"{sitting.right} of {len(form.steps)} right.")
    missed = _taught_in(form, sitting)
    if missed:
        chat.say(f"What you missed is taught in lesson{'s' * (len(missed) > 1)} {', '.join(map(str, missed))}.")
    if form.id == PRETEST:
        chat.say(f"After the course, `attention-tutor learn --{POSTTEST}` asks twenty others. {_CLAIM}")
        return
    before = [one for one in store.sittings.all(PRETEST) if one.finished_at and one.started_at < sitting.started_at]
    if not before:
        chat.say(f"There is nothing to compare with: `attention-tutor learn --{PRETEST}` was not taken before.")
        return
    chat.say(_gain(Gain(before[0].right, sitting.right, len(form.steps))))
    chat.say(_CLAIM)


def _gain(gain: Gain) -> str:
    """What was gained, in words."""
    both = f"Before the course it was {gain.before}, now it is {gain.after}."
    if gain.normalised is None:
        return f"{both} Nothing was left to learn, so there is no gain to tell."
    share = f"{gain.normalised:.2f}".replace("-", "−")
    count = max(1, round(gain.by_chance))
    return (
        f"{both} The normalised gain, the share of what was left to learn, is {share}. By chance alone two such "
        f"sittings differ by about {count}."
    )


def _taught_in(form: GuidedLesson, sitting: Sitting) -> list[int]:
    """Numbers of the first lesson on each concept of the items that were missed."""
    from tutor.curriculum.own import whole_course

    course = whole_course(complain=lambda error: None)  # what can be named is named
    found = set()
    for item in form.steps:
        if not sitting.answers.get(item.id):
            lessons = [
                lesson.number
                for lesson in course
                if any(set(item.concepts) & set(step.concepts) for step in lesson.walk())
            ]
            found.update(lessons[:1])
    return sorted(found)
