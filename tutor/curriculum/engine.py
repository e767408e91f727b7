"""A guided lesson under way: present, wait, check. Pure: it prints nothing and saves nothing.

The whole state is a `Progress`, which `plain()` turns into JSON; results are never kept, since running the same
sentence again gives the same numbers.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.course import ASKING, GuidedLesson, Step
from tutor.curriculum.narration import fill, scalar_fields
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError, TutorError

RunExperiment = Callable[[str, str, Mapping[str, Any]], Any]
"""(experiment, sentence, options) -> the result dataclass."""


@dataclass
class Progress:
    """Where a learner is in one lesson."""

    lesson: str
    sentence: str
    step: str
    tries: int = 0
    hints: int = 0
    visited: list[str] = field(default_factory=list)
    """Ids of earlier steps, for /back and /recap."""
    answers: dict[str, str] = field(default_factory=dict)
    finished: bool = False

    def plain(self) -> dict[str, Any]:
        """JSON-ready values."""
        return dataclasses.asdict(self)

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Progress:
        """Back from `plain()`; raises `TypeError` where keys are not those of a progress."""
        return cls(**held)


@dataclass(frozen=True)
class Screen:
    """What to put before the learner."""

    step: str
    place: str
    """'Attention, by hand · 3 of 15'."""
    texts: tuple[str, ...]
    experiment: str
    """Name of the experiment shown, or empty."""
    result: Any
    narration: str
    """What the step says of the result, to be put after the picture."""
    ask: str
    choices: tuple[str, ...]
    finished: bool = False


@dataclass(frozen=True)
class Reply:
    """What comes back for an answer or a command."""

    texts: tuple[str, ...]
    right: bool | None = None
    """None where nothing was graded."""
    moved: bool = False
    """True when there is a new screen to present."""
    first_try: bool = False
    hinted: bool = False
    concepts: tuple[str, ...] = ()
    mistake: str = ""
    step: str = ""


class LessonEngine:
    """Presents the steps of one lesson and checks what the learner answers."""

    def __init__(self, lesson: GuidedLesson, run: RunExperiment, progress: Progress | None = None) -> None:
        self.lesson = lesson
        self._run = run
        self._steps = {step.id: step for step in lesson.steps}
        if progress is None or progress.step not in self._steps:  # a lesson may have changed since it was saved
            progress = Progress(lesson.id, progress.sentence if progress else lesson.sentence, lesson.steps[0].id)
        self.progress = progress

    @property
    def step(self) -> Step:
        """The step in force."""
        return self._steps[self.progress.step]

    def present(self) -> Screen:
        """The screen of the step in force."""
        step = self.step
        place = f"{self.lesson.title} · {self.lesson.steps.index(step) + 1} of {len(self.lesson.steps)}"
        if self.progress.finished:
            return Screen(step.id, place, self.recap(), "", None, "", "", (), finished=True)
        fields = self._fields(step)
        return Screen(
            step=step.id,
            place=place,
            texts=tuple(fill(text, fields) for text in step.say),
            experiment=step.show.experiment if step.show else "",
            result=self._result(step.show) if step.show else None,
            narration=next((fill(b.say, fields) for b in step.narrate if holds(b.when, fields)), ""),
            ask=fill(step.ask, fields),
            choices=self._choices(step, fields),
        )

    def answer(self, text: str) -> Reply:
        """Check an answer, or obey /hint /solution /skip /back /recap."""
        text = text.strip()
        if text.startswith("/"):
            return self._command(text[1:].casefold())
        if self.progress.finished:
            return Reply(("The lesson is finished.",))
        step = self.step
        if step.kind not in ASKING:
            self._advance()
            return Reply((), moved=True)
        if step.kind == "detour":
            return self._detour(step, text)
        if step.check == "sentence":
            return self._sentence(text)
        if not text:
            return Reply(("Type an answer, or /hint, /skip or /back.",))
        fields = self._fields(step)
        choices = self._choices(step, fields)
        chosen = _chosen(text, choices) if choices else text
        if not chosen:
            return Reply((f"Answer with one of: {', '.join(choices)}; or with its number.",))
        if step.check == "number" and not read_numbers(text):
            return Reply(("Answer with a number, such as 0.25, 25% or 1/4.",))
        return self._graded(step, chosen, fields)

    def recap(self) -> tuple[str, ...]:
        """Each question met so far with its solution."""
        told = []
        for name in dict.fromkeys(self.progress.visited):
            step = self._steps.get(name)
            if step and step.solution:
                fields = self._fields(step)
                told.append(f"{fill(step.ask, fields)} {fill(step.solution, fields)}")
        return tuple(told) or ("No question has been answered yet.",)

    # --- grading -----------------------------------------------------------------------------------------------

    def _graded(self, step: Step, text: str, fields: Mapping[str, Any]) -> Reply:
        right = is_right(step, text, fields)
        tries, hinted = self.progress.tries, self.progress.hints > 0
        graded = Reply((), right, first_try=tries == 0, hinted=hinted, concepts=step.concepts, step=step.id)
        self.progress.answers[step.id] = text
        self.progress.tries += 1
        if right or step.kind == "predict":
            told = [fill(step.right, fields) if right and step.right else "Right." if right else "Noted. Now look."]
            if (step.check == "free" or not right) and step.solution:
                told.append(fill(step.solution, fields))
            self._advance()
            return dataclasses.replace(graded, texts=tuple(told), moved=True)
        mistake = next((m for m in step.mistakes if _same(step, text, m.value, fields)), None)
        told = [fill(mistake.reply, fields) if mistake else "Not quite."]
        if self.progress.tries >= self.lesson.tries:
            told.append("Try again, or type /solution to see how it goes.")
        elif step.hints[self.progress.hints :]:
            told.append("Try again, or type /hint.")
        return dataclasses.replace(graded, texts=tuple(told), mistake=mistake.name if mistake else "")

    def _detour(self, step: Step, text: str) -> Reply:
        fields = self._fields(step)
        self._advance()
        wanted = _folded(text) in ("y", "yes", "yes please", "sure", "ok")
        return Reply(tuple(fill(t, fields) for t in step.more) if wanted else (), moved=True)

    def _sentence(self, text: str) -> Reply:
        if text:
            try:
                self._run("tokens", text, {})
            except TutorError as error:
                return Reply((str(error),))
            self.progress.sentence = text
        self._advance()
        return Reply((), moved=True)

    def _command(self, name: str) -> Reply:
        step, fields = self.step, self._fields(self.step)
        if name == "hint":
            if self.progress.hints >= len(step.hints):
                return Reply(("There are no more hints here." if step.hints else "This step has no hints.",))
            self.progress.hints += 1
            hint = fill(step.hints[self.progress.hints - 1], fields)
            return Reply((f"Hint {self.progress.hints} of {len(step.hints)}: {hint}",), hinted=True, step=step.id)
        if name == "recap":
            return Reply(self.recap())
        if name == "back":
            if not self.progress.visited:
                return Reply(("This is the first step.",))
            self.progress.step, self.progress.finished = self.progress.visited.pop(), False
            self.progress.tries = self.progress.hints = 0
            return Reply((), moved=True)
        if name in ("skip", "solution"):
            if self.progress.finished:
                return Reply(("The lesson is finished.",))
            if name == "solution" and self.progress.tries < self.lesson.tries and step.kind in ASKING:
                left = self.lesson.tries - self.progress.tries
                return Reply((f"Try {left} more time{'s' * (left > 1)} first, or /hint, or /skip.",))
            told = (fill(step.solution, fields),) if name == "solution" and step.solution else ()
            self._advance()
            return Reply(told, moved=True)
        raise LearnerError(f"there is no '/{name}' in a lesson; /hint /solution /skip /back /recap")

    # --- moving ------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        progress, names = self.progress, list(self._steps)
        progress.visited.append(progress.step)
        progress.tries = progress.hints = 0
        place = names.index(progress.step) + 1
        for _ in names:  # branches are walked through without a screen; a circle of them ends here
            if place >= len(names):
                break
            step = self._steps[names[place]]
            if step.kind != "branch":
                progress.step = step.id
                return
            place = names.index(step.goto) if holds(step.when, self._fields(step)) else place + 1
        progress.finished = True

    def _result(self, shown: Show) -> Any:
        return self._run(shown.experiment, self.progress.sentence, shown.options)

    def _fields(self, step: Step) -> dict[str, Any]:
        fields: dict[str, Any] = {"sentence": self.progress.sentence}
        for shown in (step.uses, step.show):
            if shown is not None:
                fields |= fields_of(self._result(shown))
        return fields

    def _choices(self, step: Step, fields: Mapping[str, Any]) -> tuple[str, ...]:
        if step.choices_from:
            for shown in (step.show, step.uses):
                listed = getattr(self._result(shown), step.choices_from, None) if shown else None
                if listed is not None:
                    seen: dict[str, str] = {}
                    for token in listed:
                        seen.setdefault(_folded(token), token)
                    return tuple(seen.values())
        return tuple(fill(choice, fields) for choice in step.choices)


def fields_of(result: Any) -> dict[str, Any]:
    """Scalar fields, and for each list of numbers its sum as `<name>_sum`."""
    fields = scalar_fields(result)
    for entry in dataclasses.fields(result):
        held = getattr(result, entry.name)
        if isinstance(held, tuple) and held and all(isinstance(value, int | float) for value in held):
            fields[f"{entry.name}_sum"] = sum(held)
    return fields


def is_right(step: Step, text: str, fields: Mapping[str, Any]) -> bool:
    """Whether `text` answers the step."""
    if step.check == "free":
        words = _folded(text).split()
        return all(any(w.startswith(stem) for stem in need.split("|") for w in words) for need in step.needs)
    if step.check == "number":
        return _same(step, text, step.answer, fields)
    return _folded(text) in {_folded(fill(form, fields)) for form in (step.answer, *step.accept)}


def read_numbers(text: str) -> tuple[float, float] | None:
    """The value that was typed and how coarsely it was written: '25%' -> (0.25, 0.005); '1/4', '0,25' are read too."""
    found = re.fullmatch(r"[^\d+\-−.,]*([+\-−]?[\d.,]+)\s*(?:/\s*([\d.,]+))?\s*(%|percent)?\s*\.?", text.strip())
    if not found:
        return None
    above = found[1].replace(",", ".").replace("−", "-").rstrip(".")
    try:
        value = float(above) / float((found[2] or "1").replace(",", ".").rstrip("."))
    except (ValueError, ZeroDivisionError):
        return None
    decimals = len(above.partition(".")[2])
    coarse = 0.5 * 10**-decimals if decimals >= 2 or found[3] else 0.0
    unit = 100.0 if found[3] else 1.0
    return value / unit, coarse / unit


def _same(step: Step, text: str, expression: str, fields: Mapping[str, Any]) -> bool:
    if step.check != "number":
        return _folded(text) == _folded(fill(expression, fields))
    typed = read_numbers(text)
    try:
        wanted = float(evaluate(expression, fields))
    except (TutorError, TypeError, ValueError):
        return False  # a mistake that cannot be made on this sentence, such as a division by zero
    return typed is not None and abs(typed[0] - wanted) <= max(step.tolerance * abs(wanted), typed[1]) + 1e-9


def _chosen(text: str, choices: tuple[str, ...]) -> str:
    by_words = [choice for choice in choices if _folded(choice) == _folded(text)]
    if by_words:
        return by_words[0]
    number = text.rstrip(".)")
    return choices[int(number) - 1] if number.isdecimal() and 1 <= int(number) <= len(choices) else ""


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold())) or text.strip()
