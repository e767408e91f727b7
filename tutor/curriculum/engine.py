"""Taking a guided lesson: present, wait, check. A state machine that prints nothing and knows no terminal.

    session = Session.start(lesson, sentence, run)       # sentence "" for the lesson's own
    session = Session.resume(lesson, state, run)         # a State, or what State.plain() gave (a dict from JSON)
    screen = session.screen()     # what to show; asking for it changes nothing
    reply = session.answer(text)  # what came of what was typed
    session.next()                # when reply.advance, or on Enter where screen.kind == "read"
    session.hint()  session.solution()  session.smaller()  session.did(deed)        # -> Reply
    session.back()  session.skip()            # -> bool: whether there was anywhere to go; recap() at any time
    session.state                 # frozen; save session.state.plain() after every call above

`run(experiment, sentence, options) -> result` is injected; its `LearnerError` is a reply where a sentence was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tutor.curriculum.answers import Grade, grade
from tutor.curriculum.bench import Bench, Runner, fields_of
from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.explanations import Likeness, together
from tutor.curriculum.narration import fill
from tutor.curriculum.recap import recap
from tutor.curriculum.requests import done, missing
from tutor.curriculum.screens import Attempt, Deed, Live, Reply, Screen
from tutor.curriculum.smaller import smaller
from tutor.curriculum.solutions import one_way, solved
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Question, Step
from tutor.curriculum.way import following, position_of
from tutor.curriculum.words import keeps, said_yes
from tutor.errors import LearnerError

TRIES, TWICE = 3, 2
"""Wrong answers after which the solution is offered, and the same with smaller numbers."""


class Session:
    """One learner in one lesson. Every method leaves `state` ready to be saved."""

    def __init__(self, lesson: GuidedLesson, state: State, run: Runner) -> None:
        self.lesson = lesson
        self.state = state
        self.likeness: Likeness | None = None
        """Compares explanations by meaning, where there is somebody who can."""
        self._bench = Bench(lesson, run)
        self._steps = {step.id: step for step in lesson.walk()}

    @classmethod
    def start(cls, lesson: GuidedLesson, sentence: str, run: Runner) -> Session:
        """At the first step."""
        return cls(lesson, State(lesson.id, sentence or lesson.sentence, lesson.steps[0].id), run)

    @classmethod
    def resume(cls, lesson: GuidedLesson, state: State | Mapping[str, Any], run: Runner) -> Session:
        """Where the learner was; at the start where the lesson has since lost that step.

        A step that was answered when the program was ended is not asked again.
        """
        state = state if isinstance(state, State) else State.from_plain(state)
        known = {step.id for step in lesson.walk()}
        if state.lesson != lesson.id or (state.at and state.at not in known):
            return cls.start(lesson, state.sentence, run)
        session = cls(lesson, replace(state, path=tuple(step for step in state.path if step in known)), run)
        if state.done:
            session.next()
        return session

    @property
    def finished(self) -> bool:
        """Whether the last step is behind the learner."""
        return not self.state.at

    @property
    def position(self) -> int:
        """The number of this screen on the main way."""
        return position_of(self.lesson, self.state.at)

    def here(self) -> tuple[Step, dict[str, Any]]:
        """The step that the learner is at, and the fields that its texts and answers speak of."""
        step = self._steps[self.state.at]
        return step, self._fields(step)

    def live(self) -> Live | None:
        """What this step has run, shown or not; nothing where it runs nothing."""
        return None if self.finished else self._bench.live(self._steps[self.state.at], self.state.sentence)

    def screen(self) -> Screen:
        """What to show now. Changes nothing, and shows the same when asked again."""
        if self.finished:
            return Screen("", self.recap(), "end")
        step, fields = self.here()
        live = self.live() if step.shown else None
        told = next((branch.say for branch in step.narrate if holds(branch.when, fields)), "")
        after = (fill(told, fields),) if told else ()
        say = tuple(fill(text, fields) for text in step.say)
        if live is None:  # nothing stands between
            say, after = (*after, *say), ()
        if step.kind == "observe":
            say = (*self._compared(step, fields), *say)
        question = step.question
        if question is None:
            return Screen(step.id, say, "read", live, after)
        prompt = fill(question.ask, fields)
        if step.kind == "detour":
            return Screen(step.id, say, "yes-no", live, after, prompt)
        choices = tuple(option.say for option in options_of(question, fields)) if question.accept == "choice" else ()
        for asked in (question.answer,) * (question.accept == "number") + question.shape:
            evaluate(asked, fields)  # what cannot be computed must not be asked
        return Screen(step.id, say, question.accept, live, after, prompt, choices)

    def _compared(self, step: Step, fields: Mapping[str, Any]) -> tuple[str, ...]:
        """What became of the prediction that this step settles; nothing where none was made."""
        given = self.state.answers.get(step.of)
        question = self._steps[step.of].question
        if given is None or question is None:
            return ()
        outcome = grade(question, given, self._fields(self._steps[step.of]))
        if outcome.right:
            return tuple(fill(text, fields) for text in step.right)
        return (" ".join([*(fill(text, fields) for text in step.wrong), outcome.reply]).strip(),)

    def answer(self, text: str) -> Reply:
        """Grade what was typed at this step's prompt. At a step that asks nothing, anything means: go on."""
        if self.finished:
            return Reply(())
        step, fields = self.here()
        if self.state.done or step.question is None:
            return Reply((), advance=True)
        if step.kind == "detour":
            return self._answer_detour(text)
        if step.question.accept == "sentence":
            return self._answer_sentence(step.question, text)
        if step.question.accept == "request":
            return Reply(())
        outcome = self.graded(text)
        if step.kind == "predict":
            return self._bet(outcome)
        unread = outcome.right is None
        return Reply((outcome.reply,)) if unread else self._graded(step, step.question, outcome, fields)

    def graded(self, text: str) -> Grade:
        """What `text` comes to as an answer to the open question; of an explanation, all lines so far count."""
        step, fields = self.here()
        assert step.question is not None
        if step.question.accept == "free":
            text = together(step.question, self.state.answers.get(step.id, ""), text, self.likeness)
        return grade(step.question, text, fields, self.likeness)

    def _bet(self, outcome: Grade) -> Reply:
        if outcome.right is None:
            guess = "A guess is all that is wanted. Type a choice, or its number."
            return Reply((guess if "`/hint`" in outcome.reply else outcome.reply,))
        self.state = self.state.answered(outcome.given)
        return Reply((), advance=True)

    def _graded(self, step: Step, question: Question, outcome: Grade, fields: Mapping[str, Any]) -> Reply:
        attempt = self._attempt(step, bool(outcome.right), self.state.hints.get(step.id, 0) > 0, fields)
        self.state = self.state.answered(outcome.given, done=attempt.correct)
        if attempt.correct:
            told = tuple(fill(text, fields) for text in step.right) or ("Right.",)
            return Reply((*told, *one_way(question)), True, advance=True, attempt=attempt)
        self.state = self.state.missed()
        told = (outcome.reply or "Not that.",)
        if question.smaller and self.state.tries[step.id] == TWICE and not self.state.hints.get(step.id):
            told = (*told, "`/smaller` shows it once with smaller numbers.")
        if self.state.tries[step.id] >= TRIES:
            told = (*told, "`/solution` shows how it goes; or try again as often as you like.")
        return Reply(told, False, attempt=attempt)

    def _attempt(self, step: Step, correct: bool, hinted: bool, fields: Mapping[str, Any]) -> Attempt:
        """Settle the step, where this is the first answer, and make what is kept of it."""
        first = step.id not in self.state.outcomes
        self.state = self.state.settled(correct and not hinted)
        question = step.question
        choices = len(options_of(question, fields)) if question and question.accept == "choice" else 0
        return Attempt(step.id, step.concepts, correct, hinted, first, choices)

    def _answer_detour(self, text: str) -> Reply:
        wanted = said_yes(text)
        if wanted is None:
            return Reply(("Type yes or no; Enter means no.",))
        self.state = self.state.answered("yes" if wanted else "no")
        return Reply((), advance=True)

    def _answer_sentence(self, question: Question, text: str) -> Reply:
        sentence = text.strip().strip('"“”').strip()
        if keeps(sentence):
            self.state = self.state.answered(self.state.sentence)
            return Reply((), advance=True)
        try:
            fields = fields_of(self._bench.run("tokens", sentence, {}))
        except LearnerError as error:
            return Reply((str(error),))
        for branch in question.requires:
            if not holds(branch.when, fields):
                return Reply((fill(branch.say, fields),))
        # What was predicted of another sentence says nothing of this one.
        self.state = replace(self.state, sentence=sentence, answers={}).answered(sentence)
        return Reply((f"Taken: {sentence}",), advance=True)

    def did(self, deed: Deed) -> Reply:
        """What came of a request, where one is asked for."""
        step, fields = self.here()
        if step.question is None or step.question.wants is None or self.state.done:
            return Reply((), advance=self.state.done)
        if not done(step.question.wants, deed):
            return Reply(tuple(filter(None, [missing(step.question.wants, deed)])), False)
        self.state = self.state.answered("done")
        return Reply(tuple(fill(text, fields) for text in step.right), True, advance=True)

    def hint(self) -> Reply:
        """The next hint, with its number; the last one again when there are no more."""
        step = None if self.finished else self._steps[self.state.at]
        if step is not None and step.kind == "predict" and not self.state.done:
            return Reply(("A bet needs no hint: any of them will do, and the next screen shows what happens.",))
        hints = step.question.hints if step and step.question and not self.state.done else ()
        if step is None or step.question is None or not hints:
            return Reply(("There is nothing to hint at here.",))
        number = min(self.state.hints.get(step.id, 0) + 1, len(hints))
        self.state = self.state.hinted(number)
        told: tuple[str, ...] = (f"Hint {number} of {len(hints)}: {fill(hints[number - 1], self._fields(step))}",)
        if number == len(hints) and step.question.accept != "sentence":
            told = (*told, "That is the last one; `/solution` shows how it goes.")
        return Reply(told)

    @property
    def has_smaller(self) -> bool:
        """Whether this step can be shown with smaller numbers."""
        question = None if self.finished else self._steps[self.state.at].question
        return bool(question and question.smaller) and not self.state.done

    def smaller(self) -> Reply:
        """The same with smaller numbers, worked through."""
        if not self.has_smaller:
            return Reply(("There is nothing here to show with smaller numbers; `/hint` helps.",))
        step, fields = self.here()
        self.state = self.state.hinted(max(1, self.state.hints.get(step.id, 0)))
        return Reply(smaller(step, fields))

    def solution(self) -> Reply:
        """How it goes. The step counts as done, and as not known."""
        step = None if self.finished else self._steps[self.state.at]
        if step is None or step.question is None or step.kind == "detour" or step.question.accept == "sentence":
            return Reply(("There is nothing to solve here.",))
        if step.kind == "predict":
            return Reply(("The next screen shows it. Guess first: a wrong guess is worth more than none.",))
        if self.state.done:
            return Reply((), advance=True)
        if step.question.accept == "request":
            return Reply(solved(step.question, self._fields(step)))
        tries, hints = self.state.tries.get(step.id, 0), self.state.hints.get(step.id, 0)
        if tries < TRIES and hints < len(step.question.hints):
            return Reply((f"Try first: it is shown after {TRIES} tries, or after the last hint. `/hint` helps.",))
        return self._revealed(step, step.question)

    def give_up(self) -> Reply:
        """How it goes, whatever was tried before: for a question that stands alone."""
        step = self._steps[self.state.at]
        if step.question is None or self.state.done:
            return Reply((), advance=True)
        return self._revealed(step, step.question)

    def _revealed(self, step: Step, question: Question) -> Reply:
        fields = self._fields(step)
        attempt = self._attempt(step, False, True, fields)
        self.state = self.state.answered(self.state.answers.get(step.id, ""))
        return Reply(solved(question, fields), advance=True, attempt=attempt)

    def recap(self) -> tuple[str, ...]:
        """What has been seen so far, a line a step, and how many questions were right at once."""
        return recap(self.lesson, self.state, self._fields)

    def next(self) -> bool:
        """Go on to the step that follows; whether there is one. Where a question is still open, use `skip`."""
        if not self.finished and self._steps[self.state.at].question is not None and not self.state.done:
            return False
        return self.skip()

    def skip(self) -> bool:
        """Leave this step out. Nothing is recorded as answered."""
        if self.finished:
            return False
        step = self._steps[self.state.at]
        asked = step.question is not None and step.kind != "detour" and step.question.accept != "sentence"
        onward = following(self.lesson, step, self.state, self._fields)
        self.state = self.state.moved(onward, skipped=asked and not self.state.done)
        return not self.finished

    def left_open(self) -> tuple[str, ...]:
        """How the question goes that would be left open by skipping; nothing where none is open."""
        step = None if self.finished else self._steps[self.state.at]
        if step is None or step.question is None or self.state.done or step.kind not in ("check", "exercise"):
            return ()
        return solved(step.question, self._fields(step))

    def goto(self, number: int) -> bool:
        """Go to the screen of that number, back or forward; whether there is one."""
        wanted = [one for one in self.lesson.steps if one.kind not in ("branch", "detour")]
        if not 1 <= number <= len(wanted):
            return False
        at, path = wanted[number - 1].id, self.state.path
        path = path[: path.index(at)] if at in path else (*path, *([self.state.at] if self.state.at else []))
        self.state = replace(self.state, at=at, path=path, done=False)
        return True

    def back(self) -> bool:
        """Return to the screen before this one."""
        if not self.state.path:
            return False
        *path, last = self.state.path
        self.state = replace(self.state, at=last, path=tuple(path), done=False)
        return True

    def _fields(self, step: Step) -> dict[str, Any]:
        return self._bench.fields(step, self.state)
