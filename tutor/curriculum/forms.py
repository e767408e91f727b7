"""The tests before and after the course: two parallel forms, `lessons/forms/<name>.yaml`, of questions no lesson uses.

A form is read as a lesson whose steps are its items, so that the same engine asks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tutor.curriculum.course import load_step
from tutor.curriculum.document import read_document
from tutor.curriculum.lesson_linter import check_lesson
from tutor.curriculum.loader import lessons_root, load_each, shown_path
from tutor.curriculum.problem import Problem
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.curriculum.words import folded
from tutor.errors import AuthorError

FORMS = "forms/*.yaml"
PRETEST, POSTTEST = "pretest", "posttest"
ITEMS = 20


def load_form(name: str, root: Path | None = None) -> GuidedLesson:
    """One form. Raises `AuthorError`."""
    root = root or lessons_root()
    return read_form(root / "forms" / f"{name}.yaml", root)


def read_form(path: Path, root: Path) -> GuidedLesson:
    """The form in a file. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    held.only(("form", "title", "items"))
    items = list(held.parts("items"))
    for fields in items:
        fields.setdefault("kind", "check")
    steps = tuple(load_step(fields, inside=False) for fields in items)
    if held.text("form") != path.stem or not steps:
        raise AuthorError(f"{held.where}: the form in '{path.name}' is called '{path.stem}' and has items; mend it")
    return GuidedLesson(path.stem, held.text("title"), "", len(steps), "", steps, ())


def check_forms(
    root: Path, course: Sequence[GuidedLesson], complain: Callable[[AuthorError], None]
) -> Iterator[Problem]:
    """What makes the forms unlike each other, or unfit for a test."""
    forms = list(load_each(root, FORMS, read_form, complain))
    asked = {folded(step.question.ask) for lesson in course for step in lesson.walk() if step.question}
    taught = {concept for lesson in course for step in lesson.walk() for concept in step.concepts}
    for form in forms:
        # Hints, solutions and topics are for those who learn from a question.
        yield from (found for found in check_lesson(form, taught) if found.code != "L014")
        if len(form.steps) != ITEMS:
            yield _problem(form.steps[0], f"{len(form.steps)} items", f"a form has {ITEMS}")
        for item in form.steps:
            if item.question and folded(item.question.ask) in asked:
                yield _problem(item, "a lesson asks the same", "ask something else")
            if not item.concepts:
                yield _problem(item, "no concept", "add 'concepts:'")
    for one, other in pairwise(forms):
        yield from _apart(one, other)


def _apart(one: GuidedLesson, other: GuidedLesson) -> Iterator[Problem]:
    """Items that are not of a kind."""
    for item, twin in zip(one.steps, other.steps, strict=False):
        if _kind(item) != _kind(twin):
            yield _problem(item, f"'{item.id}' and '{twin.id}' of {other.id} differ in kind", "make them alike")
        elif item.question and twin.question and folded(item.question.ask) == folded(twin.question.ask):
            yield _problem(item, f"{other.id} asks the same", "ask it of another case")


def _kind(item: Step) -> tuple[object, ...]:
    question = item.question
    return item.id, item.concepts, question and question.accept, question and len(question.choices)


def _problem(item: Step, message: str, fix: str) -> Problem:
    return Problem(item.where, "L025", f"({item.id}) {message}", fix)
