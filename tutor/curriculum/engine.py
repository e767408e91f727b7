"""Taking a guided lesson: present, wait, check. A state machine that prints nothing and knows no terminal.

    session = Session.start(lesson, sentence, run)       # sentence "" for the lesson's own
    session = Session.resume(lesson, state, run)         # a State, or what State.plain() gave (a dict from JSON)

    screen = session.screen()     # what to show: Screen(lesson, step, position, total, title, paragraphs, run,
                                  #   after, prompt, kind, choices, hints); asking for it changes nothing
    reply = session.answer(text)  # Reply(paragraphs, correct, advance, run, attempt, offers_solution)
    session.next()                # when reply.advance, or on Enter where screen.kind == "read"
    session.hint()  session.solution()        # -> Reply
    session.back()  session.skip()            # -> bool: whether there was anywhere to go; then show screen() again
    session.recap()                           # -> tuple of paragraphs, at any time
    session.state                 # frozen; session.state.plain() is ready for JSON; save it after every call above
    session.finished

`run(experiment, sentence, options) -> result dataclass` is injected; it may raise `LearnerError`, which `answer`
turns into a reply where the learner has just typed the sentence, and lets through elsewhere.

`Screen.kind` is what the prompt takes: "read" (only Enter), "choice", "number", "word", "free", "sentence"
(Enter keeps the present one), "yes-no" (a detour is offered), "end".
`Reply.attempt`, where there is one, is for `Store.record_attempt(lesson, **dataclasses.asdict(attempt))`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tutor.curriculum.answers import Grade, folded, grade, options_of, said_yes
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.course import ASKING, GuidedLesson, Pick, Step, outcome_field
from tutor.curriculum.narration import fill
from tutor.errors import AuthorError, LearnerError

Runner = Callable[[str, str, Mapping[str, Any]], Any]
MOST_TO_STUDY = 2
TRIES = 3
"""Wrong answers after which the solution is offered."""
_KEEP = ("", "keep", "keep it", "yes", "y", "ok", "okay", "same", "this one", "next", "continue", "go on")


@dataclass(frozen=True)
class Live:
    """An experiment as it was run for the lesson."""

    experiment: str
    sentence: str
    options: Mapping[str, Any]
    result: Any
    parts: tuple[int, ...] = ()
    """Which parts of its picture to show, counted from 1; all where none is named."""


@dataclass(frozen=True)
class Attempt:
    """One graded answer, for the record."""

    step: str
    concepts: tuple[str, ...]
    correct: bool
    hinted: bool
    first: bool


@dataclass(frozen=True)
class Screen:
    """What the learner sees and what the prompt waits for."""

    lesson: str
    step: str
    """Its id, for bug reports; empty at the end."""
    position: int
    total: int
    title: str
    """The lesson's title: 'Attention, by hand 4/14' is title position/total."""
    paragraphs: tuple[str, ...]
    run: Live | None
    """A picture to draw below the paragraphs."""
    after: tuple[str, ...]
    """What to say below the picture."""
    prompt: str
    """The question; empty where there is none."""
    kind: str
    choices: tuple[str, ...]
    hints: int
    """How many hints this step has."""


@dataclass(frozen=True)
class Reply:
    """What came of an answer, a hint or a solution."""

    paragraphs: tuple[str, ...]
    correct: bool | None = None
    advance: bool = False
    """The step is done: call `next()`."""
    attempt: Attempt | None = None
    offers_solution: bool = False


@dataclass(frozen=True)
class State:
    """Where a learner is in a lesson: plain values only, so that it can be saved after every step."""

    lesson: str
    sentence: str
    at: str
    """Id of the step; empty when the lesson is finished."""
    done: bool = False
    """This step has been answered; only `next` is left."""
    path: tuple[str, ...] = ()
    """The steps passed, for going back."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Step -> what was chosen or typed last."""
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    """Step -> whether the first answer was right without a hint."""
    tries: Mapping[str, int] = field(default_factory=dict)
    hints: Mapping[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Ready for JSON."""
        held = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: list(v) if isinstance(v, tuple) else dict(v) if isinstance(v, Mapping) else v
                for name, v in held.items()}  # fmt: skip

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> State:
        """The state that `plain()` gave. Raises `LearnerError` for anything else."""
        try:
            return cls(
                lesson=_text(plain["lesson"]),
                sentence=_text(plain["sentence"]),
                at=_text(plain["at"]),
                done=bool(plain["done"]),
                path=tuple(_text(step) for step in plain["path"]),
                answers={_text(step): _text(given) for step, given in plain["answers"].items()},
                outcomes={_text(step): bool(right) for step, right in plain["outcomes"].items()},
                tries={_text(step): int(count) for step, count in plain["tries"].items()},
                hints={_text(step): int(count) for step, count in plain["hints"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LearnerError(
                f"this lesson's saved place cannot be read ({error!r}); start the lesson again"
            ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def position_of(lesson: GuidedLesson, at: str) -> int:
    """The number of the screen of step `at`, counted from 1; the last where `at` is empty."""
    count = 0
    for step in lesson.steps:
        count += step.kind not in ("branch", "detour")
        if at in (step.id, *(inner.id for inner in step.steps)):
            break
    return max(count, 1)


class Session:
    """One learner in one lesson. Every method leaves `state` ready to be saved."""

    def __init__(self, lesson: GuidedLesson, state: State, run: Runner) -> None:
        self.lesson = lesson
        self.state = state
        self._run = run
        self._steps = {step.id: step for step in lesson.walk()}
        self._results: dict[tuple[str, str, str], Any] = {}

    @classmethod
    def start(cls, lesson: GuidedLesson, sentence: str, run: Runner) -> Session:
        """At the first step."""
        return cls(lesson, State(lesson.id, sentence or lesson.sentence, lesson.steps[0].id), run)

    @classmethod
    def resume(cls, lesson: GuidedLesson, state: State | Mapping[str, Any], run: Runner) -> Session:
        """Where the learner was; at the start where the lesson has since lost that step.

        A step that was answered when the program was ended is not asked again.
        """
        if not isinstance(state, State):
            state = State.from_plain(state)
        known = {step.id for step in lesson.walk()}
        if state.lesson != lesson.id or (state.at and state.at not in known):
            return cls.start(lesson, state.sentence, run)
        state = replace(state, path=tuple(step for step in state.path if step in known))
        session = cls(lesson, state, run)
        if state.done:
            session.next()
        return session

    # --- what to show ----------------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether the last step is behind the learner."""
        return not self.state.at

    @property
    def position(self) -> int:
        """The number of this screen on the main way; a detour keeps that of the step before it."""
        return position_of(self.lesson, self.state.at)

    def screen(self) -> Screen:
        """What to show now. Changes nothing, and shows the same when asked again."""
        if self.finished:
            return self._screen("", self.recap(), None, (), "", "end", (), 0)
        step = self._steps[self.state.at]
        fields = self._fields(step)
        live = self._live(step) if step.shown else None
        after: tuple[str, ...] = ()
        for branch in step.narrate:
            if holds(branch.when, fields):
                after = (fill(branch.say, fields),)
                break
        say = tuple(fill(text, fields) for text in step.say)
        if live is None:  # nothing stands between
            say, after = (*after, *say), ()
        if step.kind == "observe":
            say = (*self._compared(step, fields), *say)
        question = step.question
        if question is None:
            return self._screen(step.id, say, live, after, "", "read", (), 0)
        choices: tuple[str, ...] = ()
        if step.kind != "detour" and question.accept == "choice":
            choices = tuple(option.say for option in options_of(question, fields))
        kind = "yes-no" if step.kind == "detour" else question.accept
        return self._screen(step.id, say, live, after, fill(question.ask, fields), kind, choices, len(question.hints))

    def _screen(
        self, step: str, paragraphs: tuple[str, ...], run: Live | None, after: tuple[str, ...], prompt: str,
        kind: str, choices: tuple[str, ...], hints: int,
    ) -> Screen:  # fmt: skip
        return Screen(
            self.lesson.id, step, self.position, self.lesson.total, self.lesson.title, paragraphs, run, after, prompt,
            kind, choices, hints,
        )  # fmt: skip

    def _compared(self, step: Step, fields: Mapping[str, Any]) -> tuple[str, ...]:
        """What became of the prediction that this step settles; nothing where none was made."""
        given = self.state.answers.get(step.of)
        question = self._steps[step.of].question
        if given is None or question is None:
            return ()
        outcome = grade(question, given, self._fields(self._steps[step.of]))
        texts = step.right if outcome.right else step.wrong
        diagnosis = () if outcome.right or not outcome.reply else (outcome.reply,)
        return (*(fill(text, fields) for text in texts), *diagnosis)

    # --- what the learner does -------------------------------------------------------------------------------

    def answer(self, text: str) -> Reply:
        """Grade what was typed at this step's prompt. At a step that asks nothing, anything means: go on."""
        if self.finished:
            return Reply(())
        step = self._steps[self.state.at]
        if self.state.done or step.question is None:
            return Reply((), None, advance=True)
        if step.kind == "detour":
            return self._answer_detour(step, text)
        if step.question.accept == "sentence":
            return self._answer_sentence(step, text)
        outcome = grade(step.question, text, self._fields(step))
        if outcome.right is None:
            told = "A guess is all that is wanted. " if step.kind == "predict" and "`/hint`" in outcome.reply else ""
            return Reply((told + ("Type a choice, or its number." if told else outcome.reply),))
        if step.kind == "predict":
            return self._commit(step, outcome)
        return self._graded(step, outcome)

    def _commit(self, step: Step, outcome: Grade) -> Reply:
        self._done(step, outcome.given)
        return Reply((f"Noted: “{outcome.given}”.",), None, advance=True)

    def _graded(self, step: Step, outcome: Grade) -> Reply:
        assert step.question is not None and outcome.right is not None
        first = step.id not in self.state.outcomes
        attempt = Attempt(step.id, step.concepts, outcome.right, self.state.hints.get(step.id, 0) > 0, first)
        self._settle(step, attempt.correct and not attempt.hinted)
        fields = self._fields(step)
        if outcome.right:
            self._done(step, outcome.given)
            told = tuple(fill(text, fields) for text in step.right) or ("Right.",)
            if step.question.accept == "free":
                told = (*told, *(f"One way to say it: {answer}" for answer in step.question.answers[:1]))
            return Reply(told, True, advance=True, attempt=attempt)
        tries = self.state.tries.get(step.id, 0) + 1
        self.state = replace(
            self.state,
            tries={**self.state.tries, step.id: tries},
            answers={**self.state.answers, step.id: outcome.given},
        )
        told = (outcome.reply or "Not that.",)
        offers = tries >= TRIES
        if offers:
            told = (*told, "`/solution` shows how it goes; or try again as often as you like.")
        return Reply(told, False, attempt=attempt, offers_solution=offers)

    def _answer_detour(self, step: Step, text: str) -> Reply:
        wanted = said_yes(text)
        if wanted is None:
            return Reply(("Type yes or no; Enter means no.",))
        self._done(step, "yes" if wanted else "no")
        return Reply((), None, advance=True)

    def _answer_sentence(self, step: Step, text: str) -> Reply:
        assert step.question is not None
        sentence = text.strip().strip('"“”').strip()
        if not sentence or (folded(sentence) and folded(sentence) in _KEEP):
            self._done(step, self.state.sentence)
            return Reply((), None, advance=True)
        try:
            tokens = self._run("tokens", sentence, {})
        except LearnerError as error:
            return Reply((str(error),))
        fields = _plain_fields(tokens)
        for branch in step.question.requires:
            if not holds(branch.when, fields):
                return Reply((fill(branch.say, fields),))
        # What was predicted of another sentence says nothing of this one.
        self.state = replace(self.state, sentence=sentence, answers={})
        self._done(step, sentence)
        return Reply((f"Taken: {sentence}",), None, advance=True)

    def next(self) -> bool:
        """Go on to the step that follows; whether there is one. Where a question is still open, use `skip`."""
        if self.finished:
            return False
        step = self._steps[self.state.at]
        if step.question is not None and not self.state.done:
            return False
        self._go(self._following(step))
        return not self.finished

    def skip(self) -> bool:
        """Leave this step out. Nothing is recorded as answered."""
        if self.finished:
            return False
        self._go(self._following(self._steps[self.state.at]))
        return not self.finished

    def back(self) -> bool:
        """Return to the screen before this one."""
        if not self.state.path:
            return False
        *path, last = self.state.path
        self.state = replace(self.state, at=last, path=tuple(path), done=False)
        return True

    def hint(self) -> Reply:
        """The next hint, with its number; the last one again when there are no more."""
        step = None if self.finished else self._steps[self.state.at]
        if step is not None and step.kind == "predict":
            return Reply(("A bet needs no hint: any of them will do, and the next screen shows what happens.",))
        if step is None or step.question is None or not step.question.hints or self.state.done:
            return Reply(("There is nothing to hint at here.",))
        hints = step.question.hints
        number = min(self.state.hints.get(step.id, 0) + 1, len(hints))
        self.state = replace(self.state, hints={**self.state.hints, step.id: number})
        told: tuple[str, ...] = (f"Hint {number} of {len(hints)}: {fill(hints[number - 1], self._fields(step))}",)
        if number == len(hints) and step.question.accept != "sentence" and step.kind != "predict":
            told = (*told, "That is the last one; `/solution` shows how it goes.")
        return Reply(told)

    def solution(self) -> Reply:
        """How it goes. The step counts as done, and as not known."""
        step = None if self.finished else self._steps[self.state.at]
        if step is None or step.question is None or step.kind == "detour" or step.question.accept == "sentence":
            return Reply(("There is nothing to solve here.",))
        if step.kind == "predict":
            return Reply(("The next screen shows it. Guess first: a wrong guess is worth more than none.",))
        if self.state.done:
            return Reply((), advance=True)
        tries, hints = self.state.tries.get(step.id, 0), self.state.hints.get(step.id, 0)
        if tries < TRIES and hints < len(step.question.hints):
            return Reply((f"Try first: it is shown after {TRIES} tries, or after the last hint. `/hint` helps.",))
        attempt = Attempt(step.id, step.concepts, False, True, step.id not in self.state.outcomes)
        self._settle(step, False)
        self._done(step, self.state.answers.get(step.id, ""))
        told = tuple(fill(text, self._fields(step)) for text in step.question.solution)
        if step.question.accept == "free":
            told = (*told, *(f"One way to say it: {answer}" for answer in step.question.answers[:1]))
        return Reply(told, None, advance=True, attempt=attempt)

    def here(self) -> tuple[Step, dict[str, Any]]:
        """The step that the learner is at, and the fields that its texts and answers speak of."""
        step = self._steps[self.state.at]
        return step, self._fields(step)

    def recap(self) -> tuple[str, ...]:
        """What has been seen so far, a line a step, and how many questions were right at once."""
        passed = [*dict.fromkeys(self.state.path), *([self.state.at] if self.state.done else [])]
        lines = []
        for id in passed:
            step = self._steps[id]
            if step.recap:
                lines.append(fill(step.recap, self._fields(step)))
        asked = [step for step in self.lesson.walk() if step.id in self.state.outcomes]
        if asked:
            right = [step for step in asked if self.state.outcomes[step.id]]
            named = f": {_listed(right)}" if right else ""
            lines.append(f"Right at the first try, without a hint, {len(right)} of {len(asked)}{named}.")
            wrong = [step for step in asked if step not in right]
            if wrong:
                lines.append(f"Worth another look: {_listed(wrong)}.")
            if self.finished:
                study = [*dict.fromkeys(step.study for step in wrong if step.study)][:MOST_TO_STUDY]
                if study:
                    lines.append(f"Ask next, in the chat: {' '.join(study)}")
        if self.finished:
            lines += self.lesson.next
        return tuple(lines) or ("Nothing yet: you are at the beginning.",)

    # --- inside ----------------------------------------------------------------------------------------------

    def _done(self, step: Step, given: str) -> None:
        self.state = replace(self.state, done=True, answers={**self.state.answers, step.id: given})

    def _settle(self, step: Step, right: bool) -> None:
        if step.id not in self.state.outcomes:
            self.state = replace(self.state, outcomes={**self.state.outcomes, step.id: right})

    def _go(self, step: str) -> None:
        self.state = replace(self.state, at=step, path=(*self.state.path, self.state.at), done=False)

    def _following(self, step: Step) -> str:
        """The step after `step`: into a detour that was wanted, out of one at its end, past what does not apply."""
        if step.kind == "detour" and self.state.done and self.state.answers.get(step.id) == "yes":
            return step.steps[0].id
        index = 0
        for place, main in enumerate(self.lesson.steps):
            inner = [one.id for one in main.steps]
            if step.id in inner:
                if step.id != inner[-1]:
                    return inner[inner.index(step.id) + 1]
                index = place
            elif main.id == step.id:
                index = place
        index += 1
        while index < len(self.lesson.steps):
            candidate = self.lesson.steps[index]
            if candidate.kind == "branch":
                taken = holds(candidate.when, self._fields(candidate))
                index = self._index(candidate.goto) if taken else index + 1
                continue
            if candidate.kind == "detour" and not holds(candidate.when, self._fields(candidate)):
                index += 1
                continue
            return candidate.id
        return ""

    def _index(self, id: str) -> int:
        return next(place for place, step in enumerate(self.lesson.steps) if step.id == id)

    def _live(self, step: Step) -> Live | None:
        if step.use is None:
            return None
        key = (step.use.experiment, self.state.sentence, repr(sorted(step.use.options.items())))
        if key not in self._results:
            self._results[key] = self._run(step.use.experiment, self.state.sentence, step.use.options)
        return Live(step.use.experiment, self.state.sentence, step.use.options, self._results[key], step.parts)

    def _fields(self, step: Step) -> dict[str, Any]:
        """What texts and conditions of this step may name."""
        fields: dict[str, Any] = {
            outcome_field(other.id): int(self.state.outcomes.get(other.id, False))
            for other in self.lesson.walk()
            if other.kind in ASKING
        }
        fields["sentence"] = self.state.sentence
        live = self._live(step)
        if live is not None:
            fields |= _plain_fields(live.result)
        for name, let in step.let.items():
            fields[name] = evaluate(let, fields) if isinstance(let, str) else picked(let, fields)
        if step.of:
            fields["predicted"] = self.state.answers.get(step.of, "")
        return fields


def _listed(steps: Sequence[Step]) -> str:
    return ", ".join(step.topic for step in steps if step.topic)


def _plain_fields(result: Any) -> dict[str, Any]:
    return {one.name: getattr(result, one.name) for one in dataclasses.fields(result)}


def picked(pick: Pick, fields: Mapping[str, Any]) -> Any:
    """The entry of a list that `pick` speaks of. Raises `AuthorError` where there is none."""
    source: Sequence[Any] = fields[pick.source]
    if pick.column:
        source = [row[pick.column - 1] for row in source]
    if pick.total:
        return sum(source)
    place = pick.at - 1
    if pick.rank:
        ranking: Sequence[Any] = fields[pick.by] if pick.by else source
        ranked = sorted(range(len(ranking)), key=ranking.__getitem__, reverse=True)
        place = pick.rank - 1 if pick.rank > 0 else len(ranked) + pick.rank
        if not 0 <= place < len(ranked):
            raise AuthorError(f"'{pick.source}' has {len(ranked)} entries and no rank {pick.rank}")
        place = ranked[place]
    if not 0 <= place < len(source):
        raise AuthorError(f"'{pick.source}' has {len(source)} entries and no entry {pick.at}")
    return source[place]
