"""Whether everybody reaches the end of every lesson: `python -m benchmarks.persons`.

Five scripted persons take each lesson on the real models, on its own sentence: one always takes the first choice, one
is always wrong, one asks for every hint, one skips everything, and one leaves and returns a hundred times at random
and wanders in between. After every action the place is saved as JSON and read back. Prints how many screens each saw;
ends with an error where one is stuck.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate
from tutor.curriculum.course import load_course
from tutor.curriculum.engine import TRIES, Session
from tutor.curriculum.screens import Deed, Reply
from tutor.curriculum.shapes import wanted_shape
from tutor.curriculum.steps import GuidedLesson
from tutor.experiments import registry
from tutor.experiments.models import Models

MOST_ACTIONS = 2000
RETURNS = 100
Person = Callable[[Session, Random], None]
"""Does one thing at the present screen."""


def take(lesson: GuidedLesson, person: Person, run: Any, random: Random) -> int:
    """How many screens the person saw up to the end; -1 where it was not reached."""
    session = Session.start(lesson, lesson.sentence, run)
    seen: set[str] = set()
    for _ in range(MOST_ACTIONS):
        if session.finished and getattr(person, "done", lambda: True)():
            assert session.screen().paragraphs
            return len(seen)
        seen.add(session.screen().step)
        person(session, random)
        kept = json.loads(json.dumps(session.state.plain()))
        session = Session.resume(lesson, kept, run)
    return -1


def on(session: Session, reply: Reply) -> None:
    """Go on where the step is done."""
    if reply.advance:
        session.next()


def wanted(session: Session) -> str:
    """What is right here; an empty line where any will do."""
    step, fields = session.here()
    question = step.question
    if question is None or question.accept in ("sentence", "request"):
        return ""
    if step.kind == "detour":
        return "yes"
    if question.accept == "choice":
        return next(option.say for option in options_of(question, fields) if option.right)
    if question.accept == "shape":
        return str(wanted_shape(question.shape, fields))
    if question.accept == "number":
        return repr(float(evaluate(question.answer, fields)))
    return question.answers[0] if question.answers else str(evaluate(question.answer, fields))


def wrong(session: Session) -> str:
    """Something that is not right here, though of the right form."""
    step, fields = session.here()
    question = step.question
    if question is None or step.kind == "detour" or question.accept == "sentence":
        return ""
    if question.accept == "choice":
        return next(option.say for option in options_of(question, fields) if not option.right)
    if question.accept == "shape":
        return str(tuple(reversed(wanted_shape(question.shape, fields))))
    if question.accept == "number":
        return repr(3 * float(evaluate(question.answer, fields)) + 7)
    return question.fails[0] if question.fails else "something quite different"


def after_trying(session: Session, reply: Reply) -> None:
    """Go on where it was right; look the answer up where it was wrong too often; leave out what asks for a deed."""
    step = session.state.at
    if reply.advance:
        session.next()
    elif session.screen().kind == "request":
        session.skip()
    elif session.state.tries.get(step, 0) >= TRIES:
        on(session, session.solution())
    elif reply.correct is None:
        session.skip()


def first_choice(session: Session, random: Random) -> None:
    """Takes the first choice; where there is none, what is right."""
    kind = session.screen().kind
    after_trying(session, session.answer("1" if kind in ("choice", "yes-no") else wanted(session)))


def always_wrong(session: Session, random: Random) -> None:
    """Errs until the answer is shown, and asks the wrong thing of the model."""
    if session.screen().kind == "request":
        session.did(Deed(shown=(("tokens", {}),)))
    after_trying(session, session.answer(wrong(session)))


def every_hint(session: Session, random: Random) -> None:
    """Asks for each hint and for the worked answer."""
    step, _ = session.here()
    if session.screen().kind in ("read", "sentence", "yes-no", "request") or step.kind == "predict":
        after_trying(session, session.answer(wanted(session)))
        return
    told = session.hint().paragraphs[-1]
    if "/solution" in told or "nothing to hint" in told:
        on(session, session.solution())


def skips(session: Session, random: Random) -> None:
    """Leaves out everything."""
    session.skip()


class Wanderer:
    """Leaves and returns a hundred times, and does something else each time; then goes straight to the end."""

    def __init__(self) -> None:
        self.left = 0

    def done(self) -> bool:
        """Whether it has returned often enough."""
        return self.left >= RETURNS

    def __call__(self, session: Session, random: Random) -> None:
        self.left += 1
        if self.done():
            if not session.finished:
                first_choice(session, random)
            return
        deeds = (self._right, self._wrong, session.back, session.skip, session.hint, session.smaller, self._goes)
        deed = random.choice(deeds)
        if session.finished:
            session.goto(random.randint(1, session.lesson.total))
        elif deed in (self._right, self._wrong, self._goes):
            deed(session, random)  # type: ignore[call-arg]
        else:
            deed()  # type: ignore[call-arg]

    def _right(self, session: Session, random: Random) -> None:
        on(session, session.answer(wanted(session)))

    def _wrong(self, session: Session, random: Random) -> None:
        on(session, session.answer(wrong(session)))

    def _goes(self, session: Session, random: Random) -> None:
        session.goto(random.randint(1, session.lesson.total))


PERSONS: Mapping[str, Callable[[], Person]] = {
    "first choice": lambda: first_choice,
    "always wrong": lambda: always_wrong,
    "every hint": lambda: every_hint,
    "skips all": lambda: skips,
    "leaves, returns": Wanderer,
}


def runner() -> Any:
    """Experiments on the real models, each run once."""
    models, done = Models(), dict[tuple[str, str, str], Any]()

    def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        key = (experiment, sentence, repr(sorted(options.items())))
        if key not in done:
            done[key] = registry.run(experiment, models, sentence, options).result
        return done[key]

    return run


def main() -> None:
    run = runner()
    stuck = 0
    print(f"{'screens seen':24}" + "".join(f"{name:>17}" for name in PERSONS))
    for lesson in load_course():
        counts = [take(lesson, make(), run, Random(lesson.number)) for make in PERSONS.values()]
        stuck += counts.count(-1)
        print(f"{lesson.id:24}" + "".join(f"{count if count >= 0 else 'stuck':>17}" for count in counts), flush=True)
    print(f"{stuck} stuck" if stuck else "Everybody reached the end of every lesson.")
    sys.exit(stuck > 0)


if __name__ == "__main__":
    main()
