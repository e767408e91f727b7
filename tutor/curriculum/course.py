"""A guided lesson: steps that say, show, ask for a prediction, check, set an exercise, branch and step aside.

The typed form of `lessons/course/NN-<slug>.yaml`, and its loading. Frozen dataclasses; no torch, no rich.

    load_course(root)          every lesson, in order
    load_lesson(path, root)    one lesson; raises `AuthorError` with file and line
    problems(lesson)           what can be read and still would not work: (where, what, fix)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutor.curriculum.conditions import names_in, parse
from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.loader import branches, lessons_root, show, shown_path
from tutor.curriculum.narration import fill
from tutor.curriculum.tree import Branch, Show
from tutor.errors import AuthorError, LearnerError

KINDS = ("say", "show", "predict", "observe", "check", "exercise", "branch", "detour")
ASKING = ("predict", "check", "exercise")
ACCEPTS = ("choice", "number", "word", "free", "sentence")
GIVEN = "given"
"""What the learner answered, in the conditions of a question's mistakes."""
PREDICTED = "predicted"
"""What the learner predicted, in the texts of the step that settles it."""

LESSON_KEYS = ("lesson", "title", "about", "minutes", "sentence", "steps", "next")
STEP_KEYS = (
    *("id", "kind", "say", "show", "parts", "use", "let", "narrate", "recap", "of", "right", "wrong", "concepts"),
    *("topic", "study"),
    *("ask", "accept", "choices", "choices_from", "answer", "answers", "tolerance", "share", "ideas", "needs"),
    *("mistakes", "hints", "solution", "requires", "when", "goto", "steps"),
)


@dataclass(frozen=True)
class Pick:
    """One entry of a list in a result: the `rank`-th largest by another list, the `at`-th, or the sum of all."""

    source: str
    """The list field that the entry is taken from."""
    by: str = ""
    """The list field that is ranked; empty: `source` itself."""
    rank: int = 0
    """1 for the largest, 2 for the next, -1 for the smallest."""
    at: int = 0
    """Counted from 1."""
    column: int = 0
    """Where `source` is a table: the column, counted from 1."""
    total: bool = False


@dataclass(frozen=True)
class Choice:
    """One thing to choose; right when its condition holds."""

    say: str
    when: str
    reply: str
    """Said when it is chosen and wrong."""


@dataclass(frozen=True)
class Mistake:
    """A way of going wrong, recognised by computing it."""

    value: str
    """An expression over the result's fields whose value the learner gave."""
    when: str
    """Or a condition, which may speak of `given`."""
    say: str


@dataclass(frozen=True)
class Idea:
    """A thought that an explanation in one's own words should hold, in any of these forms."""

    forms: tuple[str, ...]
    """Beginnings of words, or phrases: 'weigh' finds 'weights' and 'weighted'."""
    missing: str
    """What to ask where it is not there."""


@dataclass(frozen=True)
class Question:
    """What a step asks and how an answer is graded."""

    ask: str
    accept: str
    """choice, number, word, free or sentence."""
    choices: tuple[Choice, ...] = ()
    choices_from: str = ""
    """A list of tokens in the result to choose among; where there are many, picked by `choices_by`."""
    choices_by: str = ""
    answer: str = ""
    """An expression over the result's fields."""
    answers: tuple[str, ...] = ()
    """Right forms of a word; for free text model answers, the first of which is shown afterwards."""
    tolerance: float = 0.0
    share: bool = False
    """A number between 0 and 1, so that 49 may stand for 49 %."""
    ideas: tuple[Idea, ...] = ()
    needs: int = 0
    """How many of the ideas are enough."""
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    solution: tuple[str, ...] = ()
    requires: tuple[Branch, ...] = ()
    """For a sentence: each condition on its tokens must hold, or its text is said."""


@dataclass(frozen=True)
class Step:
    """One step. Which fields count depends on `kind`."""

    id: str
    kind: str
    where: str
    say: tuple[str, ...] = ()
    use: Show | None = None
    """The experiment whose fields the texts and answers speak of."""
    shown: bool = False
    """Whether its picture is on the screen; never before the answer."""
    parts: tuple[int, ...] = ()
    """Which parts of the picture, counted from 1 and told apart by empty lines; all of it where none is named."""
    let: Mapping[str, Pick | str] = field(default_factory=dict)
    narrate: tuple[Branch, ...] = ()
    recap: str = ""
    of: str = ""
    """observe: the prediction that it settles."""
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    question: Question | None = None
    concepts: tuple[str, ...] = ()
    topic: str = ""
    """What was asked, in two or three words for the recap."""
    study: str = ""
    """A question for the chat, for those who got it wrong."""
    when: str = ""
    """branch, detour: taken when it holds; speaks of `<step>_right`, 1 for right at the first try without a hint."""
    goto: str = ""
    steps: tuple[Step, ...] = ()
    """detour: what happens aside; afterwards the lesson goes on where it was left."""


@dataclass(frozen=True)
class GuidedLesson:
    """One file of the course."""

    id: str
    number: int
    title: str
    about: str
    minutes: int
    sentence: str
    """Used until the learner types another."""
    steps: tuple[Step, ...]
    next: tuple[str, ...]
    """What to try afterwards."""
    where: str

    def walk(self) -> Iterator[Step]:
        """Every step, those of detours included."""
        for step in self.steps:
            yield step
            yield from step.steps

    @property
    def total(self) -> int:
        """How many screens there are on the main way."""
        return sum(step.kind not in ("branch", "detour") for step in self.steps)


# --- loading -------------------------------------------------------------------------------------------------


def load_course(root: Path | None = None) -> tuple[GuidedLesson, ...]:
    """Every guided lesson under `root`, in the order of their file names. Raises `AuthorError`."""
    root = root or lessons_root()
    return tuple(load_lesson(path, root) for path in sorted((root / "course").glob("*.yaml")))


def load_lesson(path: Path, root: Path | None = None) -> GuidedLesson:
    """One guided lesson. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root or path.parent.parent))
    held.only(LESSON_KEYS)
    number, _, slug = path.stem.partition("-")
    if not number.isdigit() or held.text("lesson") != slug:
        raise AuthorError(
            f"{held.at('lesson')}: the file is called '{path.name}'; call it NN-{held.text('lesson')}.yaml"
        )
    lesson = GuidedLesson(
        id=slug,
        number=int(number),
        title=held.text("title"),
        about=held.text("about"),
        minutes=_whole(held, "minutes", 10),
        sentence=held.text("sentence"),
        steps=tuple(_step(fields, inside=False) for fields in held.parts("steps")),
        next=held.texts("next"),
        where=held.where,
    )
    if not lesson.steps:
        raise AuthorError(f"{held.where}: 'steps' is missing; a lesson needs at least one")
    _check_ids(lesson)
    return lesson


def _check_ids(lesson: GuidedLesson) -> None:
    seen: set[str] = set()
    predictions: set[str] = set()
    for step in lesson.walk():
        if step.id in seen:
            raise AuthorError(f"{step.where} (step {step.id}): this id stands here twice; choose another")
        if step.of and step.of not in predictions:
            raise AuthorError(f"{step.where} (step {step.id}): no earlier prediction '{step.of}'; check the id")
        seen.add(step.id)
        if step.kind == "predict":
            predictions.add(step.id)
    order = [step.id for step in lesson.steps]
    for place, step in enumerate(lesson.steps):
        if step.goto and step.goto not in order[place + 1 :]:
            raise AuthorError(f"{step.where} (step {step.id}): no later step '{step.goto}'; a branch leads forward")


_WANTED = {"observe": "of", "branch": "goto", "detour": "steps", "show": "show", "say": "say"}


def _step(fields: Fields, inside: bool) -> Step:
    fields.only(STEP_KEYS)
    id, kind = fields.text("id"), fields.text("kind")
    if kind not in KINDS:
        raise AuthorError(f"{fields.at('kind')} (step {id}): unknown kind '{kind}'; one of {', '.join(KINDS)}")
    if inside and kind in ("detour", "branch"):
        raise AuthorError(f"{fields.at('kind')} (step {id}): a detour holds no {kind}; put it on the main way")
    if "show" in fields and "use" in fields:
        raise AuthorError(f"{fields.at('use')} (step {id}): both 'show' and 'use'; keep one")
    if "show" in fields and kind in ASKING:
        raise AuthorError(f"{fields.at('show')} (step {id}): the picture would give the answer away; write 'use:'")
    wanted = _WANTED.get(kind, "")
    if wanted and wanted not in fields:
        raise AuthorError(f"{fields.where} (step {id}): a step of kind {kind} needs '{wanted}'; add it")
    used = Fields(fields.file, fields.line)
    if "show" in fields or "use" in fields:
        used["show"] = fields["show"] if "show" in fields else fields["use"]
    question = None
    if kind in ASKING:
        question = _question(fields, id)
    elif kind == "detour":
        question = Question(fields.text("ask"), "choice", (Choice("yes", "", ""), Choice("no", "", "")))
    return Step(
        id=id,
        kind=kind,
        where=fields.where,
        say=fields.texts("say"),
        use=show(used),
        shown="show" in fields,
        parts=_parts(fields),
        let=_lets(fields),
        narrate=branches(fields),
        recap=fields.text("recap", ""),
        of=fields.text("of", ""),
        right=fields.texts("right"),
        wrong=fields.texts("wrong"),
        question=question,
        concepts=fields.texts("concepts"),
        topic=fields.text("topic", ""),
        study=fields.text("study", ""),
        when=_condition(fields, "when"),
        goto=fields.text("goto", ""),
        steps=tuple(_step(part, inside=True) for part in fields.parts("steps")),
    )


def _question(fields: Fields, id: str) -> Question:
    accept = fields.text("accept")
    if accept not in ACCEPTS:
        raise AuthorError(f"{fields.at('accept')} (step {id}): unknown '{accept}'; one of {', '.join(ACCEPTS)}")
    choices, mistakes, ideas, requires = [], [], [], []
    for part in fields.parts("choices"):
        part.only(("say", "when", "reply"))
        choices.append(Choice(part.text("say"), _condition(part, "when"), part.text("reply", "")))
    for part in fields.parts("mistakes"):
        part.only(("value", "when", "say"))
        if ("value" in part) == ("when" in part):
            raise AuthorError(f"{part.where} (step {id}): a mistake has either 'value:' or 'when:'; keep one")
        mistakes.append(Mistake(_condition(part, "value"), _condition(part, "when"), part.text("say")))
    for part in fields.parts("ideas"):
        part.only(("forms", "missing"))
        ideas.append(Idea(part.texts("forms"), part.text("missing")))
    for part in fields.parts("requires"):
        part.only(("when", "say"))
        requires.append(Branch(_condition(part, "when"), part.text("say")))
    source = fields.part("choices_from")
    if source is not None:
        source.only(("from", "by"))
    question = Question(
        ask=fields.text("ask"),
        accept=accept,
        choices=tuple(choices),
        choices_from=source.text("from") if source is not None else "",
        choices_by=source.text("by") if source is not None else "",
        answer=_condition(fields, "answer"),
        answers=fields.texts("answers"),
        tolerance=_number(fields, "tolerance"),
        share=fields.get("share") is True,
        ideas=tuple(ideas),
        needs=_whole(fields, "needs", len(ideas)),
        mistakes=tuple(mistakes),
        hints=fields.texts("hints"),
        solution=fields.texts("solution"),
        requires=tuple(requires),
    )
    missing = {
        "choice": not (choices or question.choices_from) and "choices",
        "number": not question.answer and "answer",
        "word": not (question.answer or question.answers) and "answers",
        "free": not (ideas and question.answers) and "ideas' and 'answers",
        "sentence": False,
    }[accept]
    if question.choices_from and not question.answer:
        missing = "answer"
    if missing:
        raise AuthorError(f"{fields.where} (step {id}): an answer of kind {accept} needs '{missing}'; add it")
    return question


def _condition(fields: Fields, key: str) -> str:
    text = fields.text(key, "")
    if text:
        try:
            parse(text)
        except AuthorError as error:
            raise AuthorError(f"{fields.at(key)}: {error}") from error
    return text


def _whole(fields: Fields, key: str, default: int) -> int:
    value = fields.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise AuthorError(f"{fields.at(key)}: '{key}' takes a whole number, not '{value}'")
    return value


def _number(fields: Fields, key: str) -> float:
    value = fields.get(key, 0.0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise AuthorError(f"{fields.at(key)}: '{key}' takes a number, not '{value}'")
    return float(value)


def _parts(fields: Fields) -> tuple[int, ...]:
    parts = fields.get("parts", [])
    if not isinstance(parts, list) or not all(type(part) is int and part > 0 for part in parts):
        raise AuthorError(f"{fields.at('parts')}: 'parts' takes whole numbers from 1, as in [1, 3]")
    if parts and "show" not in fields:
        raise AuthorError(f"{fields.at('parts')}: 'parts' of which picture? add 'show:'")
    return tuple(parts)


def _lets(fields: Fields) -> dict[str, Pick | str]:
    held = fields.part("let") or Fields(fields.file, fields.line)
    lets: dict[str, Pick | str] = {}
    for name, part in held.items():
        if not isinstance(part, Fields):
            lets[name] = _condition(held, name)
            continue
        part.only(("from", "by", "rank", "at", "column", "total"))
        lets[name] = pick = Pick(
            source=part.text("from"),
            by=part.text("by", ""),
            rank=_whole(part, "rank", 0),
            at=_whole(part, "at", 0),
            column=_whole(part, "column", 0),
            total=part.get("total") is True,
        )
        if sum((pick.rank != 0, pick.at != 0, pick.total)) != 1:
            raise AuthorError(f"{part.where}: '{name}' needs exactly one of rank, at, total; keep one")
    return lets


# --- what can be read and still would not work ---------------------------------------------------------------

Complaint = tuple[str, str, str]
"""('file:line', what is wrong, what to do)."""


def outcome_field(step: str) -> str:
    """How conditions name the outcome of a step: 'scale-it' -> 'scale_it_right'."""
    return step.replace("-", "_") + "_right"


def problems(lesson: GuidedLesson) -> Iterator[Complaint]:
    """What would go wrong when this lesson is taken, as far as it shows without a model."""
    outcomes = {outcome_field(step.id) for step in lesson.walk() if step.kind in ASKING}
    for step in lesson.walk():
        for message, fix in _step_problems(step, outcomes):
            yield step.where, f"(step {step.id}) {message}", fix


def _step_problems(step: Step, outcomes: set[str]) -> Iterator[tuple[str, str]]:
    known: dict[str, Any] = dict.fromkeys(outcomes, 1) | {"sentence": "word", GIVEN: _Anything()}
    if step.of:
        known[PREDICTED] = "word"
    if step.use:
        try:
            known |= _result_fields(step.use)
        except LearnerError as error:
            message, _, fix = str(error).partition("; ")
            yield message, fix or "see `attention-tutor show --list`"
            return
    for name, let in step.let.items():
        for used in sorted(names_in(let) if isinstance(let, str) else {let.source, let.by} - {""}):
            if used not in known:
                yield f"'{name}' is made from '{used}', which the result does not have", "check the name"
        words = isinstance(let, Pick) and isinstance(known.get(let.source), _Words)
        known[name] = "word" if words else _Numbers() if isinstance(let, Pick) else 0.5
    for text in _texts(step):
        try:
            fill(text, known)
        except AuthorError as error:
            message, _, fix = str(error).partition("; ")
            yield message, fix or "correct the text"
    for condition in _conditions(step):
        for name in sorted(names_in(condition) - known.keys()):
            yield f"'{condition}' names '{name}', which the result does not have", "check the name"
    if step.narrate and step.narrate[-1].when:
        yield "the narration has no otherwise-branch", "end it with {otherwise: true, say: ...}"
    if step.question and step.kind != "detour" and step.question.accept != "sentence":
        yield from _question_problems(step, step.question)


def _question_problems(step: Step, question: Question) -> Iterator[tuple[str, str]]:
    from tutor.curriculum.answers import folded, missing_ideas

    if step.kind != "predict":
        if not question.hints:
            yield "no hints: a learner who is stuck stays stuck", "add 'hints:'"
        if not question.solution and question.accept != "free":
            yield "no solution", "add 'solution:'"
        if not step.topic:
            yield "no topic: the recap could not name it", "add 'topic:', two or three words"
        if not step.concepts:
            yield "no concepts: the answer would count for nothing", "add 'concepts:'"
    given_away = [answer for answer in question.answers if question.accept == "word"]
    given_away += [choice.say for choice in question.choices if choice.when and step.kind == "check"]
    for hint in question.hints:
        if any(f" {folded(answer)} " in f" {folded(hint)} " for answer in given_away):
            yield f"the hint '{hint[:40]}' gives the answer away", "say less"
    for answer in question.answers if question.accept == "free" else ():
        if missing_ideas(question, answer):
            yield "the model answer fails its own check", "add its words to 'ideas:', or reword it"


def _texts(step: Step) -> Iterator[str]:
    yield from (*step.say, *step.right, *step.wrong, *(branch.say for branch in step.narrate), step.recap)
    if step.question:
        question = step.question
        yield from (question.ask, *question.hints, *question.solution)
        yield from (mistake.say for mistake in question.mistakes)
        for choice in question.choices:
            yield from (choice.say, choice.reply)


def _conditions(step: Step) -> Iterator[str]:
    held = [step.when, *(branch.when for branch in step.narrate)]
    if step.question:
        question = step.question
        held += [question.answer, *(choice.when for choice in question.choices)]
        held += [text for mistake in question.mistakes for text in (mistake.value, mistake.when)]
    yield from (condition for condition in held if condition)


class _Numbers(float):
    """Stands for a number, a row of numbers or a table of them: which of them does not show without a model."""


class _Words(str):
    """Stands for a list of words."""


class _Anything(str):
    """Stands for an answer, which may be a word or a number."""

    def __format__(self, form: str) -> str:
        return str(self)


def _result_fields(use: Show) -> dict[str, Any]:
    """Stand-ins for what a result holds. Raises `LearnerError` for an unknown experiment or option."""
    from tutor.experiments import registry
    from tutor.experiments.base import make_options

    found = registry.find(use.experiment)
    make_options(found, use.options)
    plain: dict[str, Any] = {"str": "word", "int": 2, "float": 0.5, "bool": True}
    return {
        field.name: plain.get(str(field.type), _Words() if "str" in str(field.type) else _Numbers(0.5))
        for field in dataclasses.fields(found.result)
    }
