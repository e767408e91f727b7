"""Guided lessons from disk: `lessons/course/NN-<slug>.yaml` into the typed form of `steps.py`.

Refuses what cannot be read; whether a lesson would work is the business of `lesson_linter.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tutor.curriculum.conditions import put_in
from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.loader import Complain, branches, lessons_root, load_each, show, shown_path
from tutor.curriculum.questions import condition, load_question, numeric
from tutor.curriculum.steps import ASKING, Choice, GuidedLesson, Pick, Question, Step, Wants
from tutor.curriculum.tree import Show
from tutor.errors import AuthorError, LearnerError
from tutor.experiments.changes import read_changes

COURSE = "course/*.yaml"
KINDS = ("say", "show", "predict", "observe", "check", "exercise", "do", "branch", "detour")
LESSON_KEYS = ("lesson", "title", "about", "minutes", "sentence", "steps", "next")
STEP_KEYS = (
    *("id", "kind", "say", "show", "parts", "use", "let", "narrate", "recap", "of", "right", "wrong", "concepts"),
    *("rounded", "alone", "topic", "study"),
    *("ask", "accept", "choices", "choices_from", "sorted", "answer", "shape", "answers", "fails", "tolerance"),
    *("share", "ideas", "needs"),
    *("mistakes", "hints", "solution", "smaller", "wants", "requires", "when", "goto", "steps"),
)
_NEEDED = {"observe": "of", "branch": "goto", "detour": "steps", "show": "show", "say": "say", "do": "wants"}


def load_course(root: Path | None = None, complain: Complain | None = None) -> tuple[GuidedLesson, ...]:
    """Every guided lesson under `root`, in the order of their file names.

    Raises `AuthorError`, or with `complain` hands it on and leaves that lesson out.
    """
    return tuple(load_each(root or lessons_root(), COURSE, load_lesson, complain))


def choose(lessons: Sequence[GuidedLesson], name: str, latest: str, broken: Sequence[AuthorError] = ()) -> GuidedLesson:
    """The lesson of that name or number; without one, `latest`, else the first.

    Raises `LearnerError` where there is none such, and the error of a `broken` lesson that was meant.
    """
    for error in broken:
        number, _, slug = error.file.stem.partition("-") if error.file else ("", "", "")
        if name and name in (slug, number, number.lstrip("0")):
            raise error
    if not lessons:
        raise next(iter(broken), None) or LearnerError("there is no lesson yet; ask a question instead")
    by_id = {lesson.id: lesson for lesson in lessons}
    wanted = name or latest
    if wanted in by_id:
        return by_id[wanted]
    if not name:
        return lessons[0]
    folded = name.casefold().replace(" ", "-").strip("-")
    if folded.isdecimal() and (numbered := [one for one in lessons if one.number == int(folded[:9])]):
        return numbered[0]
    for lesson in lessons:
        if folded in lesson.id or folded in lesson.title.casefold().replace(" ", "-"):
            return lesson
    near = difflib.get_close_matches(folded, by_id, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(by_id)}"
    raise LearnerError(f"there is no lesson '{name}'; {hint}")


def load_lesson(path: Path, root: Path | None = None) -> GuidedLesson:
    """One guided lesson. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root or path.parent.parent))
    held.only(LESSON_KEYS)
    number, _, slug = path.stem.partition("-")
    if not number.isdecimal() or held.text("lesson") != slug:
        raise AuthorError(
            f"{held.at('lesson')}: the file is called '{path.name}'; call it NN-{held.text('lesson')}.yaml"
        )
    lesson = GuidedLesson(
        id=slug,
        number=int(number),
        title=held.text("title"),
        about=held.text("about"),
        minutes=numeric(held, "minutes", 10),
        sentence=held.text("sentence"),
        steps=tuple(load_step(fields, inside=False) for fields in held.parts("steps")),
        next=held.texts("next"),
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


def load_step(fields: Fields, inside: bool) -> Step:
    """One step of a lesson, `inside` a detour or not. Raises `AuthorError`."""
    fields.only(STEP_KEYS)
    id, kind = fields.text("id"), fields.text("kind")
    _check_kind(fields, id, kind, inside)
    question = None
    if kind == "do":
        question = _request(fields, id)
    elif kind in ASKING:
        question = load_question(fields, id)
    elif kind == "detour":
        question = Question(fields.text("ask"), "choice", (Choice("yes", "", ""), Choice("no", "", "")))
    let = {name: _let(fields, name) for name in fields.part("let") or ()}
    if question:
        question = replace(question, worked=put_in(question.answer, let))
    return Step(
        id=id,
        kind=kind,
        where=fields.where,
        places={key: fields.at(key) for key in fields},
        say=fields.texts("say"),
        use=show(fields, "show") or show(fields, "use"),
        shown="show" in fields,
        parts=_parts(fields),
        rounded={name: _digits(fields, name) for name in fields.part("rounded") or ()},
        let=let,
        narrate=branches(fields),
        recap=fields.text("recap", ""),
        of=fields.text("of", ""),
        right=fields.texts("right"),
        wrong=fields.texts("wrong"),
        question=question,
        concepts=fields.texts("concepts"),
        alone=fields.texts("alone"),
        topic=fields.text("topic", ""),
        study=fields.text("study", ""),
        when=condition(fields, "when"),
        goto=fields.text("goto", ""),
        steps=tuple(load_step(part, inside=True) for part in fields.parts("steps")),
    )


def _check_kind(fields: Fields, id: str, kind: str, inside: bool) -> None:
    if kind not in KINDS:
        raise AuthorError(f"{fields.at('kind')} (step {id}): unknown kind '{kind}'; one of {', '.join(KINDS)}")
    if inside and kind in ("detour", "branch"):
        raise AuthorError(f"{fields.at('kind')} (step {id}): a detour holds no {kind}; put it on the main way")
    if "show" in fields and "use" in fields:
        raise AuthorError(f"{fields.at('use')} (step {id}): both 'show' and 'use'; keep one")
    if "wants" in fields and kind != "do":
        raise AuthorError(f"{fields.at('wants')} (step {id}): only a step of kind do has 'wants'; take it out")
    if "show" in fields and kind in ASKING:
        raise AuthorError(f"{fields.at('show')} (step {id}): the picture would give the answer away; write 'use:'")
    needed = _NEEDED.get(kind, "")
    if needed and not fields.get(needed):
        raise AuthorError(f"{fields.where} (step {id}): a step of kind {kind} needs '{needed}'; add it")


def _request(fields: Fields, id: str) -> Question:
    """What a step of kind do asks for: `wants` is 'off' with short forms of changes, or 'show'."""
    part = fields.part("wants") or Fields(fields.file, fields.line)
    part.only(("off", "show"))
    if ("off" in part) == ("show" in part):
        raise AuthorError(f"{fields.at('wants')} (step {id}): 'wants' has one of 'off:' and 'show:'; keep one")
    try:
        changes = tuple(change.short for text in part.texts("off") for change in read_changes(text))
    except LearnerError as error:
        raise AuthorError(f"{part.at('off')} (step {id}): {error}") from error
    wants = Wants(shows=_shows(part)) if "show" in part else Wants(changes)
    return Question(
        fields.text("ask"), "request", wants=wants, hints=fields.texts("hints"), solution=fields.texts("solution")
    )


def _shows(part: Fields) -> tuple[Show, ...]:
    """One picture or several, any of which will do."""
    held = part["show"]
    each = held if isinstance(held, list) else [held]
    found = []
    for one in each:
        alone = Fields(part.file, part.line)
        alone["show"] = one
        found += [shown for shown in [show(alone)] if shown]
    return tuple(found)


def _parts(fields: Fields) -> tuple[int, ...]:
    parts = fields.get("parts", [])
    if not isinstance(parts, list) or not all(type(part) is int and part > 0 for part in parts):
        raise AuthorError(f"{fields.at('parts')}: 'parts' takes whole numbers from 1, as in [1, 3]")
    if parts and "show" not in fields:
        raise AuthorError(f"{fields.at('parts')}: 'parts' of which picture? add 'show:'")
    return tuple(parts)


def _digits(fields: Fields, name: str) -> int:
    digits = numeric(fields["rounded"], name, 0)
    if not 0 <= digits <= 9:
        raise AuthorError(f"{fields.at('rounded')}: '{name}' takes a number of digits, 0 to 9, not '{digits}'")
    return digits


def _let(fields: Fields, name: str) -> Pick | str:
    held = fields["let"]
    part = held[name]
    if not isinstance(part, Fields):
        return condition(held, name)
    part.only(("from", "by", "rank", "at", "column", "each", "total", "count", "softmax"))
    pick = Pick(
        source=part.text("from"),
        by=part.text("by", ""),
        rank=numeric(part, "rank", 0),
        at=numeric(part, "at", 0),
        column=numeric(part, "column", 0),
        each=part.text("each", ""),
        total=part.get("total") is True,
        count=part.get("count") is True,
        softmax=part.get("softmax") is True,
    )
    wanted = sum((pick.rank != 0, pick.at != 0, pick.total, pick.count))
    if wanted > 1 or not (wanted or pick.each):
        raise AuthorError(f"{part.where}: '{name}' needs exactly one of rank, at, total, count; keep one")
    return pick
