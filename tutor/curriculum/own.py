"""Lessons of one's own, in any folder: taken beside the course, checked like it, begun from a skeleton."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tutor.curriculum.course import load_course, load_lesson
from tutor.curriculum.lesson_linter import check_lesson
from tutor.curriculum.loader import Complain, lessons_root, load_library
from tutor.curriculum.problem import Problem, near, unreadable
from tutor.curriculum.steps import GuidedLesson
from tutor.errors import AuthorError, LearnerError

FOLDER = "ATTENTION_TUTOR_LESSONS"
"""Environment variable: a folder of lessons beside the bundled ones; `--lessons` sets it."""
SKELETON = "lesson-skeleton.yaml"
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME = re.compile(r"\d+-.+\.yaml")


def whole_course(complain: Complain | None = None) -> tuple[GuidedLesson, ...]:
    """The bundled lessons, and those of one's own after them.

    Raises `LearnerError`, and `AuthorError`, or with `complain` hands that on and leaves the lesson out.
    """
    bundled = load_course(complain=complain)
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return bundled
    own = []
    for path in lesson_files(Path(folder)):
        try:
            lesson = load_lesson(path)
            if any(lesson.id == one.id for one in bundled):
                where = lesson.steps[0].where
                raise AuthorError(f"{where}: lesson '{lesson.id}' is in the course; choose another name")
            own.append(lesson)
        except AuthorError as error:
            if complain is None:
                raise
            complain(error)
    return (*bundled, *own)


def lesson_files(folder: Path) -> list[Path]:
    """The lessons of a folder, or of `course/` in it, in their order. Raises `LearnerError` where there is none."""
    if not folder.is_dir():
        raise LearnerError(f"{folder}: there is no such folder; name a folder with lessons in it")
    inside = folder / "course" if (folder / "course").is_dir() else folder
    found = sorted(path for path in inside.glob("*.yaml") if _NAME.fullmatch(path.name))
    if not found:
        raise LearnerError(f"{folder}: holds no lesson; `attention-tutor lessons new NAME` begins one (NN-name.yaml)")
    return found


def write_skeleton(slug: str, folder: Path) -> Path:
    """A new lesson, valid as it stands, numbered after those in the folder. Raises `LearnerError`."""
    if not _SLUG.fullmatch(slug):
        raise LearnerError(f"'{slug}' is no name for a lesson; use small letters, digits and hyphens, as in my-lesson")
    if not folder.is_dir():
        raise LearnerError(f"{folder}: there is no such folder; make it first, or name another")
    taken = next((lesson for lesson in load_course() if lesson.id == slug), None)
    if taken or any(path.stem.partition("-")[2] == slug for path in folder.glob("*.yaml")):
        raise LearnerError(f"there is a lesson '{slug}' already; choose another name")
    numbers = [int(path.name.partition("-")[0]) for path in folder.glob("*.yaml") if _NAME.fullmatch(path.name)]
    path = folder / f"{max(numbers, default=len(load_course())) + 1:02}-{slug}.yaml"
    title = slug.replace("-", " ").capitalize()
    skeleton = (lessons_root() / SKELETON).read_text("utf-8")
    try:
        path.write_text(skeleton.format(slug=slug, title=title, file=path.name), "utf-8")
    except OSError as error:
        raise LearnerError(f"{path}: {(error.strerror or str(error)).lower()}; name another folder") from error
    return path


def check_files(files: Sequence[Path]) -> Iterator[Problem]:
    """What is wrong with lessons outside the course, held against the concepts and answers of the program."""
    library = load_library()
    for path in files:
        try:
            lesson = load_lesson(path)
        except AuthorError as error:
            yield unreadable(error)
            continue
        yield from check_lesson(lesson, library.concepts)
        yield from check_study(lesson, [node.ask for node in library.nodes.values()])
    yield from check_numbers(files)


def check_study(lesson: GuidedLesson, asks: Sequence[str]) -> Iterator[Problem]:
    """Questions for the chat that no answer there has."""
    known = set(asks)
    for step in lesson.walk():
        if step.study and known and step.study not in known:
            where = step.places.get("study", step.where)
            yield Problem(where, "L026", f"(step {step.id}) nothing answers '{step.study}'", near(step.study, asks))


def check_numbers(files: Sequence[Path], shown: Callable[[Path], str] = str) -> Iterator[Problem]:
    """Two lessons with one number: their order would be that of their names."""
    seen: dict[str, Path] = {}
    for path in sorted(files):
        number = path.name.partition("-")[0]
        if number in seen:
            yield Problem(
                f"{shown(path)}:1", "L031", f"'{seen[number].name}' has the number {number} too", "renumber one"
            )
        seen.setdefault(number, path)
