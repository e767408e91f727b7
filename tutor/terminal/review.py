"""Exercises that come back: those that are due, or those of one concept, each on another sentence than before."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from tutor.curriculum.bench import Runner
from tutor.curriculum.engine import Session
from tutor.curriculum.explanations import Likeness
from tutor.curriculum.practice import comes_again, in_fresh_order, on_fresh_sentence
from tutor.curriculum.screens import Attempt
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.errors import AuthorError, LearnerError, TutorError
from tutor.terminal.drill import REVIEW, Drill, Left
from tutor.terminal.due import due_line

if TYPE_CHECKING:
    from tutor.learner.cards import Card
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

OF_ONE_CONCEPT = 2
"""Exercises that are set on a concept that was asked for."""
KEYS = "/hint /skip /leave"
Exercise = tuple[GuidedLesson, Step]


def review(chat: Chat, concept: str = "") -> None:
    """Set the exercises that are due, or some on one concept. Raises `LearnerError` for an unknown concept."""
    from tutor.curriculum.own import whole_course
    from tutor.learner.store import Store

    broken: list[AuthorError] = []
    course = whole_course(complain=broken.append)
    for error in broken:
        chat.line(f"Left out: {error}")
    with Store() as store:
        if store.notice:
            chat.say(store.notice)
        wanted = _of_concept(course, store, concept) if concept else _due(course, store, whole=not broken)
        if not wanted:
            unread = store.cards.due()  # of a lesson that was left out: kept for when it can be read
            chat.say("What is due is of a lesson that cannot be read." if unread else _nothing_due(store))
            return
        _Review(chat, store, wanted, forced=bool(concept)).go()
    refresh_weak(chat)


def runner_of(chat: Chat) -> Runner:
    """Runs experiments for lessons on the chat's models."""

    def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        from tutor.experiments.registry import run

        with chat.busy("running it"):
            return run(experiment, chat.models, sentence, options).result

    return run


def likeness_of(chat: Chat) -> Likeness:
    """Compares texts by the reader of the chat, which is loaded when first needed."""
    return lambda text, others: chat.conversation.reader.likeness(text, others)


def refresh_weak(chat: Chat) -> None:
    """Let the conversation know what is weak now: its answers offer exercises on it."""
    from tutor.learner.progress import weak_concepts

    if chat.loaded is not None:
        with suppress(TutorError):
            chat.loaded.weak = weak_concepts()


def _due(course: Sequence[GuidedLesson], store: Store, *, whole: bool) -> list[Exercise]:
    """What is due; what no lesson has any more is forgotten, unless a lesson could not be read."""
    cards = store.cards.due()
    lost = [card for card in cards if _exercise(course, card) is None]
    if lost and whole:
        store.cards.forget(lost)
    return [found for card in cards if (found := _exercise(course, card))]


def _exercise(course: Sequence[GuidedLesson], card: Card) -> Exercise | None:
    found = ((lesson, step) for lesson in course if lesson.id == card.lesson for step in lesson.walk())
    return next((one for one in found if one[1].id == card.step and comes_again(*one)), None)


def _of_concept(course: Sequence[GuidedLesson], store: Store, concept: str) -> list[Exercise]:
    """Exercises on a concept: first those done before, the longest ago in front, then others."""
    every = [(lesson, step) for lesson in course for step in lesson.walk() if comes_again(lesson, step)]
    known = {name for _, step in every for name in step.concepts}
    name = "-".join(concept.casefold().split())
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `/review {near[0]}`?" if near else "`/review` alone sets what is due"
        raise LearnerError(f"there is no exercise on '{concept}'; {hint}")
    of_it = [one for one in every if name in one[1].concepts]
    order = {(card.lesson, card.step): place for place, card in enumerate(store.cards.all())}
    of_it.sort(key=lambda one: order.get((one[0].id, one[1].id), len(order)))
    return of_it[:OF_ONE_CONCEPT]


def _nothing_due(store: Store) -> str:
    cards = store.cards.all()
    if not cards:
        return "Nothing to review yet. Exercises come back some time after you have done them in a lesson: `/lesson`."
    wait = datetime.fromisoformat(cards[0].due) - datetime.now(UTC)
    return f"Nothing is due. The next of {len(cards)} exercises comes back in {_in_words(wait.total_seconds())}."


def _in_words(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = round(seconds / size)
        if count:
            return f"{count} {name}{'s' * (count > 1)}"
    return "a minute"


class _Review:
    """One pass through some exercises."""

    def __init__(self, chat: Chat, store: Store, wanted: Sequence[Exercise], forced: bool) -> None:
        self.chat = chat
        self.store = store
        self.wanted = wanted
        self.forced = forced
        """Set whether due or not."""
        self.random = Random()
        self.run = runner_of(chat)
        self.told_of_store = False

    def go(self) -> None:
        """Set them one after the other, until there is none or the learner leaves."""
        count = len(self.wanted)
        self.chat.say(
            f"{count} exercise{'s' * (count > 1)}, about a minute each. `/hint` helps, `/skip` shows how it goes, "
            "`/leave` ends it."
        )
        answers: list[bool] = []
        with lesson_sentence(self.chat):
            try:
                for number, exercise in enumerate(self.wanted, 1):
                    if self.forced or self._still_due(exercise):
                        answers += self._set(*exercise, f"Review {number}/{count} > ")
            except Left:
                self.chat.say("What you did not answer is asked another time.")
        if answers:
            self.chat.say(self._result(answers))

    def _still_due(self, exercise: Exercise) -> bool:
        """Whether it was not answered in another terminal meanwhile."""
        lesson, step = exercise
        return any((card.lesson, card.step) == (lesson.id, step.id) for card in self.store.cards.due())

    def _set(self, lesson: GuidedLesson, step: Step, prompt: str) -> list[bool]:
        """Whether it was right, in a list; an empty one where it cannot be set."""
        try:
            session = on_fresh_sentence(lesson, step, self.run, self._sentences(lesson, step))
        except TutorError as error:
            self.chat.line(f"One exercise is left out: {error}")
            return []
        put_sentence(self.chat, session, KEYS)
        self.chat.raw("")
        self.chat.say(f"{lesson.title}: {step.topic}. The sentence: {session.state.sentence}")
        self.chat.raw("")

        def keep(attempt: Attempt) -> None:
            try:
                self.store.answer(lesson.id, attempt, sentence=session.state.sentence)
                self.told_of_store = False
            except LearnerError as error:
                if not self.told_of_store:
                    self.chat.line(f"This is not kept just now. {error}")
                self.told_of_store = True

        return [Drill(self.chat, session, REVIEW, keep).ask(prompt)]

    def _sentences(self, lesson: GuidedLesson, step: Step) -> list[str]:
        """The learner's own sentences and ours, in an order of chance, the one used last time at the end."""
        from tutor.curriculum.syllabus import load_sentences

        last = [card.sentence for card in self.store.cards.all() if (card.lesson, card.step) == (lesson.id, step.id)]
        states = [record.state for record in self.store.lessons().values() if record.state]
        own = [str(state["sentence"]) for state in states if state.get("sentence")]
        ours: tuple[str, ...] = ()
        with suppress(AuthorError):  # a damaged file: there are still the learner's own, and that of the lesson
            ours = load_sentences()
        return in_fresh_order([*own, *ours], last[0] if last else "", self.random)

    def _result(self, answers: Sequence[bool]) -> str:
        right = sum(answers)
        told = f"{right} of {len(answers)} right at once."
        left = len(self.store.cards.due())
        if left:
            return f"{told} {due_line(left)}"
        return f"{told} {_nothing_due(self.store) if right == len(answers) else 'The rest comes back in a minute.'}"


def put_sentence(chat: Chat, session: Session, keys: str) -> None:
    """What is shown or asked in between is about the exercise's sentence, and so is the line at the bottom."""
    sentence = session.state.sentence
    chat.keys = keys
    room = chat.width() - len(keys) - 4
    chat.place = sentence if len(sentence) <= room else sentence[: max(1, room - 3)] + "..."
    with suppress(TutorError):
        chat.conversation.sentence = sentence


@contextmanager
def lesson_sentence(chat: Chat) -> Iterator[None]:
    """Afterwards the learner's own sentence is in force again."""
    before = ""
    with suppress(TutorError):  # the topics cannot be read; exercises can go on without them
        before = chat.conversation.sentence
    try:
        yield
    finally:
        chat.place = ""
        if before:
            chat.conversation.sentence = before
